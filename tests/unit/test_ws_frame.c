#include <stdio.h>

#include "../../ws-daemon/frame.h"
#include "ws_support.h"

static struct frame		frame;
static struct frame_fault	fault;

static enum frame_code
parse(const char *text)
{
	return frame_parse(text, strlen(text), &frame, &fault);
}

static void
assert_slice(struct slice got, const char *wanted)
{
	assert_int_equal(got.n, strlen(wanted));
	assert_memory_equal(got.p, wanted, got.n);
}

static void
each_type_is_recognised(void **state)
{
	static const char *const texts[FRAME_TYPES] = {
		[FRAME_OFFER] = "{\"type\":\"offer\",\"offer\":{}}",
		[FRAME_ANSWER] = "{\"type\":\"answer\",\"answer\":{},\"target_id\":1}",
		[FRAME_CANDIDATE] = "{\"type\":\"ice-candidate\",\"candidate\":null}",
		[FRAME_JOIN_CALL] = "{\"type\":\"join-call\"}",
		[FRAME_LEAVE_CALL] = "{\"type\":\"leave-call\"}",
		[FRAME_MESSAGE] = "{\"type\":\"message\",\"data\":0}",
		[FRAME_STATE] = "{\"type\":\"state\",\"state\":{}}",
		[FRAME_PING] = "{\"type\":\"pin\\u0067\"}",
	};
	int i;

	(void)state;
	for (i = 0; i < FRAME_TYPES; i++) {
		assert_int_equal(parse(texts[i]), FRAME_OK);
		assert_int_equal(frame.type, i);
	}
}

static void
the_value_is_the_very_bytes_that_came(void **state)
{
	const char *text = "{\"offer\": {\"a\" : 1.0e5,\"b\":\"\\u0000\\/\"} ,\"type\":\"offer\"}";

	(void)state;
	assert_int_equal(parse(text), FRAME_OK);
	assert_slice(frame.value, "{\"a\" : 1.0e5,\"b\":\"\\u0000\\/\"}");
	assert_ptr_equal(frame.value.p, text + 10);
}

static void
what_is_no_object_is_invalid_json(void **state)
{
	static const char *const texts[] = { "", "x", "[]", "1", "{\"type\":\"ping\"", "{\"type\":\"ping\"}}" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNTOF(texts); i++)
		assert_int_equal(parse(texts[i]), FRAME_INVALID_JSON);
}

static void
a_key_given_twice_is_an_invalid_field(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"type\":\"ping\",\"x\":1,\"x\":2}"), FRAME_INVALID_FIELD);
	assert_slice(fault.field, "x");
}

static void
a_type_must_be_there_and_known(void **state)
{
	(void)state;
	assert_int_equal(parse("{}"), FRAME_MISSING_FIELD);
	assert_slice(fault.field, "type");
	assert_int_equal(parse("{\"type\":7}"), FRAME_INVALID_FIELD);
	assert_int_equal(parse("{\"type\":\"PING\"}"), FRAME_UNKNOWN_TYPE);
	assert_int_equal(parse("{\"type\":\"ping\\u0000\"}"), FRAME_UNKNOWN_TYPE);
	assert_slice(frame.name, "\"ping\\u0000\"");
}

static void
an_error_still_knows_the_id_and_the_type(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"type\":\"nothing\",\"id\":\"a\"}"), FRAME_UNKNOWN_TYPE);
	assert_slice(frame.id, "\"a\"");
	assert_int_equal(parse("{\"id\":3}"), FRAME_MISSING_FIELD);
	assert_slice(frame.id, "3");
	assert_int_equal(parse("{\"type\":\"offer\",\"id\":3}"), FRAME_MISSING_FIELD);
	assert_slice(frame.id, "3");
	assert_slice(frame.name, "\"offer\"");
}

static void
an_id_is_a_short_string_or_number(void **state)
{
	char text[200];

	(void)state;
	assert_int_equal(parse("{\"type\":\"ping\",\"id\":-1.5e3}"), FRAME_OK);
	assert_slice(frame.id, "-1.5e3");
	assert_int_equal(parse("{\"type\":\"ping\",\"id\":null}"), FRAME_OK);
	assert_int_equal(frame.id.n, 0);
	assert_int_equal(parse("{\"type\":\"ping\",\"id\":true}"), FRAME_INVALID_FIELD);
	assert_int_equal(parse("{\"type\":\"ping\",\"id\":{}}"), FRAME_INVALID_FIELD);
	snprintf(text, sizeof(text), "{\"type\":\"ping\",\"id\":\"%062d\"}", 0);
	assert_int_equal(parse(text), FRAME_OK);
	snprintf(text, sizeof(text), "{\"type\":\"ping\",\"id\":\"%063d\"}", 0);
	assert_int_equal(parse(text), FRAME_INVALID_FIELD);
	assert_slice(fault.field, "id");
	assert_int_equal(frame.id.n, 0);
}

static void
a_target_is_a_user_or_a_session_or_null(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"type\":\"message\",\"data\":1,\"target_id\":null,\"target_session\":null}"),
	    FRAME_OK);
	assert_false(frame.targeted);
	assert_int_equal(parse("{\"type\":\"message\",\"data\":1,\"target_id\":5,"
	    "\"target_session\":\"s\\u0031\"}"), FRAME_OK);
	assert_int_equal(frame.target_id, 5);
	assert_string_equal(frame.target_session, "s1");
	assert_int_equal(parse("{\"type\":\"message\",\"data\":1,\"target_id\":\"5\"}"), FRAME_INVALID_FIELD);
	assert_int_equal(parse("{\"type\":\"message\",\"data\":1,\"target_id\":0}"), FRAME_INVALID_FIELD);
	assert_int_equal(parse("{\"type\":\"message\",\"data\":1,\"target_id\":1.0}"), FRAME_INVALID_FIELD);
	assert_int_equal(parse("{\"type\":\"message\",\"data\":1,\"target_session\":1}"), FRAME_INVALID_FIELD);
}

static void
a_session_name_that_nobody_can_have_is_a_target_all_the_same(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"type\":\"message\",\"data\":1,\"target_session\":\"\"}"), FRAME_OK);
	assert_true(frame.targeted);
	assert_true(frame.target_session[0] != '\0');
}

static void
an_answer_needs_a_target(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"type\":\"answer\",\"answer\":{}}"), FRAME_MISSING_FIELD);
	assert_slice(fault.field, "target_id");
	assert_int_equal(parse("{\"type\":\"answer\",\"answer\":{},\"target_session\":\"x\"}"), FRAME_OK);
}

static void
a_type_without_targets_ignores_them(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"type\":\"state\",\"state\":{},\"target_id\":\"x\"}"), FRAME_OK);
	assert_false(frame.targeted);
}

static void
data_and_state_are_measured_as_sent(void **state)
{
	struct buf	text = { .data = NULL };
	int		over;

	(void)state;
	for (over = 0; over < 2; over++) {
		buf_clear(&text);
		buf_addf(&text, "{\"type\":\"message\",\"data\":\"%0*d\"}", LIMIT_FRAME_DATA - 2 + over, 0);
		assert_int_equal(parse(text.data), over == 0 ? FRAME_OK : FRAME_TOO_LARGE);
		buf_clear(&text);
		buf_addf(&text, "{\"type\":\"state\",\"state\":{%*s}}", LIMIT_FRAME_STATE - 2 + over, "");
		assert_int_equal(parse(text.data), over == 0 ? FRAME_OK : FRAME_TOO_LARGE);
	}
	assert_slice(fault.field, "state");
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_is_recognised),
		cmocka_unit_test(the_value_is_the_very_bytes_that_came),
		cmocka_unit_test(what_is_no_object_is_invalid_json),
		cmocka_unit_test(a_key_given_twice_is_an_invalid_field),
		cmocka_unit_test(a_type_must_be_there_and_known),
		cmocka_unit_test(an_error_still_knows_the_id_and_the_type),
		cmocka_unit_test(an_id_is_a_short_string_or_number),
		cmocka_unit_test(a_target_is_a_user_or_a_session_or_null),
		cmocka_unit_test(a_session_name_that_nobody_can_have_is_a_target_all_the_same),
		cmocka_unit_test(an_answer_needs_a_target),
		cmocka_unit_test(a_type_without_targets_ignores_them),
		cmocka_unit_test(data_and_state_are_measured_as_sent),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
