/* wire: upgrades; text in pieces is UTF-8, and seen at once when it is not; close frames. */
#include "../../ws-daemon/wire.h"
#include "ws_support.h"

/* Whether it is text, whatever the pieces; in *seen_r after how many bytes it was clear that it is not. */
static bool
is_text(const char *p, size_t n, size_t piece, size_t *seen_r)
{
	struct wire_text text = { .missing = 0 };

	for (size_t i = 0; i < n; i += piece) {
		size_t part = MIN(piece, n - i);

		*seen_r = i + part;
		if (!wire_text(&text, p + i, part, i + part == n))
			return false;
	}
	return true;
}

static void
every_text_is_judged_as_a_whole_one_is_whatever_its_pieces(void **state)
{
	static const char bytes[] = "a\x7f\x80\x8f\x90\x9f\xa0\xbf\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef"
				    "\xf0\xf1\xf3\xf4\xf5\xff";
	unsigned seed = 1;
	size_t valid = 0, seen;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		char text[24];
		size_t n = 1 + (size_t)rand_r(&seed) % sizeof(text);
		bool whole;

		memset(text, 'x', sizeof(text));
		for (int k = rand_r(&seed) % 5; k >= 0; k--)
			text[(size_t)rand_r(&seed) % n] = bytes[(size_t)rand_r(&seed) % (sizeof(bytes) - 1)];
		whole = str_utf8_valid(text, n);
		valid += whole;
		for (size_t piece = 1; piece <= n; piece++)
			assert_int_equal(is_text(text, n, piece, &seen), whole);
	}
	assert_in_range(valid, 1000, 199000);
}

static void
what_cannot_become_text_any_more_is_seen_at_its_byte(void **state)
{
	static const struct { const char *bytes; size_t seen; } wrong[] = {
		{ "ab\xffxx", 3 }, { "\xc0\x80", 1 }, { "\xe0\x80\x80", 2 }, { "\xed\xa0\x80", 2 },
		{ "\xf0\x8f\xbf\xbf", 2 }, { "\xf4\x90\x80\x80", 2 }, { "\xf5\x80\x80\x80", 1 },
		{ "\xc3(", 2 }, { "\xe1\x80(", 3 }, { "x\x80", 2 },
	};
	size_t seen;

	(void)state;
	for (size_t i = 0; i < COUNTOF(wrong); i++) {
		assert_false(is_text(wrong[i].bytes, strlen(wrong[i].bytes), 1, &seen));
		assert_int_equal(seen, wrong[i].seen);
	}
	assert_false(is_text("abc\xf0\x9f\x98", 6, 6, &seen));
}

/* What a close frame of that code and reason is answered with. */
static int
answer_of(int code, const char *reason)
{
	unsigned char payload[2 + 123] = { (unsigned char)(code >> 8), (unsigned char)code };

	memcpy(payload + 2, reason, strlen(reason));
	assert_int_equal(wire_close(payload, 2 + strlen(reason)), 0);
	assert_true(str_utf8_valid((const char *)payload + 2, strlen(reason)));
	return payload[0] << 8 | payload[1];
}

static void
a_close_frame_has_nothing_or_a_code_that_may_be_sent_and_a_text(void **state)
{
	static const int good[] = { 1000, 1001, 1002, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999 };
	static const int bad[] = { 0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535 };
	unsigned char one = 'a';

	(void)state;
	assert_int_equal(wire_close(NULL, 0), 0);
	assert_int_equal(wire_close(&one, 1), CLOSING_PROTOCOL);
	for (size_t i = 0; i < COUNTOF(good); i++)
		assert_int_equal(answer_of(good[i], "gr\xc3\xbc\xc3\x9f"), good[i]);
	for (size_t i = 0; i < COUNTOF(bad); i++)
		assert_int_equal(answer_of(bad[i], "why"), CLOSING_PROTOCOL);
	assert_int_equal(answer_of(1000, "\xce\xba\xed\xa0\x80"), CLOSING_NO_TEXT);
}

static void
expect_reply(const char *reply, int status)
{
	const char *body;

	assert_non_null(reply);
	assert_int_equal(strncmp(reply, "HTTP/1.1 ", 9), 0);
	assert_int_equal(strtol(reply + 9, NULL, 10), status);
	assert_non_null(body = strstr(reply, "\r\n\r\n"));
	assert_int_equal(strtol(strstr(reply, "Content-Length: ") + 16, NULL, 10), strlen(body + 4));
}

static void
an_upgrade_is_a_get_of_version_13_with_a_key_of_16_bytes(void **state)
{
	static const char *const keys[] = {
		"", "dGhlIHNhbXBsZSBub25j", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ==x",
		"dGhlIHNhbXBsZSBub25jZWU=", "dGhlIHNhbXBsZSBub25jZ*==", "========================",
	};
	static const char *const versions[] = { "", "8", "14", "013", "13 ", "13, 8" };
	const char *good = "dGhlIHNhbXBsZSBub25jZQ==";

	(void)state;
	assert_null(wire_upgrade(true, "13", good));
	expect_reply(wire_upgrade(false, "13", good), 405);
	for (size_t i = 0; i < COUNTOF(versions); i++)
		expect_reply(wire_upgrade(true, versions[i], good), 426);
	for (size_t i = 0; i < COUNTOF(keys); i++)
		expect_reply(wire_upgrade(true, "13", keys[i]), 400);
	expect_reply(wire_busy(), 429);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_upgrade_is_a_get_of_version_13_with_a_key_of_16_bytes),
		cmocka_unit_test(every_text_is_judged_as_a_whole_one_is_whatever_its_pieces),
		cmocka_unit_test(what_cannot_become_text_any_more_is_seen_at_its_byte),
		cmocka_unit_test(a_close_frame_has_nothing_or_a_code_that_may_be_sent_and_a_text),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
