#include "../../ws-daemon/ebb.h"
#include "ws_support.h"

#define MANY	(10 * BOUND_EBB)

/* The count at each sweep; the last answer. */
static bool
sweep(struct ebb *ebb, size_t count)
{
	return ebb_due(ebb, count, ebb->swept_us + BOUND_SWEEP_US);
}

static void
when_a_crowd_has_gone_it_is_time_once(void **state)
{
	struct ebb ebb = { .peak = 0 };

	(void)state;
	assert_false(sweep(&ebb, MANY));
	assert_false(sweep(&ebb, 0));
	assert_true(sweep(&ebb, 0));
	assert_false(sweep(&ebb, 0));
}

static void
a_crowd_that_came_and_went_between_two_sweeps_counts(void **state)
{
	struct ebb ebb = { .peak = 0 };

	(void)state;
	assert_false(ebb_due(&ebb, MANY, 1));
	assert_false(ebb_due(&ebb, 3, 2));
	assert_true(sweep(&ebb, 3));
}

static void
few_are_not_worth_it(void **state)
{
	struct ebb ebb = { .peak = 0 };

	(void)state;
	assert_false(sweep(&ebb, BOUND_EBB - 1));
	assert_false(sweep(&ebb, 0));
	assert_false(sweep(&ebb, 0));
}

static void
nor_is_a_part_that_is_less_than_half(void **state)
{
	struct ebb ebb = { .peak = 0 };

	(void)state;
	assert_false(sweep(&ebb, MANY));
	assert_false(sweep(&ebb, MANY * 6 / 10));
	assert_false(sweep(&ebb, MANY * 6 / 10));
	assert_true(sweep(&ebb, MANY / 2));
}

static void
while_they_still_go_or_come_back_it_waits(void **state)
{
	struct ebb ebb = { .peak = 0 };

	(void)state;
	assert_false(sweep(&ebb, MANY));
	assert_false(sweep(&ebb, MANY / 4));
	assert_false(sweep(&ebb, 0));
	assert_false(sweep(&ebb, MANY / 4));
	assert_false(sweep(&ebb, MANY));
	assert_false(sweep(&ebb, MANY));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(when_a_crowd_has_gone_it_is_time_once),
		cmocka_unit_test(a_crowd_that_came_and_went_between_two_sweeps_counts),
		cmocka_unit_test(few_are_not_worth_it),
		cmocka_unit_test(nor_is_a_part_that_is_less_than_half),
		cmocka_unit_test(while_they_still_go_or_come_back_it_waits),
	};

	return cmocka_run_group_tests_name("ebb", tests, NULL, NULL);
}
