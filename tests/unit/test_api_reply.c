/* reply: errors as docs/PROTOCOL.md shapes them, and what is sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fcgi-api/reply.h"

struct fixture {
	struct arena	*arena;
	struct reply	 reply;
	struct buf	 out;
};

static int
setup(void **state)
{
	struct fixture *t = calloc(1, sizeof(*t));

	t->arena = arena_new();
	reply_start(&t->reply, t->arena, "the-request-id");
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *t = *state;

	buf_free(&t->out);
	buf_free(&t->reply.body);
	arena_free(&t->arena);
	free(t);
	return 0;
}

static const char *
render(struct fixture *t, bool head)
{
	buf_clear(&t->out);
	reply_render(&t->reply, head, &t->out);
	return t->out.data;
}

static void
an_error_names_itself_the_field_and_the_request(void **state)
{
	struct fixture *t = *state;

	reply_error(&t->reply, 400, "missing_field", "call_id", "%s is required", "call_id");
	assert_string_equal(t->reply.body.data, "{\"error\":\"call_id is required\",\"code\":\"missing_field\","
	    "\"field\":\"call_id\",\"request_id\":\"the-request-id\"}");
}

static void
an_error_takes_back_what_was_ready(void **state)
{
	struct fixture *t = *state;
	struct buf none = { 0 };
	struct emit e = reply_ok(&t->reply, 201);

	emit_object(&e, NULL);
	emit_end(&e);
	t->reply.location = "/api/meetings/1";
	event_add(&t->reply.events, EVENT_MEETING_DELETED, 1, &none);
	reply_not_found(&t->reply, "meeting");
	assert_false(t->reply.commit);
	assert_null(t->reply.location);
	assert_null(t->reply.events.first);
	assert_int_equal(t->reply.status, 404);
}

static void
success_commits_and_an_error_does_not(void **state)
{
	struct fixture *t = *state;

	assert_false(t->reply.commit);
	reply_no_content(&t->reply);
	assert_true(t->reply.commit);
	reply_bad_field(&t->reply, "x", "x is bad");
	assert_false(t->reply.commit);
}

static void
each_status_has_the_headers_that_belong_to_it(void **state)
{
	struct fixture *t = *state;

	reply_unauthorized(&t->reply, "unauthorized", "no");
	assert_non_null(strstr(render(t, false), "WWW-Authenticate: Bearer"));
	reply_error(&t->reply, 429, "rate_limited", NULL, "slow down");
	assert_non_null(strstr(render(t, false), "\r\nRetry-After: 1\r\n"));
	reply_unavailable(&t->reply, "busy", "later");
	assert_non_null(strstr(render(t, false), "\r\nRetry-After: 1\r\n"));
	reply_error(&t->reply, 405, "method_not_allowed", NULL, "no");
	t->reply.allow = "GET";
	assert_non_null(strstr(render(t, false), "\r\nAllow: GET\r\n"));
}

static void
every_reply_has_id_and_is_kept_by_nobody(void **state)
{
	struct fixture *t = *state;

	reply_no_content(&t->reply);
	render(t, false);
	assert_int_equal(strncmp(t->out.data, "Status: 204 No Content\r\n", 24), 0);
	assert_non_null(strstr(t->out.data, "\r\nX-Request-Id: the-request-id\r\n"));
	assert_non_null(strstr(t->out.data, "\r\nCache-Control: no-store\r\n"));
}

static void
what_may_be_kept_says_so_and_is_not_sent_again(void **state)
{
	struct fixture *t = *state;
	struct emit e = reply_ok(&t->reply, 304);

	emit_object(&e, NULL);
	emit_end(&e);
	t->reply.etag = "\"abc\"";
	t->reply.cache_control = "no-cache";
	render(t, false);
	assert_int_equal(strncmp(t->out.data, "Status: 304 Not Modified\r\n", 26), 0);
	assert_non_null(strstr(t->out.data, "\r\nETag: \"abc\"\r\n"));
	assert_non_null(strstr(t->out.data, "\r\nCache-Control: no-cache\r\n"));
	assert_null(strstr(t->out.data, "\r\nContent-"));
	assert_string_equal(t->out.data + t->out.len - 4, "\r\n\r\n");
}

static void
no_content_has_neither_type_nor_length(void **state)
{
	struct fixture *t = *state;

	reply_no_content(&t->reply);
	render(t, false);
	assert_null(strstr(t->out.data, "\r\nContent-Type"));
	assert_null(strstr(t->out.data, "\r\nContent-Length"));
	assert_string_equal(t->out.data + t->out.len - 4, "\r\n\r\n");
}

static void
head_has_the_length_and_not_the_body(void **state)
{
	struct fixture *t = *state;
	struct emit e = reply_ok(&t->reply, 200);

	emit_object(&e, NULL);
	emit_end(&e);
	assert_non_null(strstr(render(t, true), "\r\nContent-Length: 2\r\n"));
	assert_string_equal(t->out.data + t->out.len - 4, "\r\n\r\n");
	render(t, false);
	assert_string_equal(t->out.data + t->out.len - 6, "\r\n\r\n{}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_error_names_itself_the_field_and_the_request, setup, teardown),
		cmocka_unit_test_setup_teardown(an_error_takes_back_what_was_ready, setup, teardown),
		cmocka_unit_test_setup_teardown(success_commits_and_an_error_does_not, setup, teardown),
		cmocka_unit_test_setup_teardown(each_status_has_the_headers_that_belong_to_it, setup, teardown),
		cmocka_unit_test_setup_teardown(every_reply_has_id_and_is_kept_by_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(what_may_be_kept_says_so_and_is_not_sent_again, setup, teardown),
		cmocka_unit_test_setup_teardown(no_content_has_neither_type_nor_length, setup, teardown),
		cmocka_unit_test_setup_teardown(head_has_the_length_and_not_the_body, setup, teardown),
	};

	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
