/* metric: the text that Prometheus reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metric.h"

struct values {
	int64_t			alone;
	int64_t			pair[2];
	struct metric_histogram	times;
};

static bool
by_colour(size_t i, const char *value_r[METRIC_LABELS])
{
	value_r[0] = i == 0 ? "red" : "a \"b\"\\\nc";
	value_r[1] = "x";
	return i < 2;
}

static void
expect_text(const struct metric *metric, const struct values *values, const char *wanted)
{
	struct buf out = { 0 };

	metric_write(metric, 1, values, &out);
	assert_string_equal(out.data, wanted);
	buf_free(&out);
}

static void
a_single_figure_has_help_type_and_value(void **state)
{
	const struct values values = { .alone = 7 };
	const struct metric metric = {
		.name = "a_total", .help = "Says \"it\"\\.", .kind = METRIC_COUNTER,
		.offset = offsetof(struct values, alone),
	};

	(void)state;
	expect_text(&metric, &values, "# HELP a_total Says \"it\"\\\\.\n# TYPE a_total counter\na_total 7\n");
}

static void
labels_are_escaped(void **state)
{
	const struct values values = { .pair = { 1, -2 } };
	const struct metric metric = {
		.name = "b", .help = "h", .kind = METRIC_GAUGE, .offset = offsetof(struct values, pair),
		.label = { "colour", "other" }, .value = by_colour,
	};

	(void)state;
	expect_text(&metric, &values, "# HELP b h\n# TYPE b gauge\nb{colour=\"red\",other=\"x\"} 1\n"
	    "b{colour=\"a \\\"b\\\"\\\\\\nc\",other=\"x\"} -2\n");
}

static void
microseconds_are_told_as_seconds(void **state)
{
	const struct values values = { .alone = 1234567890 };
	const struct metric metric = {
		.name = "c_seconds", .help = "h", .kind = METRIC_GAUGE, .unit = METRIC_MICROSECONDS,
		.offset = offsetof(struct values, alone),
	};

	(void)state;
	expect_text(&metric, &values, "# HELP c_seconds h\n# TYPE c_seconds gauge\nc_seconds 1234.567890\n");
}

/* The number at the end of the line that begins like this. */
static long
number_of(const struct buf *text, const char *begin)
{
	const char *line = strstr(text->data, begin);

	assert_non_null(line);
	return strtol(line + strlen(begin), NULL, 10);
}

static void
a_time_is_counted_in_every_bucket_that_holds_it(void **state)
{
	static const int64_t times[] = {
		0, 500, 501, 1000, 999999, 1000000, 10000000, 10000001, INT64_C(3600) * US_PER_S, -10 * US_PER_S,
	};
	const struct metric metric = {
		.name = "d_seconds", .help = "h", .kind = METRIC_HISTOGRAM, .offset = offsetof(struct values, times),
	};
	struct values values = { .alone = 0 };
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNTOF(times); i++)
		metric_observe(&values.times, times[i]);
	metric_write(&metric, 1, &values, &out);
	assert_int_equal(number_of(&out, "d_seconds_bucket{le=\"0.0005\"} "), 3);
	assert_int_equal(number_of(&out, "d_seconds_bucket{le=\"0.001\"} "), 5);
	assert_int_equal(number_of(&out, "d_seconds_bucket{le=\"0.5\"} "), 5);
	assert_int_equal(number_of(&out, "d_seconds_bucket{le=\"1\"} "), 7);
	assert_int_equal(number_of(&out, "d_seconds_bucket{le=\"10\"} "), 8);
	assert_int_equal(number_of(&out, "d_seconds_bucket{le=\"+Inf\"} "), 10);
	assert_int_equal(number_of(&out, "d_seconds_count "), 10);
	assert_int_equal(number_of(&out, "d_seconds_sum "), 3622);
	buf_free(&out);
}

static void
structs_are_added_cell_by_cell(void **state)
{
	struct values one = { .alone = 1, .pair = { 2, 3 } }, total = { .alone = 10 };

	(void)state;
	metric_observe(&one.times, 700);
	metric_sum((void *)&total, (const void *)&one, sizeof(one) / sizeof(int64_t));
	metric_sum((void *)&total, (const void *)&one, sizeof(one) / sizeof(int64_t));
	assert_int_equal(total.alone, 12);
	assert_int_equal(total.pair[1], 6);
	assert_int_equal(total.times.bucket[1], 2);
	assert_int_equal(total.times.sum_us, 1400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_single_figure_has_help_type_and_value),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(microseconds_are_told_as_seconds),
		cmocka_unit_test(a_time_is_counted_in_every_bucket_that_holds_it),
		cmocka_unit_test(structs_are_added_cell_by_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
