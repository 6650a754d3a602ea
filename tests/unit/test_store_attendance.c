/* store_call: who attended a call. */
#include "database.h"
#include "store_call.h"

static void
attendance_is_in_order_of_arrival_and_a_rejoin_adds_an_interval(void **state)
{
	struct database		*t = *state;
	int64_t			 id = database_start_call(t->db, database_add_meeting(t->db, "x"), NOW);
	struct attendance	*rows;
	size_t			 n;

	assert_int_equal(store_call_attend(t->db, id, GUEST, "s2", NOW + 1), 0);
	assert_int_equal(store_call_attend(t->db, id, HOST, "s1", NOW + 2), 0);
	assert_int_equal(store_call_unattend(t->db, id, "s2", NOW + 3), 0);
	assert_int_equal(store_call_attend(t->db, id, GUEST, "s2", NOW + 4), 0);
	assert_int_equal(store_call_attendance(t->db, t->arena, id, &rows, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(rows[0].user.id, GUEST);
	assert_string_equal(rows[0].user.email, "guest@unio.test");
	assert_string_equal(rows[0].user.full_name, "A Guest");
	assert_int_equal(rows[0].joined_at, NOW + 1);
	assert_int_equal(rows[0].left_at, NOW + 3);
	assert_int_equal(rows[1].user.id, HOST);
	assert_int_equal(rows[2].user.id, GUEST);
	assert_int_equal(rows[2].joined_at, NOW + 4);
	assert_int_equal(rows[2].left_at, 0);
}

static void
a_session_has_one_open_interval_and_a_user_one_for_each_device(void **state)
{
	struct database		*t = *state;
	int64_t			 id = database_start_call(t->db, database_add_meeting(t->db, "x"), NOW);
	struct attendance	*rows;
	size_t			 n;

	assert_int_equal(store_call_attend(t->db, id, GUEST, "s1", NOW), 0);
	assert_int_equal(store_call_attend(t->db, id, GUEST, "s1", NOW + 1), 0);
	assert_int_equal(store_call_attend(t->db, id, GUEST, "s2", NOW + 1), 0);
	assert_int_equal(store_call_attendance(t->db, t->arena, id, &rows, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].joined_at, NOW);
}

static void
who_joined_before_the_call_attends_from_its_start(void **state)
{
	struct database		*t = *state;
	int64_t			 id = database_start_call(t->db, database_add_meeting(t->db, "x"), NOW);
	struct attendance	*rows;
	size_t			 n;

	assert_int_equal(store_call_attend(t->db, id, GUEST, "s1", NOW - 60 * SECOND), 0);
	assert_int_equal(store_call_attendance(t->db, t->arena, id, &rows, &n), 0);
	assert_int_equal(rows[0].joined_at, NOW);
}

static void
who_comes_and_goes_while_the_clock_is_set_back_attends_again(void **state)
{
	struct database		*t = *state;
	int64_t			 id = database_start_call(t->db, database_add_meeting(t->db, "x"), NOW);
	struct attendance	*rows;
	size_t			 n, i;

	for (i = 1; i <= 3; i++) {
		assert_int_equal(store_call_attend(t->db, id, GUEST, "s1", NOW - (60 - i) * SECOND), 0);
		if (i < 3)
			assert_int_equal(store_call_unattend(t->db, id, "s1", NOW - (60 - i) * SECOND), 0);
	}
	assert_int_equal(store_call_attendance(t->db, t->arena, id, &rows, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(rows[2].left_at, 0);
}

static void
nobody_attends_an_ended_or_unknown_call(void **state)
{
	struct database	*t = *state;
	int64_t		 id = database_start_call(t->db, database_add_meeting(t->db, "x"), NOW);

	assert_int_equal(store_call_end(t->db, id, "ended", NOW + SECOND), 1);
	assert_int_equal(store_call_attend(t->db, id, GUEST, "s1", NOW + SECOND), 0);
	assert_int_equal(store_call_attend(t->db, 77, GUEST, "s1", NOW), 0);
	assert_int_equal(store_call_unattend(t->db, 77, "s1", NOW), 0);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM attendance"), 0);
}

static void
what_is_written_after_the_end_about_the_time_before_counts(void **state)
{
	struct database		*t = *state;
	int64_t			 id = database_start_call(t->db, database_add_meeting(t->db, "x"), NOW);
	struct attendance	*rows;
	size_t			 n;
	int			 again;

	assert_int_equal(store_call_end(t->db, id, "ended", NOW + 9 * SECOND), 1);
	for (again = 0; again < 2; again++) {
		assert_int_equal(store_call_attend(t->db, id, HOST, "s1", NOW + SECOND), 0);
		assert_int_equal(store_call_attend(t->db, id, GUEST, "s2", NOW + 2 * SECOND), 0);
		assert_int_equal(store_call_attend(t->db, id, GUEST, "s3", NOW + 9 * SECOND), 0);
	}
	assert_int_equal(store_call_unattend(t->db, id, "s1", NOW + 5 * SECOND), 0);
	assert_int_equal(store_call_unattend(t->db, id, "s2", NOW + 10 * SECOND), 0);
	assert_int_equal(store_call_attendance(t->db, t->arena, id, &rows, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].left_at, NOW + 5 * SECOND);
	assert_int_equal(rows[1].joined_at, NOW + 2 * SECOND);
	assert_int_equal(rows[1].left_at, NOW + 9 * SECOND);
}

static void
a_daemon_that_starts_closes_every_open_interval(void **state)
{
	struct database		*t = *state;
	int64_t			 a = database_start_call(t->db, database_add_meeting(t->db, "x"), NOW);
	int64_t			 b = database_start_call(t->db, database_add_meeting(t->db, "y"), NOW);
	struct attendance	*rows;
	size_t			 n;

	assert_int_equal(store_call_attend(t->db, a, HOST, "s1", NOW), 0);
	assert_int_equal(store_call_attend(t->db, b, GUEST, "s2", NOW + 9 * SECOND), 0);
	assert_int_equal(store_call_unattend_all(t->db, &(struct shard){ .daemons = 0 }, NOW + SECOND), 0);
	assert_int_equal(store_call_attendance(t->db, t->arena, a, &rows, &n), 0);
	assert_int_equal(rows[0].left_at, NOW + SECOND);
	assert_int_equal(store_call_attendance(t->db, t->arena, b, &rows, &n), 0);
	assert_int_equal(rows[0].left_at, NOW + 9 * SECOND);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, database_setup_users, database_teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		T(attendance_is_in_order_of_arrival_and_a_rejoin_adds_an_interval),
		T(a_session_has_one_open_interval_and_a_user_one_for_each_device),
		T(who_joined_before_the_call_attends_from_its_start),
		T(who_comes_and_goes_while_the_clock_is_set_back_attends_again),
		T(nobody_attends_an_ended_or_unknown_call),
		T(what_is_written_after_the_end_about_the_time_before_counts),
		T(a_daemon_that_starts_closes_every_open_interval),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
