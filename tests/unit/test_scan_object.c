/* scan: the members of an object, and their values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scan.h"

static struct scan_object
object_of(const char *text)
{
	struct scan_object object;

	assert_int_equal(scan_object(text, strlen(text), 0, &object), SCAN_OK);
	return object;
}

static void
expect_member(const struct scan_object *object, const char *key, enum scan_type type, const char *value)
{
	const struct scan_member *member = scan_find(object, key);

	assert_non_null(member);
	assert_int_equal(member->type, type);
	assert_int_equal(member->value.n, strlen(value));
	assert_memory_equal(member->value.p, value, member->value.n);
}

static void
the_members_of_the_outermost_object_are_noted_as_sent(void **state)
{
	struct scan_object object = object_of(
	    " { \"s\" : \"a\\n\" , \"n\":-1.50 ,\"t\":true,\"f\":false,\"z\":null,"
	    " \"a\" : [ 1, {\"s\":2} ] ,\"o\":{ \"s\" : {\"s\":[]} } } ");

	(void)state;
	assert_int_equal(object.count, 7);
	expect_member(&object, "s", SCAN_STRING, "\"a\\n\"");
	expect_member(&object, "n", SCAN_NUMBER, "-1.50");
	expect_member(&object, "t", SCAN_TRUE, "true");
	expect_member(&object, "f", SCAN_FALSE, "false");
	expect_member(&object, "z", SCAN_NULL, "null");
	expect_member(&object, "a", SCAN_ARRAY, "[ 1, {\"s\":2} ]");
	expect_member(&object, "o", SCAN_OBJECT, "{ \"s\" : {\"s\":[]} }");
	assert_null(scan_find(&object, "x"));
	assert_null(scan_find(&object, ""));
}

static void
a_text_that_is_no_object_is_not_one(void **state)
{
	static const char *const texts[] = { "[]", "1", "\"{}\"", "null", " [{\"a\":1}]", NULL };
	struct scan_object object;

	(void)state;
	for (const char *const *text = texts; *text != NULL; text++)
		assert_int_equal(scan_object(*text, strlen(*text), 0, &object), SCAN_NOT_OBJECT);
	assert_int_equal(scan_object("[1", 2, 0, &object), SCAN_SYNTAX);
}

static void
a_key_given_twice_is_found_however_it_is_written(void **state)
{
	static const char *const twice[] = {
		"{\"type\":1,\"type\":2}", "{\"type\":1,\"x\":0,\"ty\\u0070e\":2}",
		"{\"ty\\u0070e\":1,\"type\":2}",
		"{\"\\u0074\\u0079pe\":1,\"t\\u0079pe\":2}", "{\"\":1,\"\":2}",
		"{\"\xc3\xa9\":1,\"\\u00E9\":2}",
		"{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", "{\"\\n\":1,\"\\u000a\":2}",
		"{\"/\":1,\"\\/\":2}",
		"{\"\\ud83d\":1,\"\\uD83D\":2}", "{\"\\u0000\":1,\"\\u0000\":2}", NULL
	};
	static const char *const once[] = {
		"{\"type\":1,\"Type\":2}", "{\"a\":1,\"a\\u0000\":2}", "{\"a\":{\"b\":1,\"b\":2}}",
		"{\"a\":1,\"ab\":2,\"abc\":3}",
		"{\"\\\\u0061\":1,\"a\":2}", "{\"\\ud83d\":1,\"\\ude00\":2}",
		"{\"a\":{\"x\":1},\"b\":{\"x\":1}}", NULL
	};
	struct scan_object object;

	(void)state;
	for (const char *const *text = twice; *text != NULL; text++)
		assert_int_equal(scan_object(*text, strlen(*text), 0, &object), SCAN_DUPLICATE);
	for (const char *const *text = once; *text != NULL; text++)
		assert_int_equal(scan_object(*text, strlen(*text), 0, &object), SCAN_OK);
	assert_int_equal(scan_object("{\"a\":1,\"bc\":2,\"bc\":3}", 21, 0, &object), SCAN_DUPLICATE);
	assert_int_equal(object.offender.n, 2);
	assert_memory_equal(object.offender.p, "bc", 2);
}

static void
a_member_is_found_by_its_decoded_key(void **state)
{
	struct scan_object object = object_of("{\"ty\\u0070e\":\"a\",\"b\\/c\":1,\"\\u0000\":2}");

	(void)state;
	expect_member(&object, "type", SCAN_STRING, "\"a\"");
	expect_member(&object, "b/c", SCAN_NUMBER, "1");
	assert_null(scan_find(&object, ""));
	assert_null(scan_find(&object, "ty\\u0070e"));
}

static void
sixty_four_members_fit_and_no_more(void **state)
{
	char text[1024];
	struct scan_object object;

	(void)state;
	for (int members = LIMIT_JSON_MEMBERS; members <= LIMIT_JSON_MEMBERS + 1; members++) {
		size_t n = 0;

		for (int i = 0; i < members; i++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\"%d\":%d", i == 0 ? "{" : ",",
			    i, i);
		text[n++] = '}';
		assert_int_equal(scan_object(text, n, 0, &object),
		    members <= LIMIT_JSON_MEMBERS ? SCAN_OK : SCAN_MEMBERS);
		assert_int_equal(object.count, LIMIT_JSON_MEMBERS);
		assert_int_equal(scan_text(text, n, 0), SCAN_OK);
	}
}

/* Decoding each pair of a frame full of long escaped keys would take tens of milliseconds. */
static void
keys_with_escapes_have_few_bytes_together(void **state)
{
	static char text[2 * LIMIT_JSON_ESCAPED];
	struct scan_object object;

	(void)state;
	for (int bytes = LIMIT_JSON_ESCAPED; bytes <= LIMIT_JSON_ESCAPED + 1; bytes++) {
		size_t n = (size_t)snprintf(text, sizeof(text), "{\"plain\":0,\"\\u0061\":1,\"\\n%0*d\":2}",
		    bytes - 8, 0);

		assert_int_equal(scan_object(text, n, 0, &object),
		    bytes <= LIMIT_JSON_ESCAPED ? SCAN_OK : SCAN_MEMBERS);
		assert_int_equal(scan_text(text, n, 0), SCAN_OK);
	}
}

static void
broken_grammar_is_said_before_what_is_wrong_with_members(void **state)
{
	struct scan_object object;

	(void)state;
	assert_int_equal(scan_object("{\"a\":1,\"a\":2", 12, 0, &object), SCAN_SYNTAX);
}

static void
strings_are_decoded(void **state)
{
	static const struct { const char *raw, *text; } cases[] = {
		{ "\"\"", "" }, { "\"abc\"", "abc" }, { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
		{ "\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac" },
		{ "\"\\ud83d\\ude00!\"", "\xf0\x9f\x98\x80!" },
		{ "\"\xc3\xa9\xf0\x9f\x98\x80\"", "\xc3\xa9\xf0\x9f\x98\x80" },
		{ "\"\\u07ff\\u0800\"", "\xdf\xbf\xe0\xa0\x80" },
		{ "\"\\uffff\\ud800\\udc00\"", "\xef\xbf\xbf\xf0\x90\x80\x80" },
		{ "\"\\udbff\\udfff\"", "\xf4\x8f\xbf\xbf" },
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		struct slice value = { .p = cases[i].raw, .n = strlen(cases[i].raw) };
		char text[32];
		size_t n;

		assert_true(scan_string(value, text, sizeof(text), &n));
		assert_string_equal(text, cases[i].text);
		assert_int_equal(n, strlen(text));
	}
}

static void
a_string_that_does_not_fit_or_cannot_be_text_is_refused(void **state)
{
	static const char *const texts[] = { "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00x\"",
	    "\"\\ud800\\u0041\"", "1", "", "[\"a\"]" };
	char text[5] = "same";
	size_t n = 99;

	(void)state;
	for (size_t i = 0; i < COUNTOF(texts); i++)
		assert_false(scan_string((struct slice){ .p = texts[i], .n = strlen(texts[i]) }, text,
		    sizeof(text), &n));
	assert_int_equal(n, 99);
	assert_true(scan_string((struct slice){ .p = "\"1234\"", .n = 6 }, text, 5, &n));
	assert_false(scan_string((struct slice){ .p = "\"1234\"", .n = 6 }, text, 4, &n));
	assert_false(scan_string((struct slice){ .p = "\"12\xc3\xa9\"", .n = 6 }, text, 4, &n));
	assert_false(scan_string((struct slice){ .p = "\"\"", .n = 2 }, text, 0, &n));
}

static void
integers_are_whole_and_in_range(void **state)
{
	static const char *const bad[] = { "1.0", "1e2", "1E2", "-1", "11", "9223372036854775808",
	    "99999999999999999999", "" };
	int64_t number = 0;

	(void)state;
	for (size_t i = 0; i < COUNTOF(bad); i++)
		assert_false(scan_int((struct slice){ .p = bad[i], .n = strlen(bad[i]) }, 0, 10, &number));
	assert_true(scan_int((struct slice){ .p = "10", .n = 2 }, 0, 10, &number));
	assert_int_equal(number, 10);
	assert_true(scan_int((struct slice){ .p = "-0", .n = 2 }, 0, 10, &number));
	assert_int_equal(number, 0);
	assert_true(scan_int((struct slice){ .p = "-9223372036854775808", .n = 20 }, INT64_MIN, INT64_MAX,
	    &number));
	assert_true(number == INT64_MIN);
	assert_true(scan_int((struct slice){ .p = "9223372036854775807", .n = 19 }, INT64_MIN, INT64_MAX,
	    &number));
	assert_true(number == INT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_members_of_the_outermost_object_are_noted_as_sent),
		cmocka_unit_test(a_text_that_is_no_object_is_not_one),
		cmocka_unit_test(a_key_given_twice_is_found_however_it_is_written),
		cmocka_unit_test(a_member_is_found_by_its_decoded_key),
		cmocka_unit_test(sixty_four_members_fit_and_no_more),
		cmocka_unit_test(keys_with_escapes_have_few_bytes_together),
		cmocka_unit_test(broken_grammar_is_said_before_what_is_wrong_with_members),
		cmocka_unit_test(strings_are_decoded),
		cmocka_unit_test(a_string_that_does_not_fit_or_cannot_be_text_is_refused),
		cmocka_unit_test(integers_are_whole_and_in_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
