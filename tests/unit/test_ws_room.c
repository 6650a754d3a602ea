#include "ws_support.h"

static char	*between(const char *, const char *, char);

static void
a_token_is_asked_about_and_what_the_client_sends_meanwhile_waits(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_knock(hub, 1, false);
	struct job	*job = support_job(hub, JOB_ACCESS);

	assert_int_equal(conn->state, CONN_CHECKING);
	assert_true(conn->paused);
	assert_int_equal(job->access.meeting_id, 1);
	assert_string_equal(job->access.token, "token");
	support_grant(job, 1);
	hub_answer(hub, job);
	assert_false(conn->paused);
	assert_int_equal(conn->state, CONN_JOINED);
}

static void
the_joiner_gets_its_user_joined_and_then_its_welcome(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_enter(hub, 7, 1);
	char		*got = support_read(hub, conn), *wanted;
	struct buf	 text = { .data = NULL };

	buf_addf(&text, "[{\"type\":\"user_joined\",\"user_id\":1,\"email\":\"u1@x.org\","
	    "\"full_name\":\"User 1\",\"session_id\":\"%s\","
	    "\"client_id\":null,\"message\":\"User 1 joined the meeting\",\"devices\":1}]"
	    "[{\"type\":\"welcome\",\"session_id\":\"%s\",\"self\":{\"user_id\":1,\"role\":\"host\"},"
	    "\"meeting\":{\"id\":7,\"title\":\"A title\",\"status\":\"scheduled\","
	    "\"ice_policy\":\"all\"},\"call\":null,"
	    "\"peers\":[],\"iceServers\":[],"
	    "\"joined_seq\":1,\"event_id\":0,\"epoch\":\"epoch\"}]", conn->session->id, conn->session->id);
	wanted = text.data;
	assert_string_equal(got, wanted);
	free(got);
	free(wanted);
}

static void
a_later_one_finds_the_others_in_its_welcome(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = support_enter(hub, 1, 1), *b;

	support_say(hub, a, "{\"type\":\"state\",\"state\":{ \"muted\" : true }}");
	support_say(hub, a, "{\"type\":\"join-call\"}");
	b = support_enter(hub, 1, 2);
	support_expect_part(hub, b,
	    "\"joined_seq\":1,\"in_call\":true,\"state\":{ \"muted\" : true }}],\"iceServers\"");
}

static void
who_has_no_credential_and_no_version_is_refused(void **state)
{
	struct hub	*hub = *state;
	struct hello	 hello;
	struct conn	*conn;

	hello_init(&hello);
	hello.meeting_id = 1;
	conn = hub_open(hub, &hello, "192.0.2.1", NULL);
	assert_int_equal(conn->close, CLOSING_UNAUTHORIZED);
	support_expect(hub, conn, "[{\"type\":\"error\",\"code\":\"unauthorized\",\"message\":\"no valid credential\","
	    "\"close\":4401,\"action\":\"disconnect\"}]");
	support_no_job(hub);
}

static void
who_offers_the_version_may_authenticate_by_its_first_frame(void **state)
{
	struct hub	*hub = *state;
	struct hello	 hello;
	struct conn	*conn;
	struct job	*job;

	hello_init(&hello);
	hello.meeting_id = 1;
	hello.v1 = true;
	conn = hub_open(hub, &hello, "192.0.2.1", NULL);
	support_no_job(hub);
	support_say(hub, conn, "{\"type\":\"auth\",\"token\":\"tok\",\"client_id\":\"me\"}");
	job = support_job(hub, JOB_ACCESS);
	assert_string_equal(job->access.token, "tok");
	support_grant(job, 1);
	hub_answer(hub, job);
	assert_string_equal(conn->session->client_id, "me");
}

static void
a_first_frame_that_does_not_come_in_time_is_a_refusal(void **state)
{
	struct hub	*hub = *state;
	struct hello	 hello;
	struct conn	*conn;

	hello_init(&hello);
	hello.v1 = true;
	conn = hub_open(hub, &hello, "192.0.2.1", NULL);
	support_pass(hub, 9 * US_PER_S);
	assert_int_equal(conn->close, 0);
	support_pass(hub, 2 * US_PER_S);
	assert_int_equal(conn->close, CLOSING_UNAUTHORIZED);
}

static void
a_resumption_fails_and_may_be_followed_by_an_auth_frame(void **state)
{
	struct hub	*hub = *state;
	struct hello	 hello;
	struct conn	*conn;
	struct job	*job;

	hello_init(&hello);
	hello.meeting_id = 1;
	hello.v1 = true;
	conn = hub_open(hub, &hello, "192.0.2.1", NULL);
	support_say(hub, conn, "{\"type\":\"resume\",\"resume_token\":\"x\",\"seq\":4}");
	support_expect(hub, conn, "[{\"type\":\"resume_failed\",\"reason\":\"expired\"}]");
	support_say(hub, conn, "{\"type\":\"auth\",\"token\":\"tok\"}");
	job = support_job(hub, JOB_ACCESS);
	job_free(&job);
}

static void
a_refusal_of_the_database_is_told(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_knock(hub, 1, false);
	struct job	*job = support_job(hub, JOB_ACCESS);

	job->access.refusal = CLOSING_FORBIDDEN;
	hub_answer(hub, job);
	assert_int_equal(conn->close, CLOSING_FORBIDDEN);
	support_expect_part(hub, conn, "\"code\":\"forbidden\"");
	assert_null(hub->rooms);
}

static void
an_answer_for_a_connection_that_has_gone_is_dropped(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_knock(hub, 1, false);
	struct job	*job = support_job(hub, JOB_ACCESS);

	hub_lost(hub, &conn);
	assert_null(conn);
	support_grant(job, 1);
	hub_answer(hub, job);
	assert_int_equal(hub->sessions, 0);
}

static void
a_user_may_have_so_many_sessions_and_a_room_too(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn;

	support_enter(hub, 1, 1);
	support_enter(hub, 1, 1);
	conn = support_enter(hub, 1, 1);
	assert_int_equal(conn->close, CLOSING_SESSIONS);
	support_enter(hub, 1, 2);
	support_enter(hub, 1, 3);
	conn = support_enter(hub, 1, 4);
	assert_int_equal(conn->close, CLOSING_ROOM_FULL);
	conn = support_enter(hub, 2, 1);
	assert_int_equal(conn->close, 0);
}

static void
the_rest_is_told_when_one_leaves(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = support_enter(hub, 1, 1), *b = support_enter(hub, 1, 2);

	support_say(hub, b, "{\"type\":\"join-call\"}");
	support_forget(hub, a);
	hub_leave(hub, b, CLOSING_NORMAL);
	support_expect_part(hub, a, "[{\"type\":\"call_left\",\"user_id\":2,");
	assert_int_equal(hub->sessions, 1);
	hub_lost(hub, &b);
	support_expect(hub, a, "");
}

static void
who_knows_users_only_is_told_of_the_last_session_alone(void **state)
{
	struct hub	*hub = *state;
	struct conn	*plain = support_enter(hub, 1, 1), *knowing = support_enter_as(hub, 1, 3, true);
	struct conn	*first = support_enter(hub, 1, 2), *second = support_enter(hub, 1, 2);

	support_forget(hub, plain);
	support_forget(hub, knowing);
	hub_lost(hub, &first);
	support_expect(hub, plain, "");
	support_expect_part(hub, knowing, "\"devices\":1}]");
	hub_lost(hub, &second);
	support_expect_part(hub, plain, "\"devices\":0}]");
	support_expect_part(hub, knowing, "\"devices\":0}]");
}

static void
a_room_ends_with_its_last_session(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_enter(hub, 1, 1);

	hub_lost(hub, &conn);
	assert_null(hub->rooms);
	assert_int_equal(hub->sessions, 0);
}

static void
a_slow_consumer_is_told_why_and_the_others_that_it_left(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = support_enter(hub, 1, 1), *slow = support_enter(hub, 1, 2);
	int		 i;

	for (i = 0; i < 1200 && slow->close == 0; i++) {
		support_forget(hub, a);
		support_pass(hub, 20 * US_PER_MS);
		support_say(hub, a, "{\"type\":\"message\",\"data\":1}");
		hub_alive(hub, a);
		hub_alive(hub, slow);
	}
	assert_int_equal(slow->close, CLOSING_SLOW);
	support_expect_part(hub, a, "\"type\":\"user_left\",\"user_id\":2");
	support_expect_part(hub, slow, "[{\"type\":\"error\",\"code\":\"slow_consumer\"");
	assert_null(slow->session);
}

static void
two_slow_consumers_in_one_fan_out_both_leave(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = support_enter(hub, 1, 1), *b = support_enter(hub, 1, 2), *c = support_enter(hub, 1, 3);

	hub->out_bound.frames = b->out.count;		/* whatever comes next is too much for b, then for c */
	support_forget(hub, a);
	support_forget(hub, c);
	while (c->out.count < hub->out_bound.frames)
		conn_push(c, hub->ping);
	support_say(hub, a, "{\"type\":\"message\",\"data\":1}");
	assert_int_equal(b->close, CLOSING_SLOW);
	assert_int_equal(c->close, CLOSING_SLOW);
	assert_int_equal(hub->sessions, 1);
}

static void
who_is_told_to_go_is_cut_when_it_does_not_take_it(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_enter(hub, 1, 1);

	hub_drain(hub, CLOSING_RESTARTING);
	assert_int_equal(conn->close, CLOSING_RESTARTING);
	assert_false(conn->cut);
	support_pass(hub, BOUND_CLOSE_US + WHEEL_TICK_US);
	assert_true(conn->cut);
}

static void
a_drain_tells_everyone_and_nobody_of_the_others(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = support_enter(hub, 1, 1), *b = support_enter(hub, 1, 2);
	char		*got, *part;

	support_forget(hub, a);
	support_forget(hub, b);
	hub_drain(hub, CLOSING_RESTARTING);
	got = support_read(hub, a);
	part = between(got, "\"code\":\"", '"');
	assert_string_equal(part, "restarting");
	assert_non_null(strstr(got, "\"retry_after_ms\":"));
	assert_null(strstr(got, "user_left"));
	free(part);
	free(got);
	assert_int_equal(hub->sessions, 0);
	assert_int_equal(support_knock(hub, 1, false)->close, CLOSING_RESTARTING);
}

static void
pings_go_out_and_silence_ends_a_connection(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_enter(hub, 1, 1);

	support_forget(hub, conn);
	support_pass(hub, 26 * US_PER_S);
	support_expect(hub, conn, "[ping]");
	assert_true(conn->probed);
	hub_alive(hub, conn);
	assert_false(conn->probed);
	support_pass(hub, 26 * US_PER_S);
	support_expect(hub, conn, "[ping]");
	support_pass(hub, 26 * US_PER_S);
	support_pass(hub, 9 * US_PER_S);
	assert_true(conn->cut);
	assert_int_equal(conn->close, CLOSING_LOST);
	assert_int_equal(hub->sessions, 0);
}

static char *
between(const char *text, const char *start, char end)
{
	const char *p = strstr(text, start);

	assert_non_null(p);
	p += strlen(start);
	return strndup(p, (size_t)(strchr(p, end) - p));
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, support_setup, support_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_is_asked_about_and_what_the_client_sends_meanwhile_waits),
		TEST(the_joiner_gets_its_user_joined_and_then_its_welcome),
		TEST(a_later_one_finds_the_others_in_its_welcome),
		TEST(who_has_no_credential_and_no_version_is_refused),
		TEST(who_offers_the_version_may_authenticate_by_its_first_frame),
		TEST(a_first_frame_that_does_not_come_in_time_is_a_refusal),
		TEST(a_resumption_fails_and_may_be_followed_by_an_auth_frame),
		TEST(a_refusal_of_the_database_is_told),
		TEST(an_answer_for_a_connection_that_has_gone_is_dropped),
		TEST(a_user_may_have_so_many_sessions_and_a_room_too),
		TEST(the_rest_is_told_when_one_leaves),
		TEST(who_knows_users_only_is_told_of_the_last_session_alone),
		TEST(a_room_ends_with_its_last_session),
		TEST(a_slow_consumer_is_told_why_and_the_others_that_it_left),
		TEST(two_slow_consumers_in_one_fan_out_both_leave),
		TEST(who_is_told_to_go_is_cut_when_it_does_not_take_it),
		TEST(a_drain_tells_everyone_and_nobody_of_the_others),
		TEST(pings_go_out_and_silence_ends_a_connection),
	};

	return cmocka_run_group_tests_name("room", tests, NULL, NULL);
}
