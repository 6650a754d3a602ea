/* attend: stored intervals gathered by person. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fcgi-api/attend.h"
#include "arena.h"

#define T(seconds)	((1000 + (seconds)) * US_PER_S)

static const char *
emitted(struct attendance *rows, size_t n, int64_t now_us, struct buf *out)
{
	struct attend attend = { .rows = rows, .n = n };
	struct arena *arena = arena_new();
	struct emit e = emit_into(out);

	attend_gather(&attend, arena);
	attend_emit(&e, NULL, &attend, now_us);
	arena_free(&arena);
	return out->data;
}

static struct attendance
row(int64_t user_id, int64_t joined_at, int64_t left_at)
{
	return (struct attendance){ .user = { user_id, "a@b", "N" }, .joined_at = joined_at, .left_at = left_at };
}

static void
nobody_is_an_empty_list(void **state)
{
	struct buf out = { 0 };

	(void)state;
	assert_string_equal(emitted(NULL, 0, T(0), &out), "[]");
	buf_free(&out);
}

static void
intervals_stand_by_person_in_order_of_arrival(void **state)
{
	struct attendance rows[] = { row(2, T(0), T(10)), row(1, T(5), T(6)), row(2, T(20), T(25)) };
	struct buf out = { 0 };
	const char *second, *first;

	(void)state;
	emitted(rows, COUNTOF(rows), T(100), &out);
	second = strstr(out.data, "\"id\":2");
	first = strstr(out.data, "\"id\":1");
	assert_true(second != NULL && first != NULL && second < first);
	assert_null(strstr(second + 1, "\"id\":2"));
	assert_non_null(strstr(out.data, "\"total_seconds\":15"));
	assert_non_null(strstr(out.data, "\"total_seconds\":1}"));
	buf_free(&out);
}

static void
an_open_interval_lasts_until_now_and_ends_in_null(void **state)
{
	struct attendance rows[] = { row(1, T(0), 0) };
	struct buf out = { 0 };

	(void)state;
	emitted(rows, 1, T(7) + US_PER_S - 1, &out);
	assert_non_null(strstr(out.data, "\"left_at\":null"));
	assert_non_null(strstr(out.data, "\"total_seconds\":7"));
	buf_free(&out);
}

static void
two_devices_at_once_count_once(void **state)
{
	struct attendance rows[] = { row(1, T(0), T(10)), row(1, T(2), T(4)), row(1, T(5), T(12)) };
	struct buf out = { 0 };

	(void)state;
	assert_non_null(strstr(emitted(rows, COUNTOF(rows), T(100), &out), "\"total_seconds\":12"));
	buf_free(&out);
}

/* Holding each row against all before it would take 20,000,000,000 comparisons here. */
static void
people_who_come_and_go_all_day_take_no_time(void **state)
{
	const size_t n = 400 * 1000;
	struct attendance *rows = calloc(n, sizeof(*rows));
	struct arena *arena = arena_new();
	struct attend attend = { .rows = rows, .n = n };

	(void)state;
	for (size_t i = 0; i < n; i++)
		rows[i] = row(i < n / 2 ? 1 : 2, T(0), T(1));
	attend_gather(&attend, arena);
	assert_int_equal(attend.people, 2);
	assert_int_equal(attend.first[1], n / 2);
	arena_free(&arena);
	free(rows);
}

static void
a_clock_set_back_makes_no_negative_time(void **state)
{
	struct attendance open = row(1, T(10), 0);

	(void)state;
	assert_int_equal(attend_length_us(&open, T(5)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_an_empty_list),
		cmocka_unit_test(intervals_stand_by_person_in_order_of_arrival),
		cmocka_unit_test(an_open_interval_lasts_until_now_and_ends_in_null),
		cmocka_unit_test(two_devices_at_once_count_once),
		cmocka_unit_test(people_who_come_and_go_all_day_take_no_time),
		cmocka_unit_test(a_clock_set_back_makes_no_negative_time),
	};

	return cmocka_run_group_tests_name("attend", tests, NULL, NULL);
}
