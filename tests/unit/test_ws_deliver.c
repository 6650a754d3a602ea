#include "ws_support.h"

#define CALL	"{\"call\":{\"id\":5,\"meeting\":1,\"started_at\":\"2023-11-14T22:13:10.000000Z\"}}"

/* One event, as the database thread would bring it. */
static void
happen(struct hub *hub, struct event event)
{
	struct job *job = job_new(JOB_EVENTS);

	event.created_at = hub->wall_us;
	if (event.body == NULL)
		event.body = "{}";
	job->events.page.first = arena_alloc(job->arena, sizeof(event));
	*job->events.page.first = event;
	job->events.page.count = 1;
	hub_answer(hub, job);
}

static struct conn *
enter_quietly(struct hub *hub, int64_t meeting_id, int64_t user_id)
{
	struct conn *conn = support_enter(hub, meeting_id, user_id);

	support_forget(hub, conn);
	return conn;
}

static void
an_event_is_told_to_its_room_alone(void **state)
{
	struct hub	*hub = *state;
	struct conn	*here = enter_quietly(hub, 1, 1), *away = enter_quietly(hub, 2, 2);

	happen(hub, (struct event){ .id = 11, .type = EVENT_MEETING_UPDATED, .meeting_id = 1,
	    .body = "{\"meeting\":{\"id\":1}}" });
	support_expect(hub, here, "[{\"type\":\"meeting_updated\",\"event_id\":11,"
	    "\"timestamp\":\"2023-11-14T22:13:20.000000Z\",\"meeting\":{\"id\":1}}]");
	support_expect(hub, away, "");
	assert_int_equal(hub->event_id, 11);
}

static void
what_is_about_another_daemons_meeting_is_passed_over(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn;

	hub->shard = (struct shard){ .daemons = 2, .own = 2 };
	conn = enter_quietly(hub, 1, 1);
	happen(hub, (struct event){ .id = 11, .type = EVENT_CALL_STARTED, .meeting_id = 2, .body = CALL });
	assert_null(calls_find(hub, 2));
	assert_int_equal(hub->event_id, 11);
	happen(hub, (struct event){ .id = 12, .type = EVENT_CALL_STARTED, .meeting_id = 1, .body = CALL });
	assert_non_null(calls_find(hub, 1));
	support_forget(hub, conn);
	happen(hub, (struct event){ .id = 13, .type = EVENT_USER_DISABLED, .user_id = 1 });
	assert_int_equal(conn->close, 4406);	/* about nobody's meeting: everybody's matter */
}

static void
who_comes_to_the_wrong_daemon_is_sent_back_and_no_room_is_made(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn;

	hub->shard = (struct shard){ .daemons = 2, .own = 2 };
	conn = support_knock(hub, 2, true);
	support_no_job(hub);
	support_expect_part(hub, conn, "[{\"type\":\"error\",\"code\":\"misdirected\",\"message\":"
	    "\"the meeting is served by another daemon\",\"close\":4005,\"action\":\"reconnect\",\"retry_after_ms\":2");
	assert_int_equal(conn->close, 4005);
	assert_int_equal(hub->misdirected, 1);
	assert_int_equal(HASH_COUNT(hub->rooms), 0);
}

static void
no_event_is_told_twice(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = enter_quietly(hub, 1, 1);

	happen(hub, (struct event){ .id = 11, .type = EVENT_MEETING_STATUS, .meeting_id = 1 });
	support_forget(hub, conn);
	happen(hub, (struct event){ .id = 11, .type = EVENT_MEETING_STATUS, .meeting_id = 1 });
	support_expect(hub, conn, "");
}

static void
who_came_with_a_newer_picture_is_spared_what_it_holds(void **state)
{
	struct hub	*hub = *state;
	struct conn	*old = enter_quietly(hub, 1, 1), *new = support_knock(hub, 1, false);
	struct job	*job = support_job(hub, JOB_ACCESS);

	support_grant(job, 2);
	job->access.highest_id = 12;
	hub_answer(hub, job);
	support_forget(hub, old);
	support_forget(hub, new);
	happen(hub, (struct event){ .id = 12, .type = EVENT_MEETING_STATUS, .meeting_id = 1 });
	support_expect_part(hub, old, "\"event_id\":12");
	support_expect(hub, new, "");
	happen(hub, (struct event){ .id = 13, .type = EVENT_MEETING_STATUS, .meeting_id = 1 });
	support_expect_part(hub, new, "\"event_id\":13");
}

static void
what_a_returning_client_missed_comes_right_after_its_welcome(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_knock(hub, 1, false);
	struct job	*job = support_job(hub, JOB_ACCESS);
	struct event	*event;

	support_grant(job, 1);
	event = arena_alloc(job->arena, sizeof(*event));
	*event = (struct event){ .id = 9, .type = EVENT_MEETING_STATUS, .meeting_id = 1, .created_at = WALL_US,
	    .body = "{\"a\":1}" };
	job->access.missed = event;
	job->access.event_id = 9;
	hub_answer(hub, job);
	support_expect_part(hub, conn,
	    "\"event_id\":9,\"epoch\":\"epoch\"}][{\"type\":\"meeting_status\",\"event_id\":9,"
	    "\"timestamp\":\"2023-11-14T22:13:20.000000Z\",\"a\":1}]");
}

static void
a_hole_is_said(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_knock(hub, 1, false);
	struct job	*job = support_job(hub, JOB_ACCESS);

	support_grant(job, 1);
	job->access.truncated = true;
	hub_answer(hub, job);
	support_expect_part(hub, conn, "\"events_truncated\":true}]");
}

static void
a_call_that_starts_and_ends_is_followed(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = enter_quietly(hub, 1, 1);

	happen(hub, (struct event){ .id = 11, .type = EVENT_CALL_STARTED, .meeting_id = 1, .body = CALL });
	assert_int_equal(calls_find(hub, 1)->call_id, 5);
	assert_int_equal(calls_find(hub, 1)->started_us, WALL_US - 10 * US_PER_S);
	support_expect_part(hub, conn, "call_started");
	happen(hub, (struct event){ .id = 12, .type = EVENT_CALL_ENDED, .meeting_id = 1, .body = CALL });
	assert_null(calls_find(hub, 1));
	support_expect_part(hub, conn, "call_ended");
}

static void
a_body_that_cannot_be_read_does_no_harm(void **state)
{
	struct hub *hub = *state;

	happen(hub, (struct event){ .id = 11, .type = EVENT_CALL_STARTED, .meeting_id = 1, .body = "{\"call\":7}" });
	happen(hub, (struct event){ .id = 12, .type = EVENT_CALL_ENDED, .meeting_id = 1, .body = "{}" });
	happen(hub, (struct event){ .id = 13, .type = EVENT_UNKNOWN, .meeting_id = 1 });
	assert_int_equal(hub->event_id, 13);
}

static void
a_removed_participant_is_told_and_then_sent_away(void **state)
{
	struct hub	*hub = *state;
	struct conn	*host = enter_quietly(hub, 1, 1), *guest = enter_quietly(hub, 1, 2);

	support_forget(hub, host);
	happen(hub, (struct event){ .id = 11, .type = EVENT_PARTICIPANT_REMOVED, .meeting_id = 1, .user_id = 2 });
	support_expect_part(hub, guest, "\"type\":\"participant_removed\"");
	assert_int_equal(guest->close, CLOSING_FORBIDDEN);
	assert_int_equal(host->close, 0);
	support_expect_part(hub, host, "user_left");
}

static void
a_removal_that_a_later_picture_outdates_sends_nobody_away(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_knock(hub, 1, false);
	struct job	*job = support_job(hub, JOB_ACCESS);

	support_grant(job, 2);
	job->access.highest_id = 12;
	hub_answer(hub, job);
	happen(hub, (struct event){ .id = 11, .type = EVENT_PARTICIPANT_REMOVED, .meeting_id = 1, .user_id = 2 });
	assert_int_equal(conn->close, 0);
}

static void
a_deleted_meeting_is_told_last_and_its_room_is_closed(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = enter_quietly(hub, 1, 1), *b = enter_quietly(hub, 1, 2);
	char		*got;

	support_forget(hub, a);
	calls_started(hub, 1, 5, hub->wall_us);
	happen(hub, (struct event){ .id = 11, .type = EVENT_MEETING_DELETED, .meeting_id = 1 });
	got = support_read(hub, a);
	assert_non_null(strstr(got, "[{\"type\":\"meeting_deleted\""));
	assert_non_null(strstr(got, "\"close\":4410"));
	assert_null(strstr(got, "user_left"));
	free(got);
	assert_int_equal(b->close, CLOSING_DELETED);
	assert_null(hub->rooms);
	assert_null(hub->calls);
}

static void
a_revoked_login_ends_its_own_sockets_everywhere(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = enter_quietly(hub, 1, 1), *b = enter_quietly(hub, 1, 2), *c = enter_quietly(hub, 2, 2);

	happen(hub, (struct event){ .id = 11, .type = EVENT_LOGIN_REVOKED, .user_id = 2, .login_id = 102 });
	assert_int_equal(a->close, 0);
	assert_int_equal(b->close, CLOSING_REVOKED);
	assert_int_equal(c->close, CLOSING_REVOKED);
}

static void
a_disabled_user_is_out_everywhere(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = enter_quietly(hub, 1, 1), *b = enter_quietly(hub, 2, 2);

	happen(hub, (struct event){ .id = 11, .type = EVENT_USER_DISABLED, .user_id = 2 });
	assert_int_equal(a->close, 0);
	assert_int_equal(b->close, CLOSING_REVOKED);
	support_expect_part(hub, b, "\"code\":\"revoked\"");
}

static void
a_change_of_the_ice_policy_holds_at_once(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = enter_quietly(hub, 1, 1);

	happen(hub, (struct event){ .id = 11, .type = EVENT_MEETING_UPDATED, .meeting_id = 1,
	    .body = "{\"meeting\":{\"id\":1,\"ice_policy\":\"relay\"}}" });
	assert_true(conn->session->room->relay_only);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, support_setup, support_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_event_is_told_to_its_room_alone),
		TEST(what_is_about_another_daemons_meeting_is_passed_over),
		TEST(who_comes_to_the_wrong_daemon_is_sent_back_and_no_room_is_made),
		TEST(no_event_is_told_twice),
		TEST(who_came_with_a_newer_picture_is_spared_what_it_holds),
		TEST(what_a_returning_client_missed_comes_right_after_its_welcome),
		TEST(a_hole_is_said),
		TEST(a_call_that_starts_and_ends_is_followed),
		TEST(a_body_that_cannot_be_read_does_no_harm),
		TEST(a_removed_participant_is_told_and_then_sent_away),
		TEST(a_removal_that_a_later_picture_outdates_sends_nobody_away),
		TEST(a_deleted_meeting_is_told_last_and_its_room_is_closed),
		TEST(a_revoked_login_ends_its_own_sockets_everywhere),
		TEST(a_disabled_user_is_out_everywhere),
		TEST(a_change_of_the_ice_policy_holds_at_once),
	};

	return cmocka_run_group_tests_name("deliver", tests, NULL, NULL);
}
