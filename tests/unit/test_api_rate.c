/* rate: requests a second, counted over processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../fcgi-api/rate.h"

#define NOW	(1000 * US_PER_S)

static int
setup(void **state)
{
	*state = rate_new();
	return *state == NULL;
}

static int
teardown(void **state)
{
	rate_free((struct rate **)state);
	return 0;
}

static int
take_all(struct rate *rate, int64_t user_id, int64_t now_us)
{
	int taken = 0;

	while (rate_take(rate, user_id, 10, now_us) && taken < 1000)
		taken++;
	return taken;
}

static void
a_second_s_worth_may_come_at_once(void **state)
{
	assert_int_equal(take_all(*state, 1, NOW), 10);
}

static void
what_is_spent_comes_back_with_time(void **state)
{
	assert_int_equal(take_all(*state, 1, NOW), 10);
	assert_int_equal(take_all(*state, 1, NOW + US_PER_S / 10), 1);
	assert_int_equal(take_all(*state, 1, NOW + US_PER_S / 2), 4);
	assert_int_equal(take_all(*state, 1, NOW + 100 * US_PER_S), 10);
}

static void
users_do_not_spend_for_each_other(void **state)
{
	assert_int_equal(take_all(*state, 1, NOW), 10);
	assert_int_equal(take_all(*state, 2, NOW), 10);
}

static void
an_address_has_a_count_of_its_own_and_an_ipv6_site_one_together(void **state)
{
	for (int i = 0; i < 10; i++) {
		assert_true(rate_take_address(*state, "192.0.2.1", 10, NOW));
		assert_true(rate_take_address(*state, i % 2 == 0 ? "2001:db8::1" : "2001:db8::2", 10, NOW));
	}
	assert_false(rate_take_address(*state, "192.0.2.1", 10, NOW));
	assert_false(rate_take_address(*state, "2001:db8::3", 10, NOW));
	assert_true(rate_take_address(*state, "192.0.2.1", 10, NOW + US_PER_S));
	assert_int_equal(take_all(*state, 1, NOW), 10);
}

static void
processes_share_the_count(void **state)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(take_all(*state, 1, NOW));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 10);
	assert_int_equal(take_all(*state, 1, NOW), 0);
}

static void
without_mapping_or_rate_there_is_no_limit(void **state)
{
	for (int i = 0; i < 1000; i++) {
		assert_true(rate_take(NULL, 1, 10, NOW));
		assert_true(rate_take(*state, 1, 0, NOW));
		assert_true(rate_take_address(NULL, "192.0.2.1", 10, NOW));
		assert_true(rate_take_address(*state, "192.0.2.1", 0, NOW));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_second_s_worth_may_come_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_spent_comes_back_with_time, setup, teardown),
		cmocka_unit_test_setup_teardown(users_do_not_spend_for_each_other, setup, teardown),
		cmocka_unit_test_setup_teardown(an_address_has_a_count_of_its_own_and_an_ipv6_site_one_together,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(processes_share_the_count, setup, teardown),
		cmocka_unit_test_setup_teardown(without_mapping_or_rate_there_is_no_limit, setup, teardown),
	};

	return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
