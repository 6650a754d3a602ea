#include <stdio.h>

#include "ws_support.h"

static struct hello hello;

static int
fresh(void **state)
{
	(void)state;
	hello_clear(&hello);
	hello_init(&hello);
	return 0;
}

static int64_t
meeting_of(const char *base, const char *path)
{
	fresh(NULL);
	hello_path(&hello, base, path);
	return hello.meeting_id;
}

static void
the_path_names_the_meeting_with_and_without_its_slash(void **state)
{
	(void)state;
	assert_int_equal(meeting_of("", "/ws/meeting/7/"), 7);
	assert_int_equal(meeting_of("", "/ws/meeting/7"), 7);
	assert_int_equal(meeting_of("/unio", "/unio/ws/meeting/12/"), 12);
}

static void
any_other_path_names_no_meeting(void **state)
{
	static const char *const paths[] = {
		"", "/", "/ws", "/ws/meeting", "/ws/meeting/", "/ws/meeting//", "/ws/meeting/0/", "/ws/meeting/-1/",
		"/ws/meeting/1/x", "/ws/meeting/1//", "/ws/meeting/01/", "/ws/meeting/+1/", "/ws/meeting/ 1/",
		"/ws/meeting/a/",
		"/ws/meeting/99999999999999999999/", "/x/ws/meeting/1/",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNTOF(paths); i++)
		assert_int_equal(meeting_of("", paths[i]), 0);
	assert_int_equal(meeting_of("/unio", "/ws/meeting/1/"), 0);
}

static void
the_subprotocols_carry_the_version_a_ticket_and_a_resumption(void **state)
{
	(void)state;
	hello_protocols(&hello, "chat, unio.v1 ,unio.ticket.abc-_1");
	assert_true(hello.v1);
	assert_false(hello.resume);
	assert_true(hello.ticket);
	assert_string_equal(hello.credential, "abc-_1");
	fresh(state);
	hello_protocols(&hello, "unio.resume.xyz");
	assert_true(hello.resume);
	assert_false(hello.v1);
	assert_null(hello.credential);
}

static void
a_bearer_token_is_taken_and_another_scheme_is_not(void **state)
{
	(void)state;
	hello_authorization(&hello, "Basic YTpi");
	assert_null(hello.credential);
	hello_authorization(&hello, "bearer  tok ");
	assert_string_equal(hello.credential, "tok");
	assert_false(hello.ticket);
}

static void
the_first_credential_in_the_contracts_order_wins(void **state)
{
	(void)state;
	hello_argument(&hello, "token=query", true);
	assert_string_equal(hello.credential, "query");
	hello_argument(&hello, "token=second", true);
	assert_string_equal(hello.credential, "query");
	hello_argument(&hello, "ticket=qt", true);
	assert_string_equal(hello.credential, "qt");
	assert_true(hello.ticket);
	hello_authorization(&hello, "Bearer header");
	assert_string_equal(hello.credential, "header");
	assert_false(hello.ticket);
	hello_protocols(&hello, "unio.v1, unio.ticket.t");
	assert_string_equal(hello.credential, "t");
	hello_authorization(&hello, "Bearer late");
	assert_string_equal(hello.credential, "t");
}

static void
a_token_in_the_query_can_be_turned_off(void **state)
{
	(void)state;
	hello_argument(&hello, "token=x", false);
	assert_null(hello.credential);
	hello_argument(&hello, "token", true);
	assert_null(hello.credential);
	hello_argument(&hello, "token=", true);
	assert_string_equal(hello.credential, "");
}

static void
the_query_carries_what_the_client_remembers(void **state)
{
	(void)state;
	hello_argument(&hello, "client_id=tab-1_A", true);
	hello_argument(&hello, "last_event_id=17", true);
	hello_argument(&hello, "epoch=abc", true);
	hello_argument(&hello, "other=1", true);
	assert_string_equal(hello.client_id, "tab-1_A");
	assert_int_equal(hello.last_event_id, 17);
	assert_string_equal(hello.epoch, "abc");
}

static void
a_client_id_or_event_id_that_breaks_the_rules_is_as_none(void **state)
{
	static const char *const ids[] = { "client_id=", "client_id=a b", "client_id=\xc3\xa9", "client_id=a\"b",
		"client_id=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" };
	static const char *const events[] = { "last_event_id=", "last_event_id=-1", "last_event_id=1x",
		"last_event_id=99999999999999999999" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNTOF(ids); i++) {
		hello_argument(&hello, ids[i], true);
		assert_string_equal(hello.client_id, "");
	}
	for (i = 0; i < COUNTOF(events); i++) {
		hello_argument(&hello, events[i], true);
		assert_int_equal(hello.last_event_id, -1);
	}
}

static bool
frame(const char *text)
{
	return hello_frame(&hello, text, strlen(text));
}

static void
an_auth_frame_brings_a_token_and_the_rest(void **state)
{
	(void)state;
	assert_true(frame("{\"type\":\"auth\",\"token\":\"t\\u006fk\",\"client_id\":\"me\","
	    "\"last_event_id\":5,\"epoch\":\"e\"}"));
	assert_string_equal(hello.credential, "tok");
	assert_false(hello.ticket);
	assert_string_equal(hello.client_id, "me");
	assert_int_equal(hello.last_event_id, 5);
	assert_string_equal(hello.epoch, "e");
}

static void
an_auth_frame_may_bring_a_ticket(void **state)
{
	(void)state;
	assert_true(frame("{\"type\":\"auth\",\"token\":\"x\",\"ticket\":\"t\"}"));
	assert_true(hello.ticket);
	assert_string_equal(hello.credential, "t");
}

#define TOKEN	"ABCDEFGHIJKLMNOPQRSTUV"

static void
a_resume_frame_brings_its_token_and_number(void **state)
{
	(void)state;
	assert_true(frame("{\"type\":\"resume\",\"resume_token\":\"" TOKEN "\",\"seq\":12,\"last_event_id\":3}"));
	assert_true(hello.resume);
	assert_string_equal(hello.resume_token, TOKEN);
	assert_int_equal(hello.seq, 12);
	assert_int_equal(hello.last_event_id, 3);
	assert_null(hello.credential);
}

static void
a_resume_frame_may_bring_a_credential_for_afterwards(void **state)
{
	(void)state;
	assert_true(frame("{\"type\":\"resume\",\"resume_token\":\"" TOKEN "\",\"seq\":1,\"token\":\"t\"}"));
	assert_true(hello.resume);
	assert_string_equal(hello.credential, "t");
}

static void
a_resume_token_that_cannot_be_ours_is_nobodys(void **state)
{
	static const char *const tokens[] = { "", "x", TOKEN "W", "\\u0000", TOKEN TOKEN TOKEN };
	char	text[256];
	size_t	i;

	for (i = 0; i < COUNTOF(tokens); i++) {
		fresh(state);
		snprintf(text, sizeof(text), "{\"type\":\"resume\",\"resume_token\":\"%s\",\"seq\":1}", tokens[i]);
		assert_true(frame(text));
		assert_true(hello.resume);
		assert_string_equal(hello.resume_token, "");
	}
	fresh(state);
	assert_false(frame("{\"type\":\"resume\",\"seq\":1}"));
	assert_false(frame("{\"type\":\"resume\",\"resume_token\":5,\"seq\":1}"));
}

static void
a_number_that_is_none_is_as_not_named(void **state)
{
	static const char *const numbers[] = { "null", "\"1\"", "-1", "1.5", "1e3", "9223372036854775808", "{}" };
	static const char	 form[] = "{\"type\":\"resume\",\"resume_token\":\"" TOKEN "\",\"seq\":%s}";
	char			 text[256];
	size_t			 i;

	for (i = 0; i < COUNTOF(numbers); i++) {
		fresh(state);
		snprintf(text, sizeof(text), form, numbers[i]);
		assert_true(frame(text));
		assert_int_equal(hello.seq, -1);
	}
	hello_argument(&hello, "seq=x", true);
	assert_int_equal(hello.seq, -1);
	hello_argument(&hello, "seq=7", true);
	assert_int_equal(hello.seq, 7);
}

static void
a_resumption_that_failed_is_not_tried_again(void **state)
{
	(void)state;
	hello.resumed = true;
	assert_false(frame("{\"type\":\"resume\",\"resume_token\":\"" TOKEN "\",\"seq\":1}"));
	assert_true(frame("{\"type\":\"auth\",\"token\":\"t\"}"));
}

static void
anything_else_is_a_wrong_first_frame(void **state)
{
	static const char *const frames[] = {
		"", "x", "[]", "{}", "{\"type\":\"ping\"}", "{\"type\":1}", "{\"type\":\"auth\"}",
		"{\"type\":\"auth\",\"token\":1}", "{\"type\":\"auth\",\"token\":null}",
		"{\"type\":\"auth\",\"token\":\"a\\u0000b\"}",
		"{\"type\":\"auth\",\"token\":\"a\",\"token\":\"b\"}", "{\"type\":\"authentication\",\"token\":\"a\"}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNTOF(frames); i++)
		assert_false(frame(frames[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_path_names_the_meeting_with_and_without_its_slash, fresh, fresh),
		cmocka_unit_test_setup_teardown(any_other_path_names_no_meeting, fresh, fresh),
		cmocka_unit_test_setup_teardown(the_subprotocols_carry_the_version_a_ticket_and_a_resumption,
		    fresh, fresh),
		cmocka_unit_test_setup_teardown(a_bearer_token_is_taken_and_another_scheme_is_not, fresh, fresh),
		cmocka_unit_test_setup_teardown(the_first_credential_in_the_contracts_order_wins, fresh, fresh),
		cmocka_unit_test_setup_teardown(a_token_in_the_query_can_be_turned_off, fresh, fresh),
		cmocka_unit_test_setup_teardown(the_query_carries_what_the_client_remembers, fresh, fresh),
		cmocka_unit_test_setup_teardown(a_client_id_or_event_id_that_breaks_the_rules_is_as_none, fresh, fresh),
		cmocka_unit_test_setup_teardown(an_auth_frame_brings_a_token_and_the_rest, fresh, fresh),
		cmocka_unit_test_setup_teardown(an_auth_frame_may_bring_a_ticket, fresh, fresh),
		cmocka_unit_test_setup_teardown(a_resume_frame_brings_its_token_and_number, fresh, fresh),
		cmocka_unit_test_setup_teardown(a_resume_frame_may_bring_a_credential_for_afterwards,
		    fresh, fresh),
		cmocka_unit_test_setup_teardown(a_resume_token_that_cannot_be_ours_is_nobodys, fresh, fresh),
		cmocka_unit_test_setup_teardown(a_number_that_is_none_is_as_not_named, fresh, fresh),
		cmocka_unit_test_setup_teardown(a_resumption_that_failed_is_not_tried_again, fresh, fresh),
		cmocka_unit_test_setup_teardown(anything_else_is_a_wrong_first_frame, fresh, fresh),
	};

	return cmocka_run_group_tests_name("hello", tests, NULL, NULL);
}
