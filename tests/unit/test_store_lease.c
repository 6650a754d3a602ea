/* store_lease: when a daemon was last known to be alive. */
#include "database.h"
#include "store_lease.h"

static void
a_daemon_that_never_ran_has_no_lease(void **state)
{
	struct database	*t = *state;
	int64_t		 renewed = 7;

	assert_int_equal(store_lease_get(t->db, "all", &renewed), 0);
	assert_int_equal(renewed, 7);
}

static void
a_lease_is_renewed_in_its_place(void **state)
{
	struct database	*t = *state;
	int64_t		 renewed;

	assert_int_equal(store_lease_renew(t->db, "all", NOW, NOW), 0);
	assert_int_equal(store_lease_renew(t->db, "all", NOW, NOW + 5 * SECOND), 0);
	assert_int_equal(store_lease_get(t->db, "all", &renewed), 1);
	assert_int_equal(renewed, NOW + 5 * SECOND);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM lease"), 1);
}

static void
the_next_process_takes_the_lease_over(void **state)
{
	struct database	*t = *state;

	assert_int_equal(store_lease_renew(t->db, "all", NOW, NOW + SECOND), 0);
	assert_int_equal(store_lease_renew(t->db, "all", NOW + 9 * SECOND, NOW + 9 * SECOND), 0);
	assert_int_equal(database_int(t->db, "SELECT started_at FROM lease"), NOW + 9 * SECOND);
}

static void
every_daemon_has_a_lease_of_its_own(void **state)
{
	struct database	*t = *state;
	int64_t		 renewed;

	assert_int_equal(store_lease_renew(t->db, "0", NOW, NOW), 0);
	assert_int_equal(store_lease_renew(t->db, "1", NOW, NOW + SECOND), 0);
	assert_int_equal(store_lease_get(t->db, "0", &renewed), 1);
	assert_int_equal(renewed, NOW);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, database_setup, database_teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		T(a_daemon_that_never_ran_has_no_lease),
		T(a_lease_is_renewed_in_its_place),
		T(the_next_process_takes_the_lease_over),
		T(every_daemon_has_a_lease_of_its_own),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
