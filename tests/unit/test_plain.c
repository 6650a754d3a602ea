/* The plain part of a string, in both ways that it is found: whatever stands wherever, beside one byte at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plain.h"

/* Where there is SSE2 the words of other processors are tried as well. */
#undef UNIO_PLAIN_H
#undef __SSE2__
#define plain_end	words_end
#define plain_escape	words_escape
#include "../../shared/plain.c"
#undef plain_end
#undef plain_escape

#define ROOM	200	/* more than the first block, two runs and some blocks */

typedef const char *finder(const char *, const char *);

/* As scan.c goes on at the end of a block. */
static const char *
whole_end(finder *end_of, const char *p, const char *end)
{
	for (;;) {
		p = end_of(p, end);
		if (end - p < 2 || p[0] != '\\' || !plain_escape(p[1]))
			return p;
		p += 2;
	}
}

static const char *
slow_end(const char *p, const char *end)
{
	for (; p < end; p++) {
		if (*p == '\\' && end - p > 1 && strchr("\"\\/bfnrt", p[1]) != NULL && p[1] != '\0')
			p++;
		else if (*p == '\\' || *p == '"' || (unsigned char)*p < ' ' || (unsigned char)*p > 0x7f)
			break;
	}
	return p;
}

static void
check(const char *p, const char *end)
{
	const char *stop = slow_end(p, end);

	assert_ptr_equal(whole_end(plain_end, p, end), stop);
	assert_ptr_equal(whole_end(words_end, p, end), stop);
}

static void
each_byte_stops_or_does_not_at_each_place(void **state)
{
	char	 text[ROOM];
	int	 c, at, n;

	(void)state;
	for (c = 0; c <= UINT8_MAX; c++) {
		for (at = 0; at < 100; at++) {
			memset(text, 'x', sizeof(text));
			text[at] = (char)c;
			for (n = at; n < at + 20; n++)
				check(text, text + n);
			check(text, text + sizeof(text));
		}
	}
}

static void
each_escape_is_one_and_nothing_else_is(void **state)
{
	char	 text[ROOM];
	int	 c, at;

	(void)state;
	for (c = 0; c <= UINT8_MAX; c++) {
		assert_int_equal(plain_escape((char)c), c != 0 && strchr("\"\\/bfnrt", c) != NULL);
		for (at = 0; at < 100; at++) {
			memset(text, 'x', sizeof(text));
			text[at] = '\\';
			text[at + 1] = (char)c;
			check(text, text + sizeof(text));
			check(text, text + at + 1);
			check(text, text + at + 2);
		}
	}
}

static void
any_mixture_ends_where_it_should(void **state)
{
	static const char	 from[] = "abcdefgh ~\\\\\\\\\"nru/\x7f\x80\xff\x1f";
	char			 text[ROOM];
	unsigned		 seed = 1, i;
	int			 round;

	(void)state;
	for (round = 0; round < 200000; round++) {
		for (i = 0; i < sizeof(text); i++) {
			seed = seed * 1103515245u + 12345u;
			text[i] = from[(seed >> 16) % (round % 3 == 0 ? sizeof(from) - 1 : 15)];
		}
		check(text, text + (seed >> 8) % sizeof(text));
	}
}

/* Nearly all of it escapes, so that they lie across every border; then one byte is another. */
static void
lines_are_passed_over_up_to_what_is_wrong(void **state)
{
	static const char	*part[] = { "\\r", "\\n", "\\\\", "\\\"", "\\r\\n", "r", "n", "a=mid:0" };
	char			 text[ROOM];
	unsigned		 seed = 7, i;
	size_t			 n;
	int			 round;

	(void)state;
	for (round = 0; round < 100000; round++) {
		for (n = 0; n < sizeof(text); n += strlen(part[i])) {
			seed = seed * 1103515245u + 12345u;
			i = (seed >> 16) % COUNTOF(part);
			memcpy(text + n, part[i], MIN(strlen(part[i]), sizeof(text) - n));
		}
		check(text, text + (seed >> 8) % sizeof(text));
		text[(seed >> 4) % sizeof(text)] = "\\\"\x1f\x80rnu"[round % 7];
		check(text, text + sizeof(text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_byte_stops_or_does_not_at_each_place),
		cmocka_unit_test(each_escape_is_one_and_nothing_else_is),
		cmocka_unit_test(any_mixture_ends_where_it_should),
		cmocka_unit_test(lines_are_passed_over_up_to_what_is_wrong),
	};

	return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
