/* buf: grows, stays terminated, gives its memory away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"

static void
a_zeroed_struct_is_an_empty_buffer(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_clear(&b);
	buf_consume(&b, 0);
	buf_consume(&b, 10);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

static void
what_is_added_stands_there_terminated(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_adds(&b, "one");
	buf_addc(&b, ' ');
	buf_add(&b, "two!", 3);
	buf_addf(&b, " %d%s", 3, "");
	buf_add(&b, NULL, 0);
	assert_string_equal(b.data, "one two 3");
	assert_int_equal(b.len, 9);
	buf_free(&b);
	assert_null(b.data);
	assert_int_equal(b.cap, 0);
}

static void
a_reset_keeps_little_memory_and_gives_much_back(void **state)
{
	struct buf b = { 0 };
	const char *data;

	(void)state;
	buf_addf(&b, "%1000s", "x");
	data = b.data;
	buf_reset(&b, b.cap);
	assert_ptr_equal(b.data, data);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
	buf_reset(&b, b.cap - 1);
	assert_null(b.data);
	assert_int_equal(b.cap, 0);
	buf_reset(&b, 0);
}

static void
it_grows_to_any_size(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++) {
		buf_addc(&b, (char)('a' + i % 26));
		assert_true(b.len < b.cap);
	}
	for (int i = 0; i < 100000; i++)
		assert_int_equal(b.data[i], 'a' + i % 26);
	buf_addf(&b, "%70000s", "x");
	assert_int_equal(strlen(b.data), 170000);
	buf_free(&b);
}

static void
reserved_room_is_the_callers_to_fill(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_adds(&b, "ab");
	memcpy(buf_reserve(&b, 1000), "cd", 2);
	assert_true(b.cap > 1002);
	b.len += 2;
	b.data[b.len] = '\0';
	assert_string_equal(b.data, "abcd");
	buf_reserve(&b, 0);
	assert_string_equal(b.data, "abcd");
	buf_free(&b);
}

static void
clearing_keeps_the_memory(void **state)
{
	struct buf b = { 0 };
	const char *data;

	(void)state;
	buf_adds(&b, "text");
	data = b.data;
	buf_clear(&b);
	assert_string_equal(b.data, "");
	assert_ptr_equal(b.data, data);
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

static void
consuming_drops_from_the_front(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_adds(&b, "abcdef");
	buf_consume(&b, 2);
	assert_string_equal(b.data, "cdef");
	buf_consume(&b, 0);
	assert_int_equal(b.len, 4);
	buf_consume(&b, 99);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

static void
integers_are_added_in_decimal(void **state)
{
	static const int64_t numbers[] = { 0, 7, -7, 10, 1234567890, -100, INT64_MAX, INT64_MIN };
	char want[32];

	(void)state;
	for (size_t i = 0; i < COUNTOF(numbers); i++) {
		struct buf b = { 0 };

		buf_add_int(&b, numbers[i]);
		snprintf(want, sizeof(want), "%lld", (long long)numbers[i]);
		assert_string_equal(b.data, want);
		assert_int_equal(b.len, strlen(want));
		buf_free(&b);
	}
}

/* Whether it fits into what is left, exactly, or by one too little. */
static void
formatted_text_stands_there_whole_wherever_the_memory_ends(void **state)
{
	static const char filler[] = "0123456789012345678901234567890123456789012345678901234567890123456789";

	(void)state;
	for (int n = 0; n < (int)sizeof(filler); n++) {
		struct buf b = { 0 };

		buf_adds(&b, "before ");
		buf_addf(&b, "%.*s.", n, filler);
		assert_int_equal(b.len, 7 + n + 1);
		assert_int_equal(strlen(b.data), b.len);
		assert_memory_equal(b.data + 7, filler, (size_t)n);
		assert_int_equal(b.data[7 + n], '.');
		buf_free(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zeroed_struct_is_an_empty_buffer),
		cmocka_unit_test(what_is_added_stands_there_terminated),
		cmocka_unit_test(a_reset_keeps_little_memory_and_gives_much_back),
		cmocka_unit_test(it_grows_to_any_size),
		cmocka_unit_test(reserved_room_is_the_callers_to_fill),
		cmocka_unit_test(clearing_keeps_the_memory),
		cmocka_unit_test(integers_are_added_in_decimal),
		cmocka_unit_test(formatted_text_stands_there_whole_wherever_the_memory_ends),
		cmocka_unit_test(consuming_drops_from_the_front),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
