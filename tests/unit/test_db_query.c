/* db: statements, transactions and their errors. */
#include "database.h"

static const char	create_pairs[] = "CREATE TABLE pair (k INTEGER PRIMARY KEY, v TEXT) STRICT";
static const char	insert_pair[] = "INSERT INTO pair (k, v) VALUES ($1, $2)";
static const char	count_pairs[] = "SELECT count(*) FROM pair";
static const char	all_pairs[] = "SELECT k, v FROM pair ORDER BY k";

static int
setup_pairs(void **state)
{
	struct database	*t;

	database_setup(state);
	t = *state;
	assert_int_equal(db_script(t->db, create_pairs), 0);
	return (0);
}

static void
parameters_are_found_by_number_not_by_place(void **state)
{
	struct database	*t = *state;
	struct db_stmt	*st = db_query(t->db, "SELECT $2, $1, $2, $3", DB_INT(1), DB_TEXT("two"), DB_NULL);

	assert_int_equal(db_step(st), 1);
	assert_string_equal(db_text(st, 0), "two");
	assert_int_equal(db_int(st, 1), 1);
	assert_string_equal(db_text(st, 2), "two");
	assert_true(db_is_null(st, 3));
	assert_null(db_text(st, 3));
	assert_int_equal(db_int(st, 3), 0);
	assert_int_equal(db_step(st), 0);
	assert_int_equal(db_step(st), 0);
	db_done(st);
}

static void
the_optional_values_become_null(void **state)
{
	struct database	*t = *state;
	struct db_stmt	*st = db_query(t->db, "SELECT $1, $2, $3", DB_INT_OR_NULL(0), DB_TEXT(NULL), DB_INT_OR_NULL(7));

	assert_int_equal(db_step(st), 1);
	assert_true(db_is_null(st, 0));
	assert_true(db_is_null(st, 1));
	assert_int_equal(db_int(st, 2), 7);
	db_done(st);
}

static void
a_statement_is_prepared_once_and_used_again(void **state)
{
	struct database	*t = *state;
	struct db_stmt	*first, *again;

	first = db_query(t->db, all_pairs);
	assert_int_equal(db_step(first), 0);
	db_done(first);
	again = db_query(t->db, all_pairs);
	assert_ptr_equal(first, again);
	db_done(again);
	db_done(again);
}

static void
a_missing_value_shows_at_the_first_step(void **state)
{
	struct database	*t = *state;
	struct db_stmt	*st = db_query(t->db, insert_pair, DB_INT(1));

	assert_int_equal(db_step(st), -1);
	db_done(st);
	assert_int_equal(db_error(t->db), DB_FAILED);
	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(1), DB_TEXT("x")), 1);
}

static void
sql_that_is_wrong_shows_at_the_first_step(void **state)
{
	struct database	*t = *state;
	struct db_stmt	*st = db_query(t->db, "SELECT k FROM nowhere");
	int64_t		 value = 5;

	assert_non_null(st);
	assert_int_equal(db_step(st), -1);
	db_done(st);
	assert_int_equal(db_error(t->db), DB_FAILED);
	assert_non_null(strstr(db_error_text(t->db), "nowhere"));
	assert_int_equal(db_one_int(db_query(t->db, "SELECT k FROM nowhere"), &value), -1);
	assert_int_equal(value, 5);
}

static void
one_statement_twice_at_a_time_is_an_error_not_a_mix_up(void **state)
{
	struct database	*t = *state;
	struct db_stmt	*outer, *inner;

	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(1), DB_TEXT("a")), 1);
	outer = db_query(t->db, all_pairs);
	assert_int_equal(db_step(outer), 1);
	inner = db_query(t->db, all_pairs);
	assert_int_equal(db_step(inner), -1);
	db_done(inner);
	assert_string_equal(db_text(outer, 1), "a");
	db_done(outer);
}

static void
more_texts_than_buckets_are_all_found_again(void **state)
{
	enum { TEXTS = 600 };
	struct database	*t = *state;
	const char	*text[TEXTS];

	for (int i = 0; i < TEXTS; i++)
		text[i] = arena_printf(t->arena, "SELECT %d", i);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < TEXTS; i++)
			assert_int_equal(database_int(t->db, text[i]), i);
	/* The arena, and with it the texts, outlives the connection. */
}

static void
exec_tells_the_number_of_rows_changed(void **state)
{
	struct database	*t = *state;

	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(1), DB_TEXT("a")), 1);
	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(2), DB_TEXT("b")), 1);
	assert_int_equal(db_exec(t->db, "UPDATE pair SET v = $1", DB_TEXT("c")), 2);
	assert_int_equal(db_exec(t->db, "DELETE FROM pair WHERE k = $1", DB_INT(9)), 0);
}

/* ---- transactions ---- */

static void
a_rollback_takes_everything_back_and_is_safe_anywhere(void **state)
{
	struct database	*t = *state;

	db_rollback(t->db);
	assert_int_equal(db_begin(t->db, true), 0);
	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(1), DB_TEXT("a")), 1);
	db_rollback(t->db);
	db_rollback(t->db);
	assert_int_equal(database_int(t->db, count_pairs), 0);
}

static void
transactions_do_not_nest(void **state)
{
	struct database	*t = *state;

	assert_int_equal(db_begin(t->db, false), 0);
	assert_int_equal(db_begin(t->db, false), -1);
	db_rollback(t->db);
	assert_int_equal(db_begin(t->db, true), 0);
	assert_int_equal(db_commit(t->db), 0);
	assert_int_equal(db_commit(t->db), -1);
}

static void
a_reader_sees_one_snapshot_until_it_ends(void **state)
{
	struct database	*t = *state;
	struct db	*other = database_connect(t);

	assert_int_equal(db_begin(t->db, false), 0);
	assert_int_equal(database_int(t->db, count_pairs), 0);
	assert_int_equal(db_exec(other, insert_pair, DB_INT(1), DB_TEXT("a")), 1);
	assert_int_equal(database_int(t->db, count_pairs), 0);
	assert_int_equal(db_commit(t->db), 0);
	assert_int_equal(database_int(t->db, count_pairs), 1);
	db_close(&other);
}

static void
a_statement_left_open_does_not_outlive_the_transaction(void **state)
{
	struct database	*t = *state;
	struct db_stmt	*st;

	assert_int_equal(db_begin(t->db, true), 0);
	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(1), DB_TEXT("a")), 1);
	st = db_query(t->db, all_pairs);
	assert_int_equal(db_step(st), 1);
	assert_int_equal(db_commit(t->db), 0);
	st = db_query(t->db, all_pairs);
	assert_int_equal(db_step(st), 1);
	db_done(st);
}

/* ---- errors ---- */

static void
a_lock_beyond_the_timeout_is_busy(void **state)
{
	struct database		*t = *state;
	struct db_options	 options = database_options(t);
	char			 error[256] = "";
	struct db		*other;

	options.busy_timeout = 20 * US_PER_MS;
	other = db_open(&options, error, sizeof(error));
	assert_non_null(other);
	assert_int_equal(db_begin(t->db, true), 0);
	assert_int_equal(db_begin(other, true), -1);
	assert_int_equal(db_error(other), DB_BUSY);
	db_rollback(t->db);
	assert_int_equal(db_begin(other, true), 0);
	assert_int_equal(db_error(other), DB_OK);
	db_rollback(other);
	db_close(&other);
}

static void
a_taken_key_is_unique_and_a_broken_rule_is_constraint(void **state)
{
	struct database	*t = *state;

	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(1), DB_TEXT("a")), 1);
	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(1), DB_TEXT("b")), -1);
	assert_int_equal(db_error(t->db), DB_UNIQUE);
	assert_int_equal(db_exec(t->db, "INSERT INTO member (meeting_id, user_id, role, added_at)"
	    " VALUES (77, 77, 'host', 0)"), -1);
	assert_int_equal(db_error(t->db), DB_CONSTRAINT);
	assert_int_equal(db_exec(t->db, insert_pair, DB_TEXT("no number"), DB_TEXT("b")), -1);
	assert_int_not_equal(db_error(t->db), DB_OK);
}

static void
the_first_error_of_a_transaction_is_kept_until_the_next(void **state)
{
	struct database	*t = *state;

	assert_int_equal(db_begin(t->db, true), 0);
	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(1), DB_TEXT("a")), 1);
	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(1), DB_TEXT("b")), -1);
	assert_int_equal(db_exec(t->db, "SELECT * FROM nowhere"), -1);
	assert_int_equal(db_error(t->db), DB_UNIQUE);
	db_rollback(t->db);
	assert_int_equal(db_error(t->db), DB_UNIQUE);
	assert_int_equal(db_begin(t->db, true), 0);
	assert_int_equal(db_error(t->db), DB_OK);
	assert_string_equal(db_error_text(t->db), "");
	db_rollback(t->db);
}

static void
a_full_database_is_full_and_the_commit_fails(void **state)
{
	struct database	*t = *state;
	char		*big = malloc(1 << 20);

	memset(big, 'x', (1 << 20) - 1);
	big[(1 << 20) - 1] = '\0';
	assert_int_equal(db_script(t->db, "PRAGMA max_page_count = 100"), 0);
	assert_int_equal(db_begin(t->db, true), 0);
	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(1), DB_TEXT(big)), -1);
	assert_int_equal(db_error(t->db), DB_FULL);
	/* SQLite has ended the transaction: this would be there by itself */
	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(2), DB_TEXT("small")), -1);
	assert_int_equal(db_commit(t->db), -1);
	assert_int_equal(db_error(t->db), DB_FULL);
	assert_int_equal(database_int(t->db, count_pairs), 0);
	free(big);
}

static void
a_database_that_may_not_be_written_is_read_only(void **state)
{
	struct database	*t = *state;

	assert_int_equal(db_script(t->db, "PRAGMA query_only = ON"), 0);
	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(1), DB_TEXT("a")), -1);
	assert_int_equal(db_error(t->db), DB_READONLY);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, setup_pairs, database_teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		T(parameters_are_found_by_number_not_by_place),
		T(the_optional_values_become_null),
		T(a_statement_is_prepared_once_and_used_again),
		T(a_missing_value_shows_at_the_first_step),
		T(sql_that_is_wrong_shows_at_the_first_step),
		T(one_statement_twice_at_a_time_is_an_error_not_a_mix_up),
		T(more_texts_than_buckets_are_all_found_again),
		T(exec_tells_the_number_of_rows_changed),
		T(a_rollback_takes_everything_back_and_is_safe_anywhere),
		T(transactions_do_not_nest),
		T(a_reader_sees_one_snapshot_until_it_ends),
		T(a_statement_left_open_does_not_outlive_the_transaction),
		T(a_lock_beyond_the_timeout_is_busy),
		T(a_taken_key_is_unique_and_a_broken_rule_is_constraint),
		T(the_first_error_of_a_transaction_is_kept_until_the_next),
		T(a_full_database_is_full_and_the_commit_fails),
		T(a_database_that_may_not_be_written_is_read_only),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
