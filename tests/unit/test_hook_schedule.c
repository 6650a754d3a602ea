#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../hook-daemon/schedule.h"
#include "str.h"

#define FIRST	(5 * US_PER_S)
#define HOUR	(3600 * US_PER_S)
#define DAY	(24 * HOUR)
#define NEVER	INT64_MAX
#define MIDDLE	500	/* chance: neither more nor less */
#define LEAST	0
#define MOST	999

static void
pauses_grow_threefold_up_to_an_hour(void **state)
{
	static const int64_t seconds[] = { 5, 15, 45, 135, 405, 1215, 3600, 3600 };

	(void)state;
	for (size_t i = 0; i < COUNTOF(seconds); i++)
		assert_int_equal(schedule_pause(FIRST, (int64_t)i + 1, MIDDLE), seconds[i] * US_PER_S);
	assert_int_equal(schedule_pause(FIRST, INT64_MAX, MIDDLE), HOUR);
}

static void
a_pause_is_a_fifth_more_or_less(void **state)
{
	(void)state;
	assert_int_equal(schedule_pause(FIRST, 1, LEAST), 4 * US_PER_S);
	assert_in_range(schedule_pause(FIRST, 1, MOST), 5990 * US_PER_MS, 6 * US_PER_S);
	for (uint32_t chance = 0; chance < 5000; chance++)
		assert_in_range(schedule_pause(FIRST, 2, chance * 0x9e3779b9u), 12 * US_PER_S, 18 * US_PER_S);
	assert_true(schedule_pause(10 * US_PER_MS, 1, LEAST) > 0);
}

static void
a_day_of_failures_has_some_thirty_attempts_and_an_end(void **state)
{
	int64_t now = 0, next;
	int attempts = 1;

	(void)state;
	while ((next = schedule_next(FIRST, attempts, 0, DAY, now, MIDDLE)) != 0) {
		assert_true(next > now);
		now = next;
		attempts++;
	}
	assert_int_equal(now, DAY);	/* the last one is then, not an hour before */
	assert_in_range(attempts, 28, 32);
}

static void
the_receiver_may_ask_for_a_longer_pause_within_bounds(void **state)
{
	(void)state;
	assert_int_equal(schedule_next(FIRST, 1, 60 * US_PER_S, NEVER, 0, MIDDLE), 60 * US_PER_S);
	assert_int_equal(schedule_next(FIRST, 1, 1 * US_PER_S, NEVER, 0, MIDDLE), FIRST);
	assert_int_equal(schedule_next(FIRST, 1, DAY, NEVER, 0, MIDDLE), HOUR);
	assert_int_equal(schedule_next(FIRST, 1, 60 * US_PER_S, 30 * US_PER_S, 0, MIDDLE), 30 * US_PER_S);
}

static void
retry_after_is_whole_seconds(void **state)
{
	static const struct {
		const char	*text;
		int64_t		 seconds;
	} values[] = {
		{ " 120\r\n", 120 }, { "0", 0 }, { "86400", 86400 }, { "86401", 0 }, { "-5", 0 },
		{ "1.5", 0 }, { "", 0 },
		{ "99999999999999999999", 0 }, { "Fri, 31 Dec 1999 23:59:59 GMT", 0 }, { "12 34", 0 }, { "0x10", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(values); i++)
		assert_int_equal(schedule_retry_after(str_slice(values[i].text)), values[i].seconds * US_PER_S);
}

static void
who_fails_five_times_running_is_let_alone_ever_longer(void **state)
{
	(void)state;
	for (int64_t failures = 0; failures < 5; failures++) {
		assert_false(schedule_is_alone(failures));
		assert_int_equal(schedule_alone(FIRST, failures, 100, MIDDLE), 0);
	}
	assert_true(schedule_is_alone(5));
	assert_int_equal(schedule_alone(FIRST, 5, 100, MIDDLE), 100 + FIRST);
	assert_int_equal(schedule_alone(FIRST, 7, 100, MIDDLE), 100 + 9 * FIRST);
	assert_int_equal(schedule_alone(FIRST, 1000000, 100, MIDDLE), 100 + HOUR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_grow_threefold_up_to_an_hour),
		cmocka_unit_test(a_pause_is_a_fifth_more_or_less),
		cmocka_unit_test(a_day_of_failures_has_some_thirty_attempts_and_an_end),
		cmocka_unit_test(the_receiver_may_ask_for_a_longer_pause_within_bounds),
		cmocka_unit_test(retry_after_is_whole_seconds),
		cmocka_unit_test(who_fails_five_times_running_is_let_alone_ever_longer),
	};

	return cmocka_run_group_tests_name("hook_schedule", tests, NULL, NULL);
}
