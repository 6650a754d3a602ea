/* scan: what is JSON and what is not, to the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scan.h"

/* Every text is scanned in a heap copy of exactly its size, so that a sanitizer sees a read past its end. */
static enum scan_result
scanned_bytes(const char *text, size_t n, int flags)
{
	char *copy = malloc(n > 0 ? n : 1);
	enum scan_result result;

	assert_non_null(copy);
	memcpy(copy, text, n);
	result = scan_text(n > 0 ? copy : copy + 1, n, flags);
	free(copy);
	return result;
}

static enum scan_result
scanned(const char *text)
{
	return scanned_bytes(text, strlen(text), 0);
}

static void
expect(const char *text, enum scan_result want, int flags)
{
	enum scan_result have = scanned_bytes(text, strlen(text), flags);

	if (have != want)
		fail_msg("%s: %d instead of %d", text, have, want);
}

static void
expect_all(const char *const *texts, enum scan_result want, int flags)
{
	for (; *texts != NULL; texts++)
		expect(*texts, want, flags);
}

static void
every_kind_of_value_is_a_text(void **state)
{
	static const char *const texts[] = {
		"null", "true", "false", "0", "\"\"", "[]", "{}", " \t\r\n[ \n] ", "{ }", "[1,2]", "[[],[],{}]",
		"{\"a\":1}", "{\"a\" : [ 1 , {\"b\":null} ] , \"c\":\"d\"}", "{\"\":0}", NULL
	};

	(void)state;
	expect_all(texts, SCAN_OK, 0);
	expect_all(texts, SCAN_OK, SCAN_TEXT);
}

static void
broken_structure_is_refused(void **state)
{
	static const char *const texts[] = {
		"", " ", "nul", "nulll", "True", "tru", "falsy", "[", "]", "{", "}", "[}", "{]", "[1",
		"[1,", "[1,]", "[,1]",
		"[1 2]", "[1:2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{a:1}",
		"{1:1}", "{\"a\",1}",
		"{,}", "{:1}", "{\"a\"::1}", "{\"a\":1}}", "[]]", "[] []", "{} x", "1 2", "'a'", "//",
		"/**/1", "\v1", "\f1",
		"\xef\xbb\xbf" "1", "undefined", "NaN", "Infinity", "[1],", ",", ":", "[\"a\":1]",
		"{\"a\":1]", "[1}", NULL
	};

	(void)state;
	expect_all(texts, SCAN_SYNTAX, 0);
}

static void
numbers_follow_the_grammar(void **state)
{
	static const char *const good[] = {
		"0", "-0", "1", "-1", "10", "1234567890", "0.0", "0.10", "-0.5", "1e1", "1E1", "1e+1",
		"1e-1", "0e0", "0E+00",
		"1.5e300", "123456789012345678901234567890", NULL
	};
	static const char *const bad[] = {
		"-", "+1", "01", "-01", "00", "1.", ".1", "-.1", "1.e1", "1e", "1e+", "1e-", "1E", "0x1",
		"1_0", "1,0", "--1", "1-",
		"1.2.3", "1e1.0", "1e1e1", "- 1", "1 .0", "-a", "-\"", NULL
	};

	(void)state;
	expect_all(good, SCAN_OK, 0);
	expect_all(good, SCAN_OK, SCAN_TEXT);
	expect_all(bad, SCAN_SYNTAX, 0);
}

static void
a_number_that_cjson_would_cut_is_refused_where_it_will_be_decoded(void **state)
{
	char digits[65];

	(void)state;
	memset(digits, '7', sizeof(digits));
	assert_int_equal(scanned_bytes(digits, 63, SCAN_TEXT), SCAN_OK);
	assert_int_equal(scanned_bytes(digits, 64, SCAN_TEXT), SCAN_SYNTAX);
	assert_int_equal(scanned_bytes(digits, 64, 0), SCAN_OK);
}

static void
escapes_are_the_nine_of_the_standard(void **state)
{
	static const char *const good[] = {
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0041\"", "\"\\uabcd\"", "\"\\uABCD\"",
		"\"\\ud83d\\ude00\"", NULL
	};

	(void)state;
	expect_all(good, SCAN_OK, 0);
	expect_all(good, SCAN_OK, SCAN_TEXT);
	for (int c = 1; c < 256; c++) {
		char text[] = { '"', '\\', (char)c, '"', '\0' };

		if (strchr("\"\\/bfnrtu", c) == NULL)
			expect(text, SCAN_SYNTAX, 0);
	}
	expect("\"\\\"", SCAN_SYNTAX, 0);
	for (int digit = 0; digit < 4; digit++) {
		for (int c = 1; c < 256; c++) {
			char text[] = "\"\\u4444\"";

			text[3 + digit] = (char)c;
			expect(text, strchr("0123456789abcdefABCDEF", c) != NULL ? SCAN_OK : SCAN_SYNTAX, 0);
		}
	}
}

static void
nul_and_lone_surrogates_are_refused_only_where_they_will_be_decoded(void **state)
{
	static const char *const texts[] = {
		"\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\udbff\"", "\"\\udc00\"", "\"\\udfff\"",
		"\"\\ud83d \\ude00\"",
		"\"\\ud83d\\u0041\"", "\"\\ud83d\\ud83d\\ude00\"", "\"\\ude00\\ud83d\"", "\"\\ud83d\\n\"",
		"{\"\\u0000\":1}", NULL
	};

	(void)state;
	expect_all(texts, SCAN_ESCAPE, SCAN_TEXT);
	expect_all(texts, SCAN_OK, 0);
	expect("\"\\ud7ff\\ue000\"", SCAN_OK, SCAN_TEXT);
}

static void
control_characters_are_refused_raw_at_every_offset(void **state)
{
	(void)state;
	for (size_t offset = 1; offset < 20; offset++) {
		for (int c = 0; c < 0x20; c++) {
			char text[22];

			memset(text, 'a', sizeof(text));
			text[0] = text[21] = '"';
			text[offset] = (char)c;
			assert_int_equal(scanned_bytes(text, sizeof(text), 0), SCAN_SYNTAX);
		}
	}
	expect("\"\x7f\"", SCAN_OK, 0);
}

static void
every_plain_character_is_taken_at_every_offset(void **state)
{
	(void)state;
	for (size_t offset = 1; offset < 20; offset++) {
		for (int c = 0x20; c < 0x80; c++) {
			char text[22];

			if (c == '"' || c == '\\')
				continue;
			memset(text, 'a', sizeof(text));
			text[0] = text[21] = '"';
			text[offset] = (char)c;
			assert_int_equal(scanned_bytes(text, sizeof(text), 0), SCAN_OK);
		}
	}
}

static void
a_string_ends_at_its_quote_at_every_length(void **state)
{
	(void)state;
	for (size_t n = 0; n < 40; n++) {
		char text[64];

		memset(text, 'a', sizeof(text));
		text[0] = text[n + 1] = '"';
		assert_int_equal(scanned_bytes(text, n + 2, 0), SCAN_OK);
		assert_int_equal(scanned_bytes(text, n + 1, 0), SCAN_SYNTAX);
		assert_int_equal(scanned_bytes(text, n + 3, 0), SCAN_SYNTAX);
	}
}

static void
utf8_is_checked_at_its_boundaries(void **state)
{
	static const char *const good[] = {
		"\"\xc2\x80\"", "\"\xdf\xbf\"", "\"\xe0\xa0\x80\"", "\"\xed\x9f\xbf\"", "\"\xee\x80\x80\"",
		"\"\xef\xbf\xbf\"",
		"\"\xf0\x90\x80\x80\"", "\"\xf4\x8f\xbf\xbf\"", "{\"\xc3\xa9\":\"\xe2\x82\xac\"}", NULL
	};
	static const char *const bad[] = {
		"\"\x80\"", "\"\xbf\"", "\"\xc0\x80\"", "\"\xc1\xbf\"", "\"\xc2\"", "\"\xc2\xc0\"",
		"\"\xe0\x9f\xbf\"",
		"\"\xed\xa0\x80\"", "\"\xed\xbf\xbf\"", "\"\xe1\x80\"", "\"\xf0\x8f\xbf\xbf\"",
		"\"\xf4\x90\x80\x80\"",
		"\"\xf5\x80\x80\x80\"", "\"\xf8\x88\x80\x80\x80\"", "\"\xff\"", "\"\xfe\"", "{\"\xff\":1}", NULL
	};

	(void)state;
	expect_all(good, SCAN_OK, 0);
	expect_all(bad, SCAN_UTF8, 0);
	expect("\xc3\xa9", SCAN_SYNTAX, 0);
}

static void
thirty_two_levels_are_enough(void **state)
{
	char text[6 * LIMIT_JSON_DEPTH];

	(void)state;
	for (int levels = LIMIT_JSON_DEPTH; levels <= LIMIT_JSON_DEPTH + 1; levels++) {
		enum scan_result want = levels > LIMIT_JSON_DEPTH ? SCAN_DEPTH : SCAN_OK;

		memset(text, '[', (size_t)levels);
		memset(text + levels, ']', (size_t)levels);
		assert_int_equal(scanned_bytes(text, 2 * (size_t)levels, 0), want);
		text[0] = '\0';
		for (int i = 1; i < levels; i++)
			strncat(text, "{\"\":", 5);
		strncat(text, "{}", 3);
		for (int i = 1; i < levels; i++)
			strncat(text, "}", 2);
		expect(text, want, 0);
	}
	expect("[[],[[]],{\"a\":{}},[]]", SCAN_OK, 0);
}

static void
what_is_wrapped_by_us_may_have_a_few_more(void **state)
{
	char text[2 * (LIMIT_JSON_DEPTH + LIMIT_JSON_WRAP + 1)];

	(void)state;
	for (size_t levels = LIMIT_JSON_DEPTH + 1; levels <= LIMIT_JSON_DEPTH + LIMIT_JSON_WRAP + 1; levels++) {
		memset(text, '[', levels);
		memset(text + levels, ']', levels);
		assert_int_equal(scanned_bytes(text, 2 * levels, SCAN_WRAPPED),
		    levels > LIMIT_JSON_DEPTH + LIMIT_JSON_WRAP ? SCAN_DEPTH : SCAN_OK);
	}
}

static void
brackets_of_both_kinds_are_told_apart_at_every_level(void **state)
{
	char text[2 * LIMIT_JSON_DEPTH];

	(void)state;
	for (int wrong = 0; wrong < LIMIT_JSON_DEPTH; wrong++) {
		memset(text, '[', LIMIT_JSON_DEPTH);
		memset(text + LIMIT_JSON_DEPTH, ']', LIMIT_JSON_DEPTH);
		text[LIMIT_JSON_DEPTH + wrong] = '}';
		assert_int_equal(scanned_bytes(text, sizeof(text), 0), SCAN_SYNTAX);
	}
}

static void
every_truncation_of_an_object_is_refused(void **state)
{
	static const char text[] =
	    "{\"type\":\"off\\u00e9\\n\xc3\xa9\xf0\x9f\x98\x80\",\"n\":[-1.5e+3,0,true,false,null,{\"a\":{}}],"
	    "\"s\":\"\\ud83d\\ude00 long enough\"}";

	(void)state;
	assert_int_equal(scanned(text), SCAN_OK);
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		assert_int_not_equal(scanned_bytes(text, n, 0), SCAN_OK);
		assert_int_not_equal(scanned_bytes(text, n, SCAN_TEXT), SCAN_OK);
	}
}

static void
a_nul_byte_is_no_end_and_no_space(void **state)
{
	(void)state;
	assert_int_equal(scanned_bytes("1\0", 2, 0), SCAN_SYNTAX);
	assert_int_equal(scanned_bytes("\0", 1, 0), SCAN_SYNTAX);
	assert_int_equal(scanned_bytes("[\0]", 3, 0), SCAN_SYNTAX);
	assert_int_equal(scanned_bytes("\"a\0b\"", 5, 0), SCAN_SYNTAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_value_is_a_text),
		cmocka_unit_test(broken_structure_is_refused),
		cmocka_unit_test(numbers_follow_the_grammar),
		cmocka_unit_test(a_number_that_cjson_would_cut_is_refused_where_it_will_be_decoded),
		cmocka_unit_test(escapes_are_the_nine_of_the_standard),
		cmocka_unit_test(nul_and_lone_surrogates_are_refused_only_where_they_will_be_decoded),
		cmocka_unit_test(control_characters_are_refused_raw_at_every_offset),
		cmocka_unit_test(every_plain_character_is_taken_at_every_offset),
		cmocka_unit_test(a_string_ends_at_its_quote_at_every_length),
		cmocka_unit_test(utf8_is_checked_at_its_boundaries),
		cmocka_unit_test(thirty_two_levels_are_enough),
		cmocka_unit_test(what_is_wrapped_by_us_may_have_a_few_more),
		cmocka_unit_test(brackets_of_both_kinds_are_told_apart_at_every_level),
		cmocka_unit_test(every_truncation_of_an_object_is_refused),
		cmocka_unit_test(a_nul_byte_is_no_end_and_no_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
