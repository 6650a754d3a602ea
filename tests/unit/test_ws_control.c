#include <stdio.h>

#include "../../ws-daemon/control.h"
#include "ws_support.h"

static void
note_drain(void *arg)
{
	hub_drain(arg, CLOSING_DRAINING);
}

static bool
refuse_reload(void *arg, char *error_r, size_t error_size)
{
	const struct hub *hub = arg;

	str_copy(error_r, error_size, "line 3 is wrong");
	return hub->draining;
}

static void
ask(struct hub *hub, const char *line, const char *wanted)
{
	const struct control_host	host = { .hub = hub, .arg = hub, .drain = note_drain, .reload = refuse_reload };
	struct buf			out = { .data = NULL };

	control_answer(&host, line, strlen(line), &out);
	assert_string_equal(out.data, wanted);
	buf_free(&out);
}

static void
readiness_is_told_with_numbers(void **state)
{
	struct hub *hub = *state;

	ask(hub, "{\"cmd\":\"ready\"}", "{\"ok\":true,\"sessions\":0,\"rooms\":0,\"event_id\":10}");
	support_enter(hub, 1, 1);
	support_enter(hub, 1, 2);
	ask(hub, "{\"cmd\":\"ready\"}", "{\"ok\":true,\"sessions\":2,\"rooms\":1,\"event_id\":10}");
	hub_drain(hub, CLOSING_RESTARTING);
	ask(hub, "{\"cmd\":\"ready\"}", "{\"ok\":false,\"error\":\"no such command, or a wrong argument\"}");
}

/* As the sessions themselves say; kept as counters, so that nobody has to ask them all. */
static void
who_is_in_a_call_and_who_is_lost_is_counted(void **state)
{
	static const char	join[] = "{\"type\":\"join-call\"}";
	struct hub		*hub = *state;
	struct conn		*a = support_enter_as(hub, 1, 1, true), *b = support_enter_as(hub, 1, 2, true);
	struct job		*job;

	calls_started(hub, 1, 7, WALL_US);
	support_say(hub, a, join);
	support_say(hub, a, join);
	support_say(hub, b, join);
	assert_int_equal(hub->in_call, 2);
	support_forget(hub, a);
	support_forget(hub, b);
	hub_lost(hub, &a);
	hub_lost(hub, &b);
	assert_int_equal(hub->detached, 2);
	assert_int_equal(hub->in_call, 2);
	calls_ended(hub, 1, 7);
	assert_int_equal(hub->in_call, 0);
	support_pass(hub, support_conf.resume_ttl + US_PER_S);
	assert_int_equal(hub->sessions, 0);
	assert_int_equal(hub->detached, 0);

	while ((job = hub_next_job(hub)) != NULL)
		job_free(&job);
	a = support_enter_as(hub, 2, 1, true);
	support_say(hub, a, join);
	hub_leave(hub, a, CLOSING_CLIENT);
	assert_int_equal(hub->in_call, 0);
	assert_int_equal(hub->people.sessions, 0);
}

static void
presence_names_everybody_in_the_room(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_enter(hub, 1, 1);
	char		 text[512];

	support_say(hub, conn, "{\"type\":\"state\",\"state\":{\"m\":1}}");
	snprintf(text, sizeof(text),
	    "{\"ok\":true,\"sessions\":[{\"session_id\":\"%s\",\"user_id\":1,\"email\":\"u1@x.org\","
	    "\"full_name\":\"User 1\",\"in_call\":false,\"state\":{\"m\":1},"
	    "\"joined_at\":\"2023-11-14T22:13:20.000000Z\","
	    "\"client_id\":null,\"connected\":true}]}", conn->session->id);
	ask(hub, "{\"cmd\":\"presence\",\"meeting_id\":1}", text);
	ask(hub, "{\"cmd\":\"presence\",\"meeting_id\":2}", "{\"ok\":true,\"sessions\":[]}");
}

static void
entry_says_what_the_limits_would_say(void **state)
{
	static const char question[] = "{\"cmd\":\"entry\",\"meeting_id\":1,\"user_id\":1,\"address\":\"192.0.2.9\"}";
	static const char open[] = "{\"ok\":true}";
	struct hub *hub = *state;

	ask(hub, question, open);
	for (int64_t i = 0; i < hub->conf->max_sessions_per_user; i++) {
		ask(hub, question, open);
		support_enter(hub, 1, 1);
	}
	ask(hub, question, "{\"ok\":true,\"code\":\"too_many_sessions\","
	    "\"message\":\"too many connections of this user\"}");
	for (int64_t i = 0; i < hub->addresses.open; i++) {
		assert_int_equal(limit_attempt(&hub->addresses, "192.0.2.9", hub->now_us), LIMIT_ALLOWED);
		limit_opened(&hub->addresses, "192.0.2.9");
		support_pass(hub, US_PER_S);
	}
	ask(hub, question, "{\"ok\":true,\"code\":\"rate_limited\","
	    "\"message\":\"too many connections from this address\"}");
}

static void
rooms_are_listed(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_enter(hub, 1, 1);

	support_say(hub, conn, "{\"type\":\"join-call\"}");
	ask(hub, "{\"cmd\":\"rooms\"}", "{\"ok\":true,\"rooms\":[{\"meeting_id\":1,\"sessions\":1,\"in_call\":1}]}");
}

static void
the_operator_sees_who_is_where(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_enter(hub, 1, 1);
	char		 text[512];

	snprintf(text, sizeof(text),
	    "{\"ok\":true,\"sessions\":[{\"session_id\":\"%s\",\"user_id\":1,\"email\":\"u1@x.org\","
	    "\"full_name\":\"User 1\",\"in_call\":false,\"connected\":true,"
	    "\"joined_at\":\"2023-11-14T22:13:20.000000Z\",\"address\":\"192.0.2.1\"}]}", conn->session->id);
	ask(hub, "{\"cmd\":\"sessions\",\"meeting_id\":1}", text);
	ask(hub, "{\"cmd\":\"sessions\",\"meeting_id\":2}", "{\"ok\":true,\"sessions\":[]}");
}

static void
who_is_kicked_is_told_and_gone_and_the_others_stay(void **state)
{
	struct hub	*hub = *state;
	struct conn	*stays = support_enter(hub, 1, 1), *goes = support_enter(hub, 1, 2), *one;
	char		 text[128];

	support_enter(hub, 2, 2);
	one = support_enter(hub, 1, 2);
	ask(hub, "{\"cmd\":\"kick\",\"meeting_id\":1,\"who\":\"nobody@x.org\"}", "{\"ok\":true,\"sessions\":0}");
	snprintf(text, sizeof(text), "{\"cmd\":\"kick\",\"meeting_id\":1,\"who\":\"%s\"}", one->session->id);
	ask(hub, text, "{\"ok\":true,\"sessions\":1}");
	assert_int_equal(one->close, CLOSING_KICKED);
	assert_int_equal(hub->sessions, 3);
	ask(hub, "{\"cmd\":\"kick\",\"meeting_id\":1,\"who\":\"U2@X.ORG\"}", "{\"ok\":true,\"sessions\":1}");
	support_expect_part(hub, goes, "\"code\":\"kicked\",\"message\":\"the host or the operator has "
	    "ended this session\","
	    "\"close\":4405,\"action\":\"disconnect\"");
	assert_int_equal(hub->sessions, 2);
	support_expect_part(hub, stays, "\"type\":\"user_left\"");
}

static void
a_message_reaches_the_room_and_no_other(void **state)
{
	struct hub	*hub = *state;
	struct conn	*one = support_enter(hub, 1, 1), *other = support_enter(hub, 2, 2);

	support_forget(hub, one);
	support_forget(hub, other);
	ask(hub, "{\"cmd\":\"message\",\"meeting_id\":1,\"message\":\"a \\\"b\\\"\"}", "{\"ok\":true,\"sessions\":1}");
	support_expect(hub, one, "[{\"type\":\"notice\",\"message\":\"a \\\"b\\\"\","
	    "\"timestamp\":\"2023-11-14T22:13:20.000000Z\"}]");
	support_expect(hub, other, "");
	ask(hub, "{\"cmd\":\"message\",\"meeting_id\":3,\"message\":\"x\"}", "{\"ok\":true,\"sessions\":0}");
}

static void
a_connection_is_known_by_its_client_id_until_it_joins(void **state)
{
	struct hub	*hub = *state;
	struct hello	 hello;

	hello_init(&hello);
	hello.meeting_id = 1;
	hello.v1 = true;
	str_copy(hello.client_id, sizeof(hello.client_id), "doctor-1");
	hub_open(hub, &hello, "192.0.2.7", NULL);
	ask(hub, "{\"cmd\":\"seen\",\"client_id\":\"doctor-1\"}", "{\"ok\":true,\"address\":\"192.0.2.7\"}");
	ask(hub, "{\"cmd\":\"seen\",\"client_id\":\"doctor-2\"}", "{\"ok\":true}");
}

static void
a_drain_is_begun_once_and_says_who_is_told(void **state)
{
	struct hub *hub = *state;

	support_enter(hub, 1, 1);
	ask(hub, "{\"cmd\":\"drain\"}", "{\"ok\":true,\"sessions\":1,\"drain_timeout\":10}");
	assert_true(hub->draining);
	ask(hub, "{\"cmd\":\"drain\"}", "{\"ok\":true,\"sessions\":0,\"drain_timeout\":10}");
}

static void
a_reload_answers_with_what_is_wrong(void **state)
{
	struct hub *hub = *state;

	ask(hub, "{\"cmd\":\"reload\"}", "{\"ok\":false,\"error\":\"line 3 is wrong\"}");
	hub->draining = true;
	ask(hub, "{\"cmd\":\"reload\"}", "{\"ok\":true}");
}

static void
anything_else_is_an_error(void **state)
{
	static const char *const lines[] = {
		"", "x", "[]", "{}", "{\"cmd\":1}", "{\"cmd\":\"nothing\"}", "{\"cmd\":\"presence\"}",
		"{\"cmd\":\"presence\",\"meeting_id\":0}", "{\"cmd\":\"presence\",\"meeting_id\":\"1\"}",
		"{\"cmd\":\"entry\"}", "{\"cmd\":\"entry\",\"meeting_id\":1,\"address\":\"\"}",
		"{\"cmd\":\"entry\",\"meeting_id\":1,\"user_id\":1,\"address\":7}",
		"{\"cmd\":\"sessions\"}", "{\"cmd\":\"kick\",\"meeting_id\":1}", "{\"cmd\":\"kick\",\"who\":\"u\"}",
		"{\"cmd\":\"message\",\"meeting_id\":1}", "{\"cmd\":\"message\",\"meeting_id\":1,\"message\":1}",
		"{\"cmd\":\"seen\"}", "{\"cmd\":\"seen\",\"client_id\":\"\"}",
	};
	struct hub	*hub = *state;
	size_t		 i;

	for (i = 0; i < COUNTOF(lines); i++)
		ask(hub, lines[i], "{\"ok\":false,\"error\":\"no such command, or a wrong argument\"}");
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, support_setup, support_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(readiness_is_told_with_numbers),
		TEST(who_is_in_a_call_and_who_is_lost_is_counted),
		TEST(presence_names_everybody_in_the_room),
		TEST(entry_says_what_the_limits_would_say),
		TEST(rooms_are_listed),
		TEST(the_operator_sees_who_is_where),
		TEST(who_is_kicked_is_told_and_gone_and_the_others_stay),
		TEST(a_message_reaches_the_room_and_no_other),
		TEST(a_connection_is_known_by_its_client_id_until_it_joins),
		TEST(a_drain_is_begun_once_and_says_who_is_told),
		TEST(a_reload_answers_with_what_is_wrong),
		TEST(anything_else_is_an_error),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
