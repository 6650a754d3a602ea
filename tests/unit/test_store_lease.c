/* store_lease: when a daemon was last known to be alive. */
#include "database.h"
#include "store_call.h"
#include "store_lease.h"

static const struct shard all = { .daemons = 1, .own = 1 }, first = { .daemons = 2, .own = 1 },
    second = { .daemons = 2, .own = 2 };

static int64_t
last(struct database *t, const struct shard *shard)
{
	int64_t	renewed;

	assert_int_equal(store_lease_last(t->db, shard, &renewed), 1);
	return (renewed);
}

static void
a_daemon_that_never_ran_has_no_lease(void **state)
{
	struct database	*t = *state;
	int64_t		 renewed = 7;

	assert_int_equal(store_lease_last(t->db, &all, &renewed), 0);
	assert_int_equal(renewed, 7);
}

static void
a_lease_is_renewed_in_its_place(void **state)
{
	struct database	*t = *state;

	assert_int_equal(store_lease_renew(t->db, &all, NOW, NOW), 0);
	assert_int_equal(store_lease_renew(t->db, &all, NOW, NOW + 5 * SECOND), 0);
	assert_int_equal(last(t, &all), NOW + 5 * SECOND);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM lease WHERE daemon = 'all'"), 1);
}

static void
the_next_process_takes_the_lease_over(void **state)
{
	struct database	*t = *state;

	assert_int_equal(store_lease_renew(t->db, &all, NOW, NOW + SECOND), 0);
	assert_int_equal(store_lease_renew(t->db, &all, NOW + 9 * SECOND, NOW + 9 * SECOND), 0);
	assert_int_equal(database_int(t->db, "SELECT started_at FROM lease"), NOW + 9 * SECOND);
}

static void
every_daemon_has_a_lease_of_its_own(void **state)
{
	struct database	*t = *state;

	assert_int_equal(store_lease_renew(t->db, &first, NOW, NOW), 0);
	assert_int_equal(store_lease_renew(t->db, &second, NOW, NOW + SECOND), 0);
	assert_int_equal(last(t, &first), NOW);
	assert_int_equal(last(t, &second), NOW + SECOND);
}

static void
the_last_of_its_meetings_counts_whatever_the_number_of_daemons_was(void **state)
{
	struct database	*t = *state;

	assert_int_equal(store_lease_renew(t->db, &all, NOW, NOW), 0);
	assert_int_equal(last(t, &second), NOW);
	assert_int_equal(store_lease_renew(t->db, &first, NOW, NOW + SECOND), 0);
	assert_int_equal(last(t, &second), NOW);
	assert_int_equal(last(t, &first), NOW + SECOND);
	assert_int_equal(last(t, &all), NOW + SECOND);
}

/* ---- what such a daemon puts right ---- */

static void
one_of_several_daemons_closes_those_of_its_own_meetings(void **state)
{
	struct database		*t = *state;
	int64_t			 meetings[2], calls[2];
	struct attendance	*rows;
	size_t			 n;

	for (int i = 0; i < 2; i++) {
		meetings[i] = database_add_meeting(t->db, "x");
		assert_int_equal(store_call_create(t->db, meetings[i], HOST, NOW, &calls[i]), 1);
		assert_int_equal(store_call_attend(t->db, calls[i], HOST, "s1", NOW), 0);
	}
	assert_int_equal(store_call_unattend_all(t->db, &second, NOW + SECOND), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_call_attendance(t->db, t->arena, calls[i], &rows, &n), 0);
		assert_int_equal(rows[0].left_at, shard_owns(&second, meetings[i]) ? NOW + SECOND : 0);
	}
	assert_int_not_equal(shard_owns(&second, meetings[0]), shard_owns(&second, meetings[1]));
}

#define T(name)	cmocka_unit_test_setup_teardown(name, database_setup_users, database_teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		T(a_daemon_that_never_ran_has_no_lease),
		T(a_lease_is_renewed_in_its_place),
		T(the_next_process_takes_the_lease_over),
		T(every_daemon_has_a_lease_of_its_own),
		T(one_of_several_daemons_closes_those_of_its_own_meetings),
		T(the_last_of_its_meetings_counts_whatever_the_number_of_daemons_was),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
