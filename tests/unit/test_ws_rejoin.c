#include "ws_return.h"

static void
the_welcome_says_how_to_come_back(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 pass;
	struct conn	*conn = return_enter(hub, 1, &pass);

	assert_int_equal(pass.seq, 2);
	assert_int_equal(strlen(pass.token), BOUND_RESUME_TOKEN);
	assert_string_not_equal(pass.token, conn->session->id);
}

static void
what_was_missed_comes_after_resumed_and_nothing_else(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 ann_pass, bob_pass;
	struct conn	*ann = return_enter(hub, 1, &ann_pass), *bob = return_enter(hub, 2, &bob_pass);
	char		*got;

	support_say(hub, bob, "{\"type\":\"join-call\"}");
	bob_pass.seq++;
	support_forget(hub, bob);
	hub_lost(hub, &bob);
	support_say(hub, ann, "{\"type\":\"ice-candidate\",\"candidate\":null,\"target_id\":2}");
	bob = return_again(hub, &bob_pass);
	got = support_read(hub, bob);
	assert_int_equal(strncmp(got, "[{\"type\":\"resumed\",\"replayed\":1,\"received\":1}]"
	    "[{\"type\":\"ice_candidate\",\"candidate\":null,\"from_user\":1,",
	    strlen("[{\"type\":\"resumed\",\"replayed\":1,\"received\":1}]"
	    "[{\"type\":\"ice_candidate\",\"candidate\":null,\"from_user\":1,")), 0);
	free(got);
	assert_true(bob->session->in_call);
	support_say(hub, bob, "{\"type\":\"ping\"}");
	support_expect_part(hub, bob, "\"pong\"");
}

static void
frames_that_were_queued_and_never_written_come_again(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 ann_pass, bob_pass;
	struct conn	*ann = return_enter(hub, 1, &ann_pass), *bob = return_enter(hub, 2, &bob_pass);

	support_say(hub, ann, "{\"type\":\"message\",\"data\":1}");
	hub_lost(hub, &bob);
	bob = return_again(hub, &bob_pass);
	support_expect_part(hub, bob, "\"replayed\":1,");
}

static void
a_frame_while_access_is_checked_is_kept_as_well(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 ann_pass, bob_pass;
	struct conn	*ann = return_enter(hub, 1, &ann_pass), *bob = return_enter(hub, 2, &bob_pass);

	hub_lost(hub, &bob);
	bob = return_knock(hub, &bob_pass, "");
	assert_true(bob->paused);
	support_say(hub, ann, "{\"type\":\"message\",\"data\":1}");
	return_answer(hub, 0);
	assert_false(bob->paused);
	support_expect_part(hub, bob, "\"replayed\":1,");
}

static void
the_old_connection_is_told_that_the_session_goes_on_elsewhere(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 ann_pass, bob_pass;
	struct conn	*ann = return_enter(hub, 1, &ann_pass), *old = return_enter(hub, 2, &bob_pass), *bob;

	support_forget(hub, ann);
	support_say(hub, ann, "{\"type\":\"message\",\"data\":1}");
	bob = return_again(hub, &bob_pass);
	support_expect_part(hub, bob, "\"replayed\":1,");
	assert_int_equal(old->close, CLOSING_ELSEWHERE);
	assert_null(old->session);
	support_expect(hub, old, "[{\"type\":\"error\",\"code\":\"resumed_elsewhere\",\"message\":"
	    "\"the session goes on on another connection\",\"close\":4409,\"action\":\"disconnect\"}]");
	hub_lost(hub, &old);
	assert_ptr_equal(return_session(hub, 2)->conn, bob);
	support_expect(hub, ann, "");
}

static void
a_number_that_is_too_old_is_a_gap_and_ends_the_old_session(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 pass;
	struct conn	*conn = return_enter(hub, 1, &pass);

	pass.seq = 1;
	hub_lost(hub, &conn);
	conn = return_again(hub, &pass);
	support_expect(hub, conn, "[{\"type\":\"resume_failed\",\"reason\":\"gap\"}]");
	assert_null(return_session(hub, 1));
}

static void
a_number_that_was_never_sent_changes_nothing(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 pass, wrong;
	struct conn	*conn = return_enter(hub, 1, &pass), *other;

	hub_lost(hub, &conn);
	wrong = pass;
	wrong.seq++;
	other = return_again(hub, &wrong);
	support_expect(hub, other, "[{\"type\":\"resume_failed\",\"reason\":\"gap\"}]");
	conn = return_again(hub, &pass);
	support_expect_part(hub, conn, "\"resumed\"");
}

static void
who_may_not_enter_any_more_is_revoked(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 ann_pass, bob_pass;
	struct conn	*ann = return_enter(hub, 1, &ann_pass), *bob = return_enter(hub, 2, &bob_pass);

	hub_lost(hub, &bob);
	support_forget(hub, ann);
	bob = return_knock(hub, &bob_pass, "");
	return_answer(hub, CLOSING_FORBIDDEN);
	support_expect(hub, bob, "[{\"type\":\"resume_failed\",\"reason\":\"revoked\"}]");
	support_expect_part(hub, ann, "user_left");
	hub_lost(hub, &bob);
	bob = return_knock(hub, &bob_pass, "");
	support_expect(hub, bob, "[{\"type\":\"resume_failed\",\"reason\":\"revoked\"}]");
}

static void
a_database_that_cannot_say_lets_it_try_again(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 pass;
	struct conn	*conn = return_enter(hub, 1, &pass);

	hub_lost(hub, &conn);
	conn = return_knock(hub, &pass, "");
	return_answer(hub, CLOSING_UNAVAILABLE);
	assert_int_equal(conn->close, CLOSING_UNAVAILABLE);
	conn = return_again(hub, &pass);
	support_expect_part(hub, conn, "\"resumed\"");
}

static void
a_credential_that_came_along_is_used_when_it_fails(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 pass = { .token = "ABCDEFGHIJKLMNOPQRSTUV", .seq = 3 };
	struct conn	*conn = return_knock(hub, &pass, ",\"token\":\"t\"");
	struct job	*job;

	support_expect(hub, conn, "[{\"type\":\"resume_failed\",\"reason\":\"expired\"}]");
	job = support_job(hub, JOB_ACCESS);
	assert_string_equal(job->access.token, "t");
	support_grant(job, 1);
	hub_answer(hub, job);
	support_expect_part(hub, conn, "\"welcome\"");
}

static void
after_a_failure_there_is_as_much_time_as_at_first(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 pass = { .token = "ABCDEFGHIJKLMNOPQRSTUV", .seq = 3 };
	struct hello	 hello;
	struct conn	*conn;

	hello_init(&hello);
	hello.meeting_id = 1;
	hello.v1 = true;
	conn = hub_open(hub, &hello, "192.0.2.1", NULL);
	support_pass(hub, 9 * US_PER_S);
	support_say(hub, conn, "{\"type\":\"resume\",\"resume_token\":\"ABCDEFGHIJKLMNOPQRSTUV\",\"seq\":1}");
	support_pass(hub, 9 * US_PER_S);
	assert_int_equal(conn->state, CONN_WAITING);
	support_pass(hub, 2 * US_PER_S);
	assert_int_equal(conn->close, CLOSING_UNAUTHORIZED);
	conn = return_knock(hub, &pass, "");
	support_say(hub, conn, "{\"type\":\"resume\",\"resume_token\":\"ABCDEFGHIJKLMNOPQRSTUV\",\"seq\":1}");
	assert_int_equal(conn->close, CLOSING_UNAUTHORIZED);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, support_setup, support_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_welcome_says_how_to_come_back),
		TEST(what_was_missed_comes_after_resumed_and_nothing_else),
		TEST(frames_that_were_queued_and_never_written_come_again),
		TEST(a_frame_while_access_is_checked_is_kept_as_well),
		TEST(the_old_connection_is_told_that_the_session_goes_on_elsewhere),
		TEST(a_number_that_is_too_old_is_a_gap_and_ends_the_old_session),
		TEST(a_number_that_was_never_sent_changes_nothing),
		TEST(who_may_not_enter_any_more_is_revoked),
		TEST(a_database_that_cannot_say_lets_it_try_again),
		TEST(a_credential_that_came_along_is_used_when_it_fails),
		TEST(after_a_failure_there_is_as_much_time_as_at_first),
	};

	return cmocka_run_group_tests_name("rejoin", tests, NULL, NULL);
}
