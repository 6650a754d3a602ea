#include <stdio.h>

#include "ws_support.h"

static struct conn	*ann, *bob, *cyd;

/* Three people in one room who have read all up to now. */
static int
setup(void **state)
{
	struct hub *hub;

	support_setup(state);
	hub = *state;
	ann = support_enter(hub, 1, 1);
	bob = support_enter(hub, 1, 2);
	cyd = support_enter(hub, 1, 3);
	support_forget(hub, ann);
	support_forget(hub, bob);
	support_forget(hub, cyd);
	return 0;
}

static void
expect_from_ann(struct hub *hub, struct conn *conn, const char *head, bool email)
{
	char	text[512];

	snprintf(text, sizeof(text), "[%s,\"from_user\":1,%s\"from_session\":\"%s\"}]", head,
	    email ? "\"from_email\":\"u1@x.org\"," : "", ann->session->id);
	support_expect(hub, conn, text);
}

static void
an_offer_without_a_target_goes_to_everybody_else(void **state)
{
	struct hub *hub = *state;

	support_say(hub, ann, "{\"type\":\"offer\",\"offer\":{ \"sdp\":\"v=0\\r\\n\" }}");
	expect_from_ann(hub, bob, "{\"type\":\"webrtc_offer\",\"offer\":{ \"sdp\":\"v=0\\r\\n\" }", true);
	expect_from_ann(hub, cyd, "{\"type\":\"webrtc_offer\",\"offer\":{ \"sdp\":\"v=0\\r\\n\" }", true);
	support_expect(hub, ann, "");
}

static void
an_answer_goes_to_its_target_alone(void **state)
{
	struct hub *hub = *state;

	support_say(hub, ann, "{\"type\":\"answer\",\"answer\":{},\"target_id\":3}");
	expect_from_ann(hub, cyd, "{\"type\":\"webrtc_answer\",\"answer\":{}", true);
	support_expect(hub, bob, "");
}

static void
a_candidate_may_be_null(void **state)
{
	struct hub *hub = *state;

	support_say(hub, ann, "{\"type\":\"ice-candidate\",\"candidate\":null,\"target_id\":2}");
	expect_from_ann(hub, bob, "{\"type\":\"ice_candidate\",\"candidate\":null", false);
	support_expect(hub, cyd, "");
}

static void
one_encoded_message_serves_all_recipients(void **state)
{
	struct hub *hub = *state;

	support_say(hub, ann, "{\"type\":\"offer\",\"offer\":{}}");
	assert_ptr_equal(outq_at(&bob->out, 0), outq_at(&cyd->out, 0));
	assert_int_equal(outq_at(&bob->out, 0)->refs, 2);
}

static void
a_target_session_decides_over_a_target_id(void **state)
{
	struct hub	*hub = *state;
	char		 text[256];

	snprintf(text, sizeof(text),
	    "{\"type\":\"ice-candidate\",\"candidate\":{},\"target_id\":2,\"target_session\":\"%s\"}",
	    cyd->session->id);
	support_say(hub, ann, text);
	support_expect(hub, bob, "");
	expect_from_ann(hub, cyd, "{\"type\":\"ice_candidate\",\"candidate\":{}", false);
}

static void
a_target_that_is_not_there_is_told(void **state)
{
	static const char wanted[] = "[{\"type\":\"error\",\"code\":\"target_not_found\","
	    "\"message\":\"the target is not in this meeting\",\"request_type\":\"offer\",\"id\":9}]";
	struct hub	*hub = *state;
	char		 text[256];

	support_say(hub, ann, "{\"type\":\"offer\",\"offer\":{},\"target_id\":99,\"id\":9}");
	support_expect(hub, ann, wanted);
	support_say(hub, ann, "{\"type\":\"offer\",\"offer\":{},\"target_id\":1,\"id\":9}");
	support_expect(hub, ann, wanted);
	support_say(hub, ann, "{\"type\":\"offer\",\"offer\":{},\"target_session\":\"nobody\",\"id\":9}");
	support_expect(hub, ann, wanted);
	snprintf(text, sizeof(text), "{\"type\":\"offer\",\"offer\":{},\"target_session\":\"%s\",\"id\":9}",
	    ann->session->id);
	support_say(hub, ann, text);
	support_expect(hub, ann, wanted);
	support_expect(hub, bob, "");
}

static void
nothing_crosses_into_another_room(void **state)
{
	struct hub	*hub = *state;
	struct conn	*away = support_enter(hub, 2, 4);
	char		 text[256];

	support_forget(hub, away);
	support_say(hub, ann, "{\"type\":\"message\",\"data\":1}");
	support_say(hub, ann, "{\"type\":\"message\",\"data\":1,\"target_id\":4}");
	snprintf(text, sizeof(text), "{\"type\":\"message\",\"data\":1,\"target_session\":\"%s\"}", away->session->id);
	support_say(hub, ann, text);
	support_expect(hub, away, "");
}

static void
a_message_carries_name_and_time(void **state)
{
	struct hub	*hub = *state;
	char		 text[512];

	support_say(hub, ann, "{\"type\":\"message\",\"data\":[1, 2]}");
	snprintf(text, sizeof(text), "[{\"type\":\"message\",\"data\":[1, 2],\"from_user\":1,\"from_session\":\"%s\","
	    "\"full_name\":\"User 1\",\"timestamp\":\"2023-11-14T22:13:20.000000Z\"}]", ann->session->id);
	support_expect(hub, bob, text);
}

static void
a_state_is_kept_and_told_to_the_others(void **state)
{
	struct hub	*hub = *state;
	char		 text[512];

	support_say(hub, ann, "{\"type\":\"state\",\"state\":{\"a\":1},\"id\":\"x\"}");
	support_expect(hub, ann, "[{\"type\":\"ack\",\"id\":\"x\"}]");
	snprintf(text, sizeof(text),
	    "[{\"type\":\"state\",\"state\":{\"a\":1},\"user_id\":1,\"session_id\":\"%s\"}]", ann->session->id);
	support_expect(hub, bob, text);
	assert_string_equal(ann->session->state.data, "{\"a\":1}");
}

static void
a_ping_is_its_own_acknowledgement(void **state)
{
	struct hub *hub = *state;

	support_say(hub, ann, "{\"type\":\"ping\",\"id\":1}");
	support_expect(hub, ann, "[{\"type\":\"pong\",\"timestamp\":\"2023-11-14T22:13:20.000000Z\",\"id\":1}]");
	support_say(hub, ann, "{\"type\":\"ping\"}");
	support_expect(hub, ann, "[{\"type\":\"pong\",\"timestamp\":\"2023-11-14T22:13:20.000000Z\"}]");
}

static void
an_error_says_what_and_where(void **state)
{
	struct hub *hub = *state;

	support_say(hub, ann, "{\"type\":\"offer\",\"id\":1}");
	support_expect(hub, ann, "[{\"type\":\"error\",\"code\":\"missing_field\",\"message\":\"offer is required\","
	    "\"field\":\"offer\",\"request_type\":\"offer\",\"id\":1}]");
	support_say(hub, ann, "nonsense");
	support_expect(hub, ann, "[{\"type\":\"error\",\"code\":\"invalid_json\","
	    "\"message\":\"the frame is not a JSON object, or too deep\"}]");
	assert_int_equal(ann->close, 0);
}

static void
a_key_given_twice_is_named_as_it_came(void **state)
{
	struct hub *hub = *state;

	support_say(hub, ann, "{\"a\\\"b\":1,\"a\\\"b\":2}");
	support_expect(hub, ann, "[{\"type\":\"error\",\"code\":\"invalid_field\","
	    "\"message\":\"a\\\"b is given twice, or not of the right kind\",\"field\":\"a\\\"b\"}]");
}

static void
frames_over_the_rate_are_dropped_and_that_is_said_once_a_second(void **state)
{
	struct hub	*hub = *state;
	int		 i;

	for (i = 0; i < 250; i++)
		support_say(hub, ann, "{\"type\":\"message\",\"data\":1}");
	support_expect(hub, ann,
	    "[{\"type\":\"error\",\"code\":\"rate_limited\",\"message\":\"too many messages: some were dropped\"}]");
	assert_int_equal(bob->out.count, 200);
	support_pass(hub, US_PER_S);
	for (i = 0; i < 60; i++)
		support_say(hub, ann, "{\"type\":\"message\",\"data\":1}");
	assert_int_equal(bob->out.count, 250);
	support_expect_part(hub, ann, "rate_limited");
	assert_int_equal(ann->close, 0);
}

static void
two_hundred_dropped_frames_in_ten_seconds_end_the_session(void **state)
{
	struct hub	*hub = *state;
	int		 i;

	for (i = 0; i < 399; i++)
		support_say(hub, ann, "{\"type\":\"ping\"}");
	assert_int_equal(ann->close, 0);
	support_say(hub, ann, "{\"type\":\"ping\"}");
	assert_int_equal(ann->close, CLOSING_RATE);
	support_expect_part(hub, bob, "user_left");
}

static void
dropped_frames_of_long_ago_do_not_count(void **state)
{
	struct hub	*hub = *state;
	int		 i, round;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 350; i++)
			support_say(hub, ann, "{\"type\":\"ping\"}");
		support_forget(hub, ann);
		support_pass(hub, 11 * US_PER_S);
	}
	assert_int_equal(ann->close, 0);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, support_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_offer_without_a_target_goes_to_everybody_else),
		TEST(an_answer_goes_to_its_target_alone),
		TEST(a_candidate_may_be_null),
		TEST(one_encoded_message_serves_all_recipients),
		TEST(a_target_session_decides_over_a_target_id),
		TEST(a_target_that_is_not_there_is_told),
		TEST(nothing_crosses_into_another_room),
		TEST(a_message_carries_name_and_time),
		TEST(a_state_is_kept_and_told_to_the_others),
		TEST(a_ping_is_its_own_acknowledgement),
		TEST(an_error_says_what_and_where),
		TEST(a_key_given_twice_is_named_as_it_came),
		TEST(frames_over_the_rate_are_dropped_and_that_is_said_once_a_second),
		TEST(two_hundred_dropped_frames_in_ten_seconds_end_the_session),
		TEST(dropped_frames_of_long_ago_do_not_count),
	};

	return cmocka_run_group_tests_name("handle", tests, NULL, NULL);
}
