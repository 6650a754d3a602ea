#include "ws_return.h"

static void
a_lost_session_stays_and_the_others_see_nothing(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 ann_pass, bob_pass;
	struct conn	*ann = return_enter(hub, 1, &ann_pass), *bob = return_enter(hub, 2, &bob_pass);

	support_forget(hub, ann);
	hub_lost(hub, &bob);
	support_expect(hub, ann, "");
	assert_non_null(return_session(hub, 2));
	assert_null(return_session(hub, 2)->conn);
	assert_int_equal(room_find(hub, 1)->count, 2);
}

static void
after_its_time_it_leaves_the_call_and_the_room(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 ann_pass, bob_pass;
	struct conn	*ann = return_enter(hub, 1, &ann_pass), *bob = return_enter(hub, 2, &bob_pass);
	char		*got;

	support_say(hub, bob, "{\"type\":\"join-call\"}");
	hub_lost(hub, &bob);
	support_forget(hub, ann);
	support_pass(hub, support_conf.resume_ttl - US_PER_S);
	support_expect_part(hub, ann, "");
	assert_non_null(return_session(hub, 2));
	support_pass(hub, US_PER_S + WHEEL_TICK_US);
	assert_null(return_session(hub, 2));
	got = support_read(hub, ann);
	assert_non_null(strstr(got, "call_left"));
	assert_true(strstr(got, "call_left") < strstr(got, "user_left"));
	free(got);
	bob = return_knock(hub, &bob_pass, "");
	support_expect(hub, bob, "[{\"type\":\"resume_failed\",\"reason\":\"expired\"}]");
	support_no_job(hub);
}

static void
who_came_in_time_may_wait_for_the_database(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 pass;
	struct conn	*conn = return_enter(hub, 1, &pass);

	hub_lost(hub, &conn);
	support_pass(hub, support_conf.resume_ttl - US_PER_MS);
	conn = return_knock(hub, &pass, "");
	support_pass(hub, US_PER_S);
	return_answer(hub, 0);
	support_expect_part(hub, conn, "\"resumed\"");
}

static void
who_came_in_time_and_went_again_does_not_stay_for_ever(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 pass;
	struct conn	*conn = return_enter(hub, 1, &pass);

	hub_lost(hub, &conn);
	conn = return_knock(hub, &pass, "");
	support_pass(hub, support_conf.resume_ttl + US_PER_S);
	hub_lost(hub, &conn);
	assert_non_null(return_session(hub, 1));
	return_answer(hub, 0);
	assert_null(return_session(hub, 1));
}

static void
more_than_is_kept_ends_it_at_once_and_its_token_says_gap(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 ann_pass, bob_pass;
	struct conn	*ann = return_enter(hub, 1, &ann_pass), *bob = return_enter(hub, 2, &bob_pass);
	int		 i;

	hub_lost(hub, &bob);
	for (i = 0; i <= RESUME_FRAMES; i++) {
		support_pass(hub, US_PER_S / 20);
		support_say(hub, ann, "{\"type\":\"message\",\"data\":1}");
	}
	support_expect_part(hub, ann, "\"user_left\"");
	assert_null(return_session(hub, 2));
	bob = return_knock(hub, &bob_pass, "");
	support_expect(hub, bob, "[{\"type\":\"resume_failed\",\"reason\":\"gap\"}]");
	support_pass(hub, support_conf.resume_ttl);
	assert_int_equal(hub->claims_ended, 0);
}

static void
when_all_keep_too_much_those_lost_first_end_and_the_others_return(void **state)
{
	struct hub	*hub = *state;
	struct conf	 small = support_conf;
	struct ws_return	 ann_pass, bob_pass, eve_pass;
	struct conn	*ann = return_enter(hub, 1, &ann_pass), *bob = return_enter(hub, 2, &bob_pass);
	struct conn	*eve = return_enter(hub, 3, &eve_pass);
	int		 i;

	hub_lost(hub, &bob);
	support_pass(hub, US_PER_S);
	hub_lost(hub, &ann);
	support_say(hub, eve, "{\"type\":\"message\",\"data\":1,\"target_id\":1}");
	for (i = 0; i < 3; i++)
		support_say(hub, eve, "{\"type\":\"message\",\"data\":2,\"target_id\":2}");
	small.resume_memory = (int64_t)hub->pool.bytes - 1;
	hub_configure(hub, &small);
	support_pass(hub, WHEEL_TICK_US);
	assert_null(return_session(hub, 2));
	assert_non_null(return_session(hub, 1));
	bob = return_knock(hub, &bob_pass, "");
	support_expect(hub, bob, "[{\"type\":\"resume_failed\",\"reason\":\"gap\"}]");
	ann = return_again(hub, &ann_pass);
	support_expect_part(hub, ann, "\"replayed\":");
}

static void
when_nobody_is_lost_the_connected_keep_less(void **state)
{
	struct hub	*hub = *state;
	struct conf	 small = support_conf;
	struct ws_return	 pass;
	struct conn	*conn = return_enter(hub, 1, &pass);
	size_t		 before;
	int		 i;

	for (i = 0; i < 100; i++)
		support_say(hub, conn, "{\"type\":\"ping\"}");
	support_forget(hub, conn);
	before = hub->pool.bytes;
	small.resume_memory = 1;
	hub_configure(hub, &small);
	support_pass(hub, WHEEL_TICK_US);
	assert_int_equal(conn->session->resume.kept.count, 50);
	assert_true(hub->pool.bytes < before * 6 / 10);
	support_pass(hub, WHEEL_TICK_US);
	assert_int_equal(conn->session->resume.kept.count, 50);
	hub_lost(hub, &conn);
	conn = return_knock(hub, &pass, "");
	return_answer(hub, 0);
	support_expect_part(hub, conn, "\"gap\"");
}

/* What the edge does each turn, with a client that takes all; how many pings there were, and what the last one said. */
static int
take(struct hub *hub, unsigned char payload_r[8])
{
	struct conn	*conn;
	struct message	*message;
	int		 pings = 0;

	while ((conn = hub_next_dirty(hub)) != NULL) {
		while ((message = outq_pop(&conn->out)) != NULL) {
			if (message->data[0] == 0x89) {
				assert_int_equal(message->len, 2 + 8);
				memcpy(payload_r, message->data + 2, 8);
				assert_null(outq_pop(&conn->out));
				pings++;
			}
			message_unref(&hub->pool, &message);
		}
	}
	return pings;
}

static void
a_busy_client_is_asked_what_it_has_and_that_is_let_go(void **state)
{
	struct hub		*hub = *state;
	struct ws_return	 pass;
	struct conn		*conn = return_enter(hub, 1, &pass);
	unsigned char		 payload[8] = "";
	int			 i, pings = 0;

	for (i = 0; i < RESUME_FRAMES; i++) {
		support_pass(hub, US_PER_S / 20);
		support_say(hub, conn, "{\"type\":\"ping\"}");
		pings += take(hub, payload);
	}
	assert_int_equal(pings, 1);
	hub_pong(hub, conn, "12345678", 8);
	hub_pong(hub, conn, payload, 7);
	hub_pong(hub, conn, "", 0);
	assert_int_equal(conn->session->resume.kept.count, RESUME_FRAMES);
	hub_pong(hub, conn, payload, 8);
	assert_in_range(conn->session->resume.kept.count, RESUME_ASK_FRAMES, RESUME_FRAMES - RESUME_ASK_FRAMES + 2);
	support_say(hub, conn, "{\"type\":\"ping\"}");
	assert_int_equal(take(hub, payload), 1);
	hub_pong(hub, conn, payload, 8);
	assert_int_equal(conn->session->resume.kept.count, RESUME_TAIL_FRAMES);
}

static void
it_is_asked_sooner_while_the_messages_of_all_are_many(void **state)
{
	static const char	 text[RESUME_ASK_TOGETHER] = "";
	const struct slice	 part = { .p = text, .n = sizeof(text) };
	struct hub		*hub = *state;
	struct ws_return	 pass;
	struct conn		*conn = return_enter(hub, 1, &pass);
	struct message		*others = message_text(&hub->pool, &part, 1);
	unsigned char		 payload[8];
	int			 i, pings = 0;

	for (i = 0; i < RESUME_ASK_SOON_FRAMES; i++) {
		support_say(hub, conn, "{\"type\":\"ping\"}");
		pings += take(hub, payload);
	}
	assert_int_equal(pings, 1);
	message_unref(&hub->pool, &others);
}

static void
the_ping_of_a_quiet_connection_asks_as_well(void **state)
{
	struct hub		*hub = *state;
	struct ws_return	 pass;
	struct conn		*conn = return_enter(hub, 1, &pass);
	unsigned char		 payload[8];
	int			 i;

	for (i = 0; i < 2 * RESUME_TAIL_FRAMES; i++)
		support_say(hub, conn, "{\"type\":\"ping\"}");
	assert_int_equal(take(hub, payload), 0);
	support_pass(hub, support_conf.ping_interval + WHEEL_TICK_US);
	assert_int_equal(take(hub, payload), 1);
	hub_pong(hub, conn, payload, 8);
	assert_int_equal(conn->session->resume.kept.count, RESUME_TAIL_FRAMES);
}

static void
a_client_that_is_asked_and_does_not_answer_is_still_pinged(void **state)
{
	struct hub		*hub = *state;
	struct ws_return	 pass;
	struct conn		*conn = return_enter(hub, 1, &pass);
	unsigned char		 payload[8];

	support_say(hub, conn, "{\"type\":\"ping\"}");
	support_pass(hub, support_conf.ping_interval + WHEEL_TICK_US);
	assert_int_equal(take(hub, payload), 1);
	support_pass(hub, support_conf.ping_interval + WHEEL_TICK_US);
	support_expect(hub, conn, "[ping]");
}

static void
a_close_frame_ends_it_at_once(void **state)
{
	static const int codes[] = { 1000, 1001, 4000, CLOSING_CLIENT, CLOSING_LOST };
	struct hub	*hub = *state;
	struct ws_return	 pass;
	struct conn	*conn;
	size_t		 i;

	for (i = 0; i < COUNTOF(codes); i++) {
		conn = return_enter(hub, 1, &pass);
		hub_leave(hub, conn, codes[i]);
		assert_null(return_session(hub, 1));
		hub_lost(hub, &conn);
	}
}

static void
without_unio_v1_a_lost_connection_is_a_session_that_is_gone(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_enter(hub, 1, 1);

	support_expect_part(hub, conn, "\"event_id\":0,\"epoch\":\"epoch\"}]");
	hub_lost(hub, &conn);
	assert_null(room_find(hub, 1));
	assert_null(hub->claims);
}

static void
of_a_users_detached_sessions_the_oldest_makes_room(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 first_pass, second_pass, third_pass;
	struct conn	*first = return_enter(hub, 1, &first_pass), *second = return_enter(hub, 1, &second_pass);

	hub_lost(hub, &second);
	support_pass(hub, US_PER_S);
	hub_lost(hub, &first);
	return_enter(hub, 1, &third_pass);
	assert_int_equal(room_devices(room_find(hub, 1), 1), 2);
	second = return_knock(hub, &second_pass, "");
	support_expect(hub, second, "[{\"type\":\"resume_failed\",\"reason\":\"expired\"}]");
	first = return_again(hub, &first_pass);
	support_expect_part(hub, first, "\"resumed\"");
}

static void
at_a_restart_detached_sessions_end(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 pass;
	struct conn	*conn = return_enter(hub, 1, &pass);

	hub_lost(hub, &conn);
	hub_drain(hub, CLOSING_RESTARTING);
	assert_int_equal(hub->sessions, 0);
	assert_null(hub->claims);
}

static void
at_a_restart_rooms_come_back_one_after_the_other(void **state)
{
	struct hub	*hub = *state;
	struct conn	*one = support_enter(hub, 1, 1), *two = support_enter(hub, 2, 1);
	struct conn	*three = support_enter(hub, 1, 2);

	support_forget(hub, one);
	support_forget(hub, two);
	support_forget(hub, three);
	hub_drain(hub, CLOSING_RESTARTING);
	support_expect_part(hub, one, "\"retry_after_ms\":500}");
	support_expect_part(hub, three, "\"retry_after_ms\":501}");
	support_expect_part(hub, two, "\"retry_after_ms\":502}");
}

static void
a_silent_connection_leaves_a_session_behind(void **state)
{
	struct hub	*hub = *state;
	struct ws_return	 pass;
	struct conn	*conn = return_enter(hub, 1, &pass);

	support_pass(hub, support_conf.idle_timeout + WHEEL_TICK_US);
	assert_true(conn->cut);
	assert_non_null(return_session(hub, 1));
	support_expect(hub, conn, "");
	conn = return_again(hub, &pass);
	support_expect_part(hub, conn, "\"resumed\"");
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, support_setup, support_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_lost_session_stays_and_the_others_see_nothing),
		TEST(after_its_time_it_leaves_the_call_and_the_room),
		TEST(who_came_in_time_may_wait_for_the_database),
		TEST(who_came_in_time_and_went_again_does_not_stay_for_ever),
		TEST(more_than_is_kept_ends_it_at_once_and_its_token_says_gap),
		TEST(when_all_keep_too_much_those_lost_first_end_and_the_others_return),
		TEST(when_nobody_is_lost_the_connected_keep_less),
		TEST(a_busy_client_is_asked_what_it_has_and_that_is_let_go),
		TEST(it_is_asked_sooner_while_the_messages_of_all_are_many),
		TEST(the_ping_of_a_quiet_connection_asks_as_well),
		TEST(a_client_that_is_asked_and_does_not_answer_is_still_pinged),
		TEST(a_close_frame_ends_it_at_once),
		TEST(without_unio_v1_a_lost_connection_is_a_session_that_is_gone),
		TEST(of_a_users_detached_sessions_the_oldest_makes_room),
		TEST(at_a_restart_detached_sessions_end),
		TEST(at_a_restart_rooms_come_back_one_after_the_other),
		TEST(a_silent_connection_leaves_a_session_behind),
	};

	return cmocka_run_group_tests_name("detach", tests, NULL, NULL);
}
