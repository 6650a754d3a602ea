#include <stdio.h>

#include "ws_support.h"

#define EMPTY	(300 * US_PER_S)
#define LONGEST	(12 * 3600 * US_PER_S)

/* Somebody whose welcome shows a call that began a minute ago. */
static struct conn *
enter_during_call(struct hub *hub, int64_t user_id, int64_t call_id)
{
	struct conn	*conn = support_knock(hub, 1, false);
	struct job	*job = support_job(hub, JOB_ACCESS);

	support_grant(job, user_id);
	job->access.call_id = call_id;
	job->access.call_started_us = hub->wall_us - 60 * US_PER_S;
	hub_answer(hub, job);
	return conn;
}

static void
expect_attend(struct hub *hub, enum job_type type, int64_t call_id, const struct conn *conn, int64_t at_us)
{
	struct job *job = support_job(hub, type);

	assert_int_equal(job->attend.call_id, call_id);
	assert_int_equal(job->attend.user_id, conn->session->user_id);
	assert_string_equal(job->attend.session_id, conn->session->id);
	assert_int_equal(job->attend.at_us, at_us);
	job_free(&job);
}

static void
expect_end(struct hub *hub, int64_t call_id, const char *reason)
{
	struct job *job = support_job(hub, JOB_CALL_END);

	assert_int_equal(job->call_end.call_id, call_id);
	assert_string_equal(job->call_end.reason, reason);
	hub_answer(hub, job);
}

static void
joining_the_call_is_told_to_all_and_recorded(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = enter_during_call(hub, 1, 5), *b = support_enter(hub, 1, 2);
	char		 text[512];

	support_forget(hub, a);
	support_forget(hub, b);
	support_say(hub, a, "{\"type\":\"join-call\"}");
	snprintf(text, sizeof(text),
	    "[{\"type\":\"call_joined\",\"user_id\":1,\"email\":\"u1@x.org\",\"full_name\":\"User 1\","
	    "\"session_id\":\"%s\",\"message\":\"User 1 joined the call\"}]", a->session->id);
	support_expect(hub, a, text);
	support_expect(hub, b, text);
	expect_attend(hub, JOB_ATTEND, 5, a, hub->wall_us);
	support_pass(hub, US_PER_S);
	support_say(hub, a, "{\"type\":\"leave-call\"}");
	expect_attend(hub, JOB_UNATTEND, 5, a, hub->wall_us);
}

static void
a_second_join_is_only_acknowledged(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = support_enter(hub, 1, 1);

	support_say(hub, a, "{\"type\":\"join-call\"}");
	support_forget(hub, a);
	support_say(hub, a, "{\"type\":\"join-call\",\"id\":1}");
	support_expect(hub, a, "[{\"type\":\"ack\",\"id\":1}]");
	support_no_job(hub);
}

static void
who_is_in_before_the_call_starts_attends_from_its_start(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = support_enter(hub, 1, 1), *b = support_enter(hub, 1, 2);

	support_say(hub, b, "{\"type\":\"join-call\"}");
	support_no_job(hub);
	calls_started(hub, 1, 5, hub->wall_us - 3);
	expect_attend(hub, JOB_ATTEND, 5, b, hub->wall_us - 3);
	support_no_job(hub);
	assert_false(a->session->in_call);
}

static void
the_same_start_twice_is_one(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = support_enter(hub, 1, 1);

	support_say(hub, a, "{\"type\":\"join-call\"}");
	calls_started(hub, 1, 5, hub->wall_us);
	expect_attend(hub, JOB_ATTEND, 5, a, hub->wall_us);
	calls_started(hub, 1, 5, hub->wall_us);
	support_no_job(hub);
}

static void
at_its_end_everybody_is_out_without_a_word(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = enter_during_call(hub, 1, 5);

	support_say(hub, a, "{\"type\":\"join-call\"}");
	expect_attend(hub, JOB_ATTEND, 5, a, hub->wall_us);
	support_forget(hub, a);
	calls_ended(hub, 1, 4);
	assert_true(a->session->in_call);
	calls_ended(hub, 1, 5);
	assert_false(a->session->in_call);
	assert_int_equal(a->session->room->in_call, 0);
	support_expect(hub, a, "");
	support_no_job(hub);
	assert_null(hub->calls);
}

static void
another_call_in_the_place_of_one_ends_it(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = enter_during_call(hub, 1, 5);

	support_say(hub, a, "{\"type\":\"join-call\"}");
	expect_attend(hub, JOB_ATTEND, 5, a, hub->wall_us);
	calls_started(hub, 1, 6, hub->wall_us);
	assert_false(a->session->in_call);
	assert_int_equal(calls_find(hub, 1)->call_id, 6);
	support_no_job(hub);
}

static void
a_call_that_nobody_is_in_is_ended(void **state)
{
	struct hub *hub = *state;

	calls_started(hub, 1, 5, hub->wall_us);
	support_pass(hub, EMPTY - US_PER_S);
	support_no_job(hub);
	support_pass(hub, 2 * US_PER_S);
	expect_end(hub, 5, "empty");
}

static void
a_call_that_somebody_is_in_is_not_empty_until_the_last_has_left(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = enter_during_call(hub, 1, 5);
	struct job	*job;

	support_say(hub, a, "{\"type\":\"join-call\"}");
	expect_attend(hub, JOB_ATTEND, 5, a, hub->wall_us);
	while (hub->now_us < NOW_US + 2 * EMPTY) {
		support_pass(hub, 10 * US_PER_S);
		hub_alive(hub, a);
	}
	support_no_job(hub);
	hub_lost(hub, &a);
	job = support_job(hub, JOB_UNATTEND);
	job_free(&job);
	support_pass(hub, EMPTY - US_PER_S);
	support_no_job(hub);
	support_pass(hub, 2 * US_PER_S);
	expect_end(hub, 5, "empty");
}

static void
a_call_that_lasts_too_long_is_ended(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = enter_during_call(hub, 1, 5);

	support_say(hub, a, "{\"type\":\"join-call\"}");
	expect_attend(hub, JOB_ATTEND, 5, a, hub->wall_us);
	while (hub->now_us < NOW_US + LONGEST - 70 * US_PER_S) {
		support_pass(hub, 10 * US_PER_S);
		hub_alive(hub, a);
		support_forget(hub, a);
	}
	support_no_job(hub);
	support_pass(hub, 20 * US_PER_S);
	expect_end(hub, 5, "max_duration");
}

static void
a_call_of_a_former_daemon_that_nobody_comes_back_to_ended_with_it(void **state)
{
	struct hub	*hub = *state;
	struct job	*job;

	calls_survived(hub, 1, 5, hub->wall_us - 60 * US_PER_S, hub->wall_us - 20 * US_PER_S);
	support_pass(hub, support_conf.call_grace - WHEEL_TICK_US);
	support_no_job(hub);
	support_pass(hub, 2 * WHEEL_TICK_US);
	job = support_job(hub, JOB_CALL_END);
	assert_string_equal(job->call_end.reason, "server_restart");
	assert_int_equal(job->call_end.at_us, WALL_US - 20 * US_PER_S);
	hub_answer(hub, job);
}

static void
a_call_of_a_former_daemon_goes_on_when_somebody_comes_back(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn;

	calls_survived(hub, 1, 5, hub->wall_us - 60 * US_PER_S, hub->wall_us - 20 * US_PER_S);
	support_pass(hub, support_conf.call_grace / 2);
	conn = enter_during_call(hub, 1, 5);
	support_pass(hub, support_conf.call_grace);
	support_no_job(hub);
	hub_lost(hub, &conn);
	support_pass(hub, EMPTY);
	expect_end(hub, 5, "empty");
}

static void
a_call_that_outlasted_its_daemon_and_its_limit_ended_with_the_daemon(void **state)
{
	struct hub *hub = *state;

	calls_survived(hub, 1, 5, hub->wall_us - 2 * LONGEST, hub->wall_us - LONGEST);
	support_pass(hub, support_conf.call_grace + WHEEL_TICK_US);
	expect_end(hub, 5, "server_restart");
}

static void
an_end_that_fails_is_tried_again(void **state)
{
	struct hub *hub = *state;

	calls_started(hub, 1, 5, hub->wall_us);
	support_pass(hub, EMPTY + US_PER_S);
	expect_end(hub, 5, "empty");
	support_pass(hub, US_PER_S);
	support_no_job(hub);
	support_pass(hub, BOUND_CALL_RETRY_US);
	expect_end(hub, 5, "empty");
	calls_ended(hub, 1, 5);
	support_pass(hub, 3 * BOUND_CALL_RETRY_US);
	support_no_job(hub);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, support_setup, support_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(joining_the_call_is_told_to_all_and_recorded),
		TEST(a_second_join_is_only_acknowledged),
		TEST(who_is_in_before_the_call_starts_attends_from_its_start),
		TEST(the_same_start_twice_is_one),
		TEST(at_its_end_everybody_is_out_without_a_word),
		TEST(another_call_in_the_place_of_one_ends_it),
		TEST(a_call_that_nobody_is_in_is_ended),
		TEST(a_call_that_somebody_is_in_is_not_empty_until_the_last_has_left),
		TEST(a_call_that_lasts_too_long_is_ended),
		TEST(a_call_of_a_former_daemon_that_nobody_comes_back_to_ended_with_it),
		TEST(a_call_of_a_former_daemon_goes_on_when_somebody_comes_back),
		TEST(a_call_that_outlasted_its_daemon_and_its_limit_ended_with_the_daemon),
		TEST(an_end_that_fails_is_tried_again),
	};

	return cmocka_run_group_tests_name("calls", tests, NULL, NULL);
}
