/* str: numbers, encodings, UTF-8, addresses, random text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sizes.h"
#include "str.h"

static const char base64url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
integers_are_read_whole_and_in_range(void **state)
{
	static const struct { const char *text; int64_t min, max; bool ok; int64_t value; } cases[] = {
		{ "0", 0, 9, true, 0 }, { "9", 0, 9, true, 9 }, { "10", 0, 9, false, 0 }, { "1", 2, 9, false, 0 },
		{ "-5", -9, 9, true, -5 }, { "-5", 0, 9, false, 0 }, { "-0", -9, 9, true, 0 },
		{ "", 0, 9, false, 0 }, { "-", -9, 9, false, 0 }, { "+5", 0, 9, false, 0 }, { " 5", 0, 9, false, 0 },
		{ "5 ", 0, 9, false, 0 }, { "05", 0, 9, false, 0 }, { "00", 0, 9, false, 0 },
		{ "-05", -9, 9, false, 0 },
		{ "0x5", 0, 9, false, 0 }, { "5a", 0, 9, false, 0 }, { "5.0", 0, 9, false, 0 },
		{ "9223372036854775807", 0, INT64_MAX, true, INT64_MAX },
		{ "9223372036854775808", 0, INT64_MAX, false, 0 },
		{ "-9223372036854775808", INT64_MIN, 0, true, INT64_MIN },
		{ "-9223372036854775809", INT64_MIN, 0, false, 0 },
		{ "18446744073709551617", 0, INT64_MAX, false, 0 },
		{ "99999999999999999999999", 0, INT64_MAX, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		int64_t value = 77;

		if (str_to_int(cases[i].text, strlen(cases[i].text), cases[i].min, cases[i].max,
		    &value) != cases[i].ok)
			fail_msg("\"%s\"", cases[i].text);
		assert_true(value == (cases[i].ok ? cases[i].value : 77));
	}
}

static void
only_the_given_bytes_of_a_number_are_read(void **state)
{
	int64_t value;

	(void)state;
	assert_true(str_to_int("1234x", 3, 0, 999, &value));
	assert_int_equal(value, 123);
	assert_false(str_to_int("1\0" "2", 3, 0, 999, &value));
}

static void
a_copy_is_cut_and_says_so(void **state)
{
	char dst[4];

	(void)state;
	assert_true(str_copy(dst, sizeof(dst), "abc"));
	assert_string_equal(dst, "abc");
	assert_false(str_copy(dst, sizeof(dst), "wxyz"));
	assert_string_equal(dst, "wxy");
	assert_true(str_copy(dst, 1, ""));
	assert_false(str_copy(dst, 1, "a"));
	assert_string_equal(dst, "");
	assert_false(str_copy(dst, 0, ""));
}

static void
texts_are_compared_whole(void **state)
{
	(void)state;
	assert_true(str_equal(str_slice("abc"), "abc"));
	assert_false(str_equal(str_slice("abc"), "ab"));
	assert_false(str_equal(str_slice("ab"), "abc"));
	assert_true(str_equal((struct slice){ 0 }, ""));
}

static void
control_characters_are_found(void **state)
{
	static const char *const bad[] = {
		"\x01", "a\x1f", "\x7f", "a\x1b\r\n", "\x1b[31m", "\xc2\x80", "a\xc2\x9f", "\v", "\f",
	};
	static const char *const good[] = { "", "a b", "\xc2\xa0", "\xc3\x80", "\xe2\x80\xa8", "\xf0\x9f\x99\x82" };

	(void)state;
	for (size_t i = 0; i < COUNTOF(bad); i++) {
		assert_true(str_has_control(bad[i], false));
		assert_true(str_has_control(bad[i], true));
	}
	for (size_t i = 0; i < COUNTOF(good); i++)
		assert_false(str_has_control(good[i], false));
	assert_true(str_has_control("a\nb", false));
	assert_true(str_has_control("a\tb", false));
	assert_true(str_has_control("a\r", false));
	assert_false(str_has_control("a\r\n\tb", true));
}

static void
space_is_trimmed_at_both_ends(void **state)
{
	(void)state;
	assert_true(str_equal(str_trim(str_slice(" \t\r\n\f\va b \n")), "a b"));
	assert_true(str_equal(str_trim(str_slice("a")), "a"));
	assert_int_equal(str_trim(str_slice(" \n ")).n, 0);
	assert_int_equal(str_trim(str_slice("")).n, 0);
}

/* Against the definition: decode by hand, then judge the code point. */
static bool
reference_valid(const unsigned char *p, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	for (size_t i = 0; i < n;) {
		size_t length = p[i] < 0x80 ? 1 : (p[i] & 0xe0) == 0xc0 ? 2 : (p[i] & 0xf0) == 0xe0 ? 3 :
		    (p[i] & 0xf8) == 0xf0 ? 4 : 0;
		uint32_t c = length == 1 ? p[i] : p[i] & (0x7fU >> length);

		if (length == 0 || i + length > n)
			return false;
		for (size_t k = 1; k < length; k++) {
			if ((p[i + k] & 0xc0) != 0x80)
				return false;
			c = c << 6 | (p[i + k] & 0x3f);
		}
		if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return false;
		i += length;
	}
	return true;
}

static void
utf8_is_what_the_standard_says_for_every_beginning(void **state)
{
	static const unsigned char tails[] = { 0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
	    0xff };
	unsigned char p[4];

	(void)state;
	for (int a = 0; a < 256; a++) {
		for (int b = 0; b < 256; b++) {
			for (size_t c = 0; c < COUNTOF(tails); c++) {
				for (size_t d = 0; d < COUNTOF(tails); d++) {
					p[0] = (unsigned char)a;
					p[1] = (unsigned char)b;
					p[2] = tails[c];
					p[3] = tails[d];
					for (size_t n = 0; n <= 4; n++)
						assert_int_equal(str_utf8_valid((char *)p, n),
						    reference_valid(p, n));
				}
			}
		}
	}
}

static void
code_points_are_counted(void **state)
{
	(void)state;
	assert_int_equal(str_utf8_count("", 0), 0);
	assert_int_equal(str_utf8_count("abc", 3), 3);
	assert_int_equal(str_utf8_count("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80!", 10), 4);
	assert_int_equal(str_utf8_next("\xe2\x82\xac", 3), 3);
	assert_int_equal(str_utf8_next("\xe2\x82\xac", 2), 0);
	assert_int_equal(str_utf8_next("", 0), 0);
}

static void
addresses_that_mail_can_reach_are_told_from_others(void **state)
{
	static const char *const good[] = {
		"a@b", "user@example.org", "first.last+tag@sub.example.org", "o'brien@example.org",
		"x_y-z@localhost",
		"\xc3\xa9@b\303\274cher.example", "a/b@c", "1@2.3",
	};
	static const char *const bad[] = {
		"", "@", "a@", "@b", "a", "a@b@c", "a b@c", "a@b c", "a@.b", "a@b.", "a@b..c", "a\n@b",
		"a@b\n", "<a@b>", "a@[1.2.3.4]",
		"\"a\"@b", "a,b@c", "a;b@c", "a\\b@c", "a@b_c", "a\x7f@b", "\xff@b", "a@\xc3", "a@b/c",
		"a(b)@c", "a\xc2\x9b@b",
	};
	char longest[LIMIT_EMAIL + 2];

	(void)state;
	for (size_t i = 0; i < COUNTOF(good); i++)
		if (!str_is_email(good[i]))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < COUNTOF(bad); i++)
		if (str_is_email(bad[i]))
			fail_msg("taken: %s", bad[i]);
	memset(longest, 'a', sizeof(longest));
	longest[1] = '@';
	longest[LIMIT_EMAIL] = '\0';
	assert_true(str_is_email(longest));
	longest[LIMIT_EMAIL] = 'a';
	longest[LIMIT_EMAIL + 1] = '\0';
	assert_false(str_is_email(longest));
}

static void
bytes_are_written_in_hexadecimal(void **state)
{
	char dst[9];

	(void)state;
	str_hex(dst, "\x00\x7f\xab\xff", 4);
	assert_string_equal(dst, "007fabff");
	str_hex(dst, "", 0);
	assert_string_equal(dst, "");
}

/* The vectors of RFC 4648 10, without their padding, and the two letters that differ. */
static void
bytes_are_written_in_base64url(void **state)
{
	static const struct { const char *bytes, *text; } cases[] = {
		{ "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg" },
		{ "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xbf", "-_-_" },
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		char dst[STR_BASE64URL_SIZE(6)];

		str_base64url(dst, cases[i].bytes, strlen(cases[i].bytes));
		assert_string_equal(dst, cases[i].text);
		assert_int_equal(strlen(dst) + 1, STR_BASE64URL_SIZE(strlen(cases[i].bytes)));
	}
}

static void
base64url_is_read_as_it_is_written_and_in_no_other_way(void **state)
{
	static const char *const bad[] = { "", "Z", "Zg=", "Zg==", "Zh", "Zm9", "Zm9vY", "Zm+v", "Zm/v", "Z m8",
	    "Zm8\n" };
	unsigned char bytes[64];
	char text[STR_BASE64URL_SIZE(sizeof(bytes))], back[sizeof(bytes)];
	size_t n = 99;

	(void)state;
	str_random_bytes(bytes, sizeof(bytes));
	for (size_t i = 1; i <= sizeof(bytes); i++) {
		str_base64url(text, bytes, i);
		assert_true(str_base64url_valid(str_slice(text)));
		assert_true(str_base64url_read(back, str_slice(text), &n));
		assert_int_equal(n, i);
		assert_memory_equal(back, bytes, i);
	}
	for (size_t i = 0; i < COUNTOF(bad); i++) {
		assert_false(str_base64url_valid(str_slice(bad[i])));
		assert_false(str_base64url_read(back, str_slice(bad[i]), &n));
	}
}

/* RFC 4648 10. */
static void
bytes_are_written_in_padded_base64(void **state)
{
	static const struct { const char *bytes, *text; } cases[] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xbf", "+/+/" },
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		char dst[STR_BASE64_SIZE(6)];

		str_base64(dst, cases[i].bytes, strlen(cases[i].bytes));
		assert_string_equal(dst, cases[i].text);
		assert_int_equal(strlen(dst) + 1, STR_BASE64_SIZE(strlen(cases[i].bytes)));
	}
}

static void
random_text_is_of_the_alphabet_and_never_the_same(void **state)
{
	char a[23], b[23], many[4097];

	(void)state;
	str_random(a, 22);
	str_random(b, 22);
	assert_int_equal(strlen(a), 22);
	assert_int_equal(strspn(a, base64url_alphabet), 22);
	assert_string_not_equal(a, b);
	str_random(many, 4096);
	for (const char *c = base64url_alphabet; *c != '\0'; c++)
		assert_non_null(strchr(many, *c));
	str_random(a, 0);
	assert_string_equal(a, "");
}

static void
random_bytes_fill_all_they_are_asked_to(void **state)
{
	unsigned char bytes[5000] = { 0 };
	size_t zeros = 0;

	(void)state;
	str_random_bytes(bytes, sizeof(bytes));
	for (size_t i = sizeof(bytes) - 1000; i < sizeof(bytes); i++)
		zeros += bytes[i] == 0;
	assert_true(zeros < 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_read_whole_and_in_range),
		cmocka_unit_test(only_the_given_bytes_of_a_number_are_read),
		cmocka_unit_test(a_copy_is_cut_and_says_so),
		cmocka_unit_test(texts_are_compared_whole),
		cmocka_unit_test(control_characters_are_found),
		cmocka_unit_test(space_is_trimmed_at_both_ends),
		cmocka_unit_test(utf8_is_what_the_standard_says_for_every_beginning),
		cmocka_unit_test(code_points_are_counted),
		cmocka_unit_test(addresses_that_mail_can_reach_are_told_from_others),
		cmocka_unit_test(bytes_are_written_in_hexadecimal),
		cmocka_unit_test(bytes_are_written_in_base64url),
		cmocka_unit_test(base64url_is_read_as_it_is_written_and_in_no_other_way),
		cmocka_unit_test(bytes_are_written_in_padded_base64),
		cmocka_unit_test(random_text_is_of_the_alphabet_and_never_the_same),
		cmocka_unit_test(random_bytes_fill_all_they_are_asked_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
