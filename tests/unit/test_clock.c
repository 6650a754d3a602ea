/* clock: RFC 3339, read strictly and written one way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "clock.h"

static void
expect_time(const char *text, int64_t want_us)
{
	int64_t us = -1;

	if (!clock_parse(text, &us) || us != want_us)
		fail_msg("%s: %lld instead of %lld", text, (long long)us, (long long)want_us);
}

static void
times_are_written_in_utc_with_microseconds(void **state)
{
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	clock_format(text, 0);
	assert_string_equal(text, "1970-01-01T00:00:00.000000Z");
	clock_format(text, INT64_C(1705315845123456));
	assert_string_equal(text, "2024-01-15T10:50:45.123456Z");
	clock_format(text, INT64_C(951782400000001));
	assert_string_equal(text, "2000-02-29T00:00:00.000001Z");
	clock_format(text, INT64_C(253402300799999999));
	assert_string_equal(text, "9999-12-31T23:59:59.999999Z");
}

static void
times_that_cannot_be_written_are_the_nearest_that_can(void **state)
{
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	clock_format(text, -1);
	assert_string_equal(text, "1970-01-01T00:00:00.000000Z");
	clock_format(text, INT64_MAX);
	assert_string_equal(text, "9999-12-31T23:59:59.999999Z");
}

static void
every_form_of_the_standard_is_read(void **state)
{
	const int64_t base = INT64_C(1705315845) * US_PER_S;

	(void)state;
	expect_time("2024-01-15T10:50:45Z", base);
	expect_time("2024-01-15t10:50:45z", base);
	expect_time("2024-01-15T10:50:45.1Z", base + 100000);
	expect_time("2024-01-15T10:50:45.123456Z", base + 123456);
	expect_time("2024-01-15T10:50:45.123456999Z", base + 123456);
	expect_time("2024-01-15T10:50:45.000000001Z", base);
	expect_time("2024-01-15T10:50:45+00:00", base);
	expect_time("2024-01-15T10:50:45-00:00", base);
	expect_time("2024-01-15T12:50:45+02:00", base);
	expect_time("2024-01-15T05:20:45.5-05:30", base + 500000);
	expect_time("2024-01-16T09:50:45+23:00", base);
	expect_time("1970-01-01T00:00:00Z", 0);
	expect_time("9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999));
}

static void
only_dates_of_the_calendar_are_read(void **state)
{
	(void)state;
	expect_time("2024-02-29T00:00:00Z", INT64_C(1709164800) * US_PER_S);
	expect_time("2000-02-29T00:00:00Z", INT64_C(951782400) * US_PER_S);
	for (int month = 0; month <= 13; month++) {
		static const int days[] = { 0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0 };

		for (int day = 0; day <= 32; day++) {
			char text[] = "2023-00-00T12:00:00Z";
			int64_t us;

			text[5] = (char)('0' + month / 10);
			text[6] = (char)('0' + month % 10);
			text[8] = (char)('0' + day / 10);
			text[9] = (char)('0' + day % 10);
			assert_int_equal(clock_parse(text, &us), day >= 1 && day <= days[month]);
		}
	}
}

static void
anything_else_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "2024", "2024-01-15", "2024-01-15T", "2024-01-15T10:50Z", "2024-01-15T10:50:45",
		"2024-01-15 10:50:45Z",
		"2024-1-15T10:50:45Z", "24-01-15T10:50:45Z", "12024-01-15T10:50:45Z", "2024-01-15T24:00:00Z",
		"2024-01-15T10:60:45Z", "2016-12-31T23:59:60Z", "2024-01-15T10:50:45.Z",
		"2024-01-15T10:50:45,5Z",
		"2024-01-15T10:50:45.1234567890Z", "2024-01-15T10:50:45+2:00", "2024-01-15T10:50:45+0200",
		"2024-01-15T10:50:45+24:00", "2024-01-15T10:50:45+02:60", "2024-01-15T10:50:45+02",
		"2024-01-15T10:50:45ZZ",
		" 2024-01-15T10:50:45Z", "2024-01-15T10:50:45Z ", "-024-01-15T10:50:45Z",
		"2023-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01",
		"2024-01-15T10:50:45.5", "2024/01/15T10:50:45Z",
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(texts); i++) {
		int64_t us = 42;

		if (clock_parse(texts[i], &us))
			fail_msg("taken: %s", texts[i]);
		assert_int_equal(us, 42);
	}
}

static void
what_is_written_is_read_back(void **state)
{
	(void)state;
	for (int64_t us = 1; us < INT64_C(253402300799999999); us = us * 3 + 12345) {
		char text[CLOCK_TEXT_SIZE];

		clock_format(text, us);
		expect_time(text, us);
	}
}

static void
the_clocks_run(void **state)
{
	int64_t wall = clock_wall_us(), mono = clock_mono_us();

	(void)state;
	assert_true(wall > INT64_C(1700000000) * US_PER_S);
	assert_true(clock_mono_us() >= mono);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_written_in_utc_with_microseconds),
		cmocka_unit_test(times_that_cannot_be_written_are_the_nearest_that_can),
		cmocka_unit_test(every_form_of_the_standard_is_read),
		cmocka_unit_test(only_dates_of_the_calendar_are_read),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(the_clocks_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
