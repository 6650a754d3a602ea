/* json: typed reading of bodies. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "buf.h"
#include "json.h"
#include "sizes.h"

static struct json *
parsed(const char *text)
{
	const char *reason = NULL;
	struct json *json = json_parse_object(text, strlen(text), &reason);

	if (json == NULL)
		fail_msg("%s: %s", text, reason);
	return json;
}

static void
expect_refused(const char *text, const char *want)
{
	const char *reason = NULL;

	assert_null(json_parse_object(text, strlen(text), &reason));
	assert_string_equal(reason, want);
}

static void
texts_are_read(void **state)
{
	struct json *json = parsed("{\"a\":\"x\\u00e9\\n\",\"empty\":\"\",\"n\":1,\"z\":null}");
	const char *text = "before";

	(void)state;
	assert_int_equal(json_get_text(json, "n", &text), -1);
	assert_int_equal(json_get_text(json, "z", &text), -1);
	assert_int_equal(json_get_text(json, "A", &text), 0);
	assert_string_equal(text, "before");
	assert_int_equal(json_get_text(json, "a", &text), 1);
	assert_string_equal(text, "x\xc3\xa9\n");
	assert_int_equal(json_get_text(json, "empty", &text), 1);
	assert_string_equal(text, "");
	json_free(&json);
	assert_null(json);
	json_free(&json);
}

static void
integers_are_whole_exact_and_in_range(void **state)
{
	static const struct { const char *text; int result; int64_t value; } cases[] = {
		{ "{\"n\":0}", 1, 0 }, { "{\"n\":-3}", 1, -3 }, { "{\"n\":1.0}", 1, 1 },
		{ "{\"n\":1e2}", 1, 100 },
		{ "{\"n\":1.5}", -1, 0 }, { "{\"n\":1001}", -1, 0 }, { "{\"n\":-1001}", -1, 0 },
		{ "{\"n\":9223372036854775808}", -1, 0 }, { "{\"n\":\"1\"}", -1, 0 }, { "{\"n\":true}", -1, 0 },
		{ "{\"n\":null}", -1, 0 }, { "{\"n\":[1]}", -1, 0 }, { "{\"m\":1}", 0, 0 },
		{ "{\"n\":1e-9}", -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		struct json *json = parsed(cases[i].text);
		int64_t number = 77;

		assert_int_equal(json_get_int(json, "n", -1000, 1000, &number), cases[i].result);
		assert_true(number == (cases[i].result == 1 ? cases[i].value : 77));
		json_free(&json);
	}
}

static void
an_integer_that_a_double_cannot_hold_is_out_of_range(void **state)
{
	struct json *json = parsed("{\"exact\":9007199254740991,\"not\":9007199254740993,"
	    "\"nor\":-9007199254740993,\"max\":9223372036854775807}");
	int64_t number = 0;

	(void)state;
	assert_int_equal(json_get_int(json, "exact", 0, INT64_MAX, &number), 1);
	assert_true(number == INT64_C(9007199254740991));
	assert_int_equal(json_get_int(json, "not", 0, INT64_MAX, &number), -1);
	assert_int_equal(json_get_int(json, "nor", INT64_MIN, 0, &number), -1);
	assert_int_equal(json_get_int(json, "max", 0, INT64_MAX, &number), -1);
	json_free(&json);
}

static void
null_is_told_apart(void **state)
{
	struct json *json = parsed("{\"t\":true,\"f\":false,\"z\":null,\"n\":0}");

	(void)state;
	assert_true(json_is_null(json, "z"));
	assert_false(json_is_null(json, "f"));
	assert_false(json_is_null(json, "x"));
	json_free(&json);
}

static void
arrays_are_walked(void **state)
{
	struct json *json = parsed("{\"a\":[1,\"two\",{\"k\":3}],\"o\":{\"k\":\"v\"},\"e\":[]}");
	const struct json *array;
	const char *text;
	int64_t number;

	(void)state;
	assert_int_equal(json_get_array(json, "o", &array), -1);
	assert_int_equal(json_get_array(json, "x", &array), 0);
	assert_int_equal(json_get_array(json, "e", &array), 1);
	assert_int_equal(json_array_length(array), 0);
	assert_null(json_array_item(array, 0));
	assert_int_equal(json_get_array(json, "a", &array), 1);
	assert_int_equal(json_array_length(array), 3);
	assert_int_equal(json_as_int(json_array_item(array, 0), 0, 9, &number), 1);
	assert_int_equal(number, 1);
	assert_int_equal(json_as_int(json_array_item(array, 0), 2, 9, &number), -1);
	assert_int_equal(json_as_text(json_array_item(array, 0), &text), -1);
	assert_int_equal(json_as_text(json_array_item(array, 1), &text), 1);
	assert_string_equal(text, "two");
	assert_int_equal(json_get_int(json_array_item(array, 2), "k", 0, 9, &number), 1);
	assert_null(json_array_item(array, 3));
	json_free(&json);
}

/* Presence has the states of others in it, as they came. */
static void
what_a_program_of_ours_says_is_taken_as_it_is(void **state)
{
	const char text[] = "[{\"user_id\":1,\"state\":{\"user_id\":2,\"user_id\":3,\"x\":1e999}},{\"user_id\":4}]";
	struct json *json = json_parse_ours(text, strlen(text));
	int64_t number;

	(void)state;
	assert_int_equal(json_array_length(json), 2);
	assert_int_equal(json_get_int(json_array_item(json, 0), "user_id", 0, 9, &number), 1);
	assert_int_equal(number, 1);
	json_free(&json);
	assert_null(json_parse_ours("[", 1));
}

static void
a_body_is_refused_with_a_sentence(void **state)
{
	(void)state;
	expect_refused("", "the body is not valid JSON");
	expect_refused("{\"a\":01}", "the body is not valid JSON");
	expect_refused("{\"a\":\"\n\"}", "the body is not valid JSON");
	expect_refused("\xef\xbb\xbf{}", "the body is not valid JSON");
	expect_refused("{\"a\":\"\xff\"}", "the body is not well-formed UTF-8");
	expect_refused("{\"a\":\"\\u0000\"}", "the body holds an escaped NUL or half a surrogate pair");
	expect_refused("{\"\\ud800\":1}", "the body holds an escaped NUL or half a surrogate pair");
	expect_refused("{\"a\":[0,{\"b\":1e999}]}", "the body holds a number out of range");
	expect_refused("{\"a\":-1e999}", "the body holds a number out of range");
	expect_refused("[]", "the body must be a JSON object");
	expect_refused("null", "the body must be a JSON object");
	expect_refused("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "the body is nested too deeply");
}

static void
a_key_given_twice_is_refused_at_every_level(void **state)
{
	static const char *const twice[] = {
		"{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "{\"x\":{\"a\":1,\"b\":2,\"a\":3}}",
		"{\"x\":[0,{\"a\":{},\"a\":[]}]}",
		"{\"\":1,\"\":2}",
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(twice); i++)
		expect_refused(twice[i], "the body has the same key twice in one object");
	for (struct json *json = parsed("{\"a\":{\"a\":[{\"a\":1},{\"a\":1}]},\"A\":1}"); json != NULL;)
		json_free(&json);
}

static void
a_body_of_many_keys_is_read_in_time(void **state)
{
	struct buf body = { 0 };
	struct json *json;
	int64_t number;

	(void)state;
	for (int i = 0; body.len < LIMIT_BODY - 20; i++)
		buf_addf(&body, "%c\"k%d\":%d", i == 0 ? '{' : ',', i, i);
	buf_addc(&body, '}');
	json = parsed(body.data);
	assert_int_equal(json_get_int(json, "k4000", 0, INT32_MAX, &number), 1);
	assert_int_equal(number, 4000);
	json_free(&json);
	buf_free(&body);
}

static bool left_behind;

/* So that memory which the library has not used yet may be looked at as well. */
static void *
zeroed(size_t size)
{
	return calloc(1, size);
}

static void
look_and_free(void *p)
{
	if (p != NULL && memmem(p, malloc_usable_size(p), "secret", 6) != NULL)
		left_behind = true;
	free(p);
}

static void
texts_are_overwritten_before_their_memory_is_given_back(void **state)
{
	cJSON_Hooks hooks = { zeroed, look_and_free };
	struct json *json;

	(void)state;
	cJSON_InitHooks(&hooks);
	json = parsed("{\"password\":\"secret\",\"more\":[{\"deeper\":\"secret\"}]}");
	json_free(&json);
	cJSON_InitHooks(NULL);
	assert_false(left_behind);
}

static void
true_and_false_are_read_and_nothing_else_is(void **state)
{
	const char *reason;
	static const char text[] = "{\"yes\":true,\"no\":false,\"one\":1,\"word\":\"true\",\"none\":null}";
	struct json *json = json_parse_object(text, strlen(text), &reason);
	bool value = false;

	(void)state;
	assert_int_equal(json_get_bool(json, "yes", &value), 1);
	assert_true(value);
	assert_int_equal(json_get_bool(json, "no", &value), 1);
	assert_false(value);
	assert_int_equal(json_get_bool(json, "one", &value), -1);
	assert_int_equal(json_get_bool(json, "word", &value), -1);
	assert_int_equal(json_get_bool(json, "none", &value), -1);
	assert_int_equal(json_get_bool(json, "absent", &value), 0);
	json_free(&json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_read),
		cmocka_unit_test(integers_are_whole_exact_and_in_range),
		cmocka_unit_test(an_integer_that_a_double_cannot_hold_is_out_of_range),
		cmocka_unit_test(null_is_told_apart),
		cmocka_unit_test(true_and_false_are_read_and_nothing_else_is),
		cmocka_unit_test(arrays_are_walked),
		cmocka_unit_test(what_a_program_of_ours_says_is_taken_as_it_is),
		cmocka_unit_test(texts_are_overwritten_before_their_memory_is_given_back),
		cmocka_unit_test(a_body_is_refused_with_a_sentence),
		cmocka_unit_test(a_key_given_twice_is_refused_at_every_level),
		cmocka_unit_test(a_body_of_many_keys_is_read_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
