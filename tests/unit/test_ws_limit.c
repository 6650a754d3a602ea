#include <stdio.h>

#include "ws_support.h"

static void
a_bucket_gives_its_burst_at_once_and_then_its_rate(void **state)
{
	struct limit_bucket	bucket = { 0 };
	int64_t			now = NOW_US;
	int			i;

	(void)state;
	for (i = 0; i < 200; i++)
		assert_true(limit_take(&bucket, 50, 200, now));
	assert_false(limit_take(&bucket, 50, 200, now));
	assert_false(limit_take(&bucket, 50, 200, now + 19 * US_PER_MS));
	assert_true(limit_take(&bucket, 50, 200, now + 20 * US_PER_MS));
	assert_false(limit_take(&bucket, 50, 200, now + 20 * US_PER_MS));
}

static void
a_bucket_is_full_again_after_a_while_and_never_fuller(void **state)
{
	struct limit_bucket	bucket = { 0 };
	int			i;

	(void)state;
	for (i = 0; i < 10; i++)
		assert_true(limit_take(&bucket, 10, 10, NOW_US));
	for (i = 0; i < 10; i++)
		assert_true(limit_take(&bucket, 10, 10, NOW_US + 3600 * US_PER_S));
	assert_false(limit_take(&bucket, 10, 10, NOW_US + 3600 * US_PER_S));
}

static void
a_rate_of_nothing_is_no_limit(void **state)
{
	struct limit_bucket	bucket = { 0 };
	int			i;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_true(limit_take(&bucket, 0, 1, NOW_US));
}

static void
bytes_are_counted_as_they_are(void **state)
{
	struct limit_bucket	bucket = { 0 };
	int			i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_true(limit_take_bytes(&bucket, 1000, 1000, 4000, NOW_US));
	assert_false(limit_take_bytes(&bucket, 1000, 1000, 4000, NOW_US));
	assert_false(limit_take_bytes(&bucket, 1000, 1000, 4000, NOW_US + US_PER_S - 1));
	assert_true(limit_take_bytes(&bucket, 1000, 1000, 4000, NOW_US + US_PER_S));
	assert_false(limit_take_bytes(&bucket, 1, 1000, 4000, NOW_US + US_PER_S));
	assert_false(limit_take_bytes(&bucket, 4001, 1000, 4000, NOW_US + 3600 * US_PER_S));
	assert_true(limit_take_bytes(&bucket, 4000, 1000, 4000, NOW_US + 3600 * US_PER_S));
	assert_true(limit_take_bytes(&bucket, 1 << 30, 0, 1, NOW_US));
}

static void
an_address_may_open_so_many_a_second(void **state)
{
	struct limit_table	table = { .rate = 3, .open = 100 };
	int			i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(limit_attempt(&table, "192.0.2.1", NOW_US), LIMIT_ALLOWED);
	assert_int_equal(limit_attempt(&table, "192.0.2.1", NOW_US), LIMIT_TOO_FAST);
	assert_int_equal(limit_attempt(&table, "192.0.2.2", NOW_US), LIMIT_ALLOWED);
	assert_int_equal(limit_attempt(&table, "192.0.2.1", NOW_US + US_PER_S), LIMIT_ALLOWED);
	limit_table_free(&table);
}

static void
an_address_may_have_so_many_open(void **state)
{
	struct limit_table table = { .rate = 1000, .open = 2 };

	(void)state;
	assert_int_equal(limit_attempt(&table, "::1", NOW_US), LIMIT_ALLOWED);
	limit_opened(&table, "::1");
	assert_int_equal(limit_attempt(&table, "::1", NOW_US), LIMIT_ALLOWED);
	limit_opened(&table, "::1");
	assert_int_equal(limit_attempt(&table, "::1", NOW_US), LIMIT_TOO_MANY);
	limit_closed(&table, "::1");
	assert_int_equal(limit_attempt(&table, "::1", NOW_US), LIMIT_ALLOWED);
	limit_table_free(&table);
}

static void
an_ipv6_site_counts_as_one_address(void **state)
{
	struct limit_table table = { .rate = 100, .open = 1 };

	(void)state;
	assert_int_equal(limit_attempt(&table, "2001:db8::1", NOW_US), LIMIT_ALLOWED);
	limit_opened(&table, "2001:db8::1");
	assert_int_equal(limit_attempt(&table, "2001:db8::2", NOW_US), LIMIT_TOO_MANY);
	assert_int_equal(limit_attempt(&table, "2001:db8:0:1::2", NOW_US), LIMIT_ALLOWED);
	limit_closed(&table, "2001:db8::3");
	assert_int_equal(limit_attempt(&table, "2001:db8::2", NOW_US), LIMIT_ALLOWED);
	limit_table_free(&table);
}

static void
to_peek_says_the_same_and_counts_nothing(void **state)
{
	struct limit_table table = { .rate = 1, .open = 2 };

	(void)state;
	assert_int_equal(limit_peek(&table, "a", NOW_US), LIMIT_ALLOWED);
	assert_null(table.addresses);
	assert_int_equal(limit_attempt(&table, "a", NOW_US), LIMIT_ALLOWED);
	assert_int_equal(limit_peek(&table, "a", NOW_US), LIMIT_TOO_FAST);
	for (int i = 0; i < 3; i++)
		assert_int_equal(limit_peek(&table, "a", NOW_US + US_PER_S), LIMIT_ALLOWED);
	limit_opened(&table, "a");
	limit_opened(&table, "a");
	assert_int_equal(limit_peek(&table, "a", NOW_US + US_PER_S), LIMIT_TOO_MANY);
	limit_table_free(&table);
}

static void
a_sweep_forgets_who_has_nothing_open_and_nothing_to_pay(void **state)
{
	struct limit_table table = { .rate = 1, .open = 2 };

	(void)state;
	assert_int_equal(limit_attempt(&table, "a", NOW_US), LIMIT_ALLOWED);
	assert_int_equal(limit_attempt(&table, "b", NOW_US), LIMIT_ALLOWED);
	limit_opened(&table, "b");
	limit_sweep(&table, NOW_US);
	assert_int_equal(limit_attempt(&table, "a", NOW_US), LIMIT_TOO_FAST);
	limit_sweep(&table, NOW_US + 2 * US_PER_S);
	limit_closed(&table, "a");		/* unknown by now, and no harm done */
	limit_closed(&table, "b");
	limit_sweep(&table, NOW_US + 2 * US_PER_S);
	assert_null(table.addresses);
}

static void
a_sweep_begins_with_whose_last_attempt_is_longest_ago(void **state)
{
	struct limit_table table = { .rate = 2, .open = 2 };

	(void)state;
	assert_int_equal(limit_attempt(&table, "a", NOW_US), LIMIT_ALLOWED);
	assert_int_equal(limit_attempt(&table, "b", NOW_US), LIMIT_ALLOWED);
	assert_int_equal(limit_attempt(&table, "c", NOW_US), LIMIT_ALLOWED);
	limit_opened(&table, "b");
	limit_closed(&table, "b");
	for (int i = 0; i < 2; i++)
		assert_int_equal(limit_attempt(&table, "a", NOW_US + US_PER_S / 2), LIMIT_ALLOWED);
	limit_sweep(&table, NOW_US + US_PER_S);
	assert_non_null(table.oldest);
	assert_ptr_equal(table.oldest, table.newest);	/* it is "a" alone */
	limit_sweep(&table, NOW_US + 2 * US_PER_S);
	assert_null(table.addresses);
	limit_table_free(&table);
}

static void
the_table_of_addresses_is_bounded(void **state)
{
	struct limit_table	table = { .rate = 1, .open = 2 };
	char			name[LIMIT_ADDRESS];
	int			i;

	(void)state;
	for (i = 0; i < BOUND_ADDRESSES; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_int_equal(limit_attempt(&table, name, NOW_US), LIMIT_ALLOWED);
	}
	assert_int_equal(limit_attempt(&table, "one more", NOW_US), LIMIT_TOO_FAST);
	limit_sweep(&table, NOW_US + 2 * US_PER_S);
	assert_int_equal(limit_attempt(&table, "one more", NOW_US), LIMIT_ALLOWED);
	limit_table_free(&table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bucket_gives_its_burst_at_once_and_then_its_rate),
		cmocka_unit_test(an_ipv6_site_counts_as_one_address),
		cmocka_unit_test(a_bucket_is_full_again_after_a_while_and_never_fuller),
		cmocka_unit_test(a_rate_of_nothing_is_no_limit),
		cmocka_unit_test(bytes_are_counted_as_they_are),
		cmocka_unit_test(an_address_may_open_so_many_a_second),
		cmocka_unit_test(an_address_may_have_so_many_open),
		cmocka_unit_test(to_peek_says_the_same_and_counts_nothing),
		cmocka_unit_test(a_sweep_forgets_who_has_nothing_open_and_nothing_to_pay),
		cmocka_unit_test(a_sweep_begins_with_whose_last_attempt_is_longest_ago),
		cmocka_unit_test(the_table_of_addresses_is_bounded),
	};

	return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
