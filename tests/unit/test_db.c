/* db: opening, migrations, upkeep. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <sqlite3.h>

#include "database.h"
#include "schema.h"

static const char	create_pairs[] = "CREATE TABLE pair (k INTEGER PRIMARY KEY, v TEXT) STRICT";
static const char	insert_pair[] = "INSERT INTO pair (k, v) VALUES ($1, $2)";
static const char	count_pairs[] = "SELECT count(*) FROM pair";

static int
setup_pairs(void **state)
{
	struct database	*t;

	database_setup(state);
	t = *state;
	assert_int_equal(db_script(t->db, create_pairs), 0);
	return (0);
}

/* ---- opening ---- */

static void
a_missing_database_is_refused_with_a_hint(void **state)
{
	struct database		*t = *state;
	struct db_options	 options = database_options(t);
	char			 error[256] = "";

	assert_null(db_open(&options, error, sizeof(error)));
	assert_non_null(strstr(error, t->path));
	assert_non_null(strstr(error, "unioctl migrate"));
	assert_int_equal(access(t->path, F_OK), -1);
}

static void
a_place_that_does_not_exist_is_said(void **state)
{
	struct database		*t = *state;
	struct db_options	 options = database_options(t);
	char			 error[256] = "", path[160];

	snprintf(path, sizeof(path), "%s/no/such/unio.db", t->dir);
	options.path = path;
	options.create = true;
	assert_null(db_open(&options, error, sizeof(error)));
	assert_non_null(strstr(error, "cannot create"));
	assert_non_null(strstr(error, "No such file"));
}

static void
a_file_that_is_no_database_is_refused(void **state)
{
	struct database		*t = *state;
	struct db_options	 options = database_options(t);
	char			 error[256] = "";
	FILE			*f = fopen(t->path, "w");

	for (int i = 0; i < 1000; i++)
		fputs("this is not a database; ", f);
	fclose(f);
	assert_null(db_open(&options, error, sizeof(error)));
	assert_non_null(strstr(error, "not a database"));
}

static void
a_place_where_wal_is_impossible_is_refused(void **state)
{
	struct database		*t = *state;
	struct db_options	 options = database_options(t);
	char			 error[256] = "";

	options.create = true;
	/* its locks are files, and it shares no memory, as on some network file systems */
	assert_int_equal(sqlite3_vfs_register(sqlite3_vfs_find("unix-dotfile"), 1), SQLITE_OK);
	t->db = db_open(&options, error, sizeof(error));
	assert_int_equal(sqlite3_vfs_register(sqlite3_vfs_find("unix"), 1), SQLITE_OK);
	assert_null(t->db);
	assert_non_null(strstr(error, "WAL"));
	assert_non_null(strstr(error, t->path));
}

static void
an_older_schema_is_refused_without_create(void **state)
{
	struct database		*t = *state;
	struct db_options	 options = database_options(t);
	char			 error[256] = "";
	struct db		*db;

	options.create = true;
	db = db_open(&options, error, sizeof(error));
	assert_non_null(db);
	db_close(&db);
	options.create = false;
	assert_null(db_open(&options, error, sizeof(error)));
	assert_non_null(strstr(error, "run \"unioctl migrate\""));
}

static void
a_newer_schema_is_refused_always(void **state)
{
	struct database		*t = *state;
	struct db_options	 options = database_options(t);
	char			 error[256] = "", pragma[64];

	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", schema_version + 1);
	assert_int_equal(db_script(t->db, pragma), 0);
	db_close(&t->db);
	assert_null(db_open(&options, error, sizeof(error)));
	assert_non_null(strstr(error, "newer version"));
	options.create = true;
	assert_null(db_open(&options, error, sizeof(error)));
	assert_non_null(strstr(error, "newer version"));
}

static void
the_file_is_for_its_owner_and_group_alone(void **state)
{
	struct database		*t = *state;
	struct db_options	 options = database_options(t);
	char			 error[256] = "";
	struct stat		 st;
	mode_t			 mask = umask(0022);

	options.create = true;
	t->db = db_open(&options, error, sizeof(error));
	umask(mask);
	assert_non_null(t->db);
	assert_int_equal(stat(t->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
}

static void
every_connection_has_the_pragmas(void **state)
{
	struct database		*t = *state;
	struct db_options	 options = database_options(t);
	char			 error[256] = "";
	struct db_stmt		*st;

	assert_int_equal(database_int(t->db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(database_int(t->db, "PRAGMA synchronous"), 1);
	assert_true(database_int(t->db, "PRAGMA journal_size_limit") > 0);
	st = db_query(t->db, "PRAGMA journal_mode");
	assert_int_equal(db_step(st), 1);
	assert_string_equal(db_text(st, 0), "wal");
	db_done(st);
	db_close(&t->db);
	options.full_sync = true;
	t->db = db_open(&options, error, sizeof(error));
	assert_int_equal(database_int(t->db, "PRAGMA synchronous"), 2);
}

/* ---- migrations ---- */

static void
migrating_brings_the_version_up_and_again_changes_nothing(void **state)
{
	struct database	*t = *state;
	char		 error[256] = "";

	assert_int_equal(db_version(t->db), schema_version);
	assert_int_equal(db_migrate(t->db, error, sizeof(error)), 0);
	assert_int_equal(db_version(t->db), schema_version);
	assert_int_equal(database_int(t->db, "SELECT length(value) FROM meta WHERE name = 'epoch'"), 16);
}

static void
a_migration_that_fails_changes_nothing_and_says_why(void **state)
{
	struct database		*t = *state;
	struct db_options	 options = database_options(t);
	char			 error[256] = "";

	options.create = true;
	t->db = db_open(&options, error, sizeof(error));
	assert_non_null(t->db);
	assert_int_equal(db_script(t->db, "CREATE TABLE lease (somebody TEXT) STRICT"), 0);
	assert_int_equal(db_migrate(t->db, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "lease"));
	assert_int_equal(db_version(t->db), 0);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"), 1);
}

/* By the trail, as far as it goes back: not whom the operator or a provider made. */
static void
whoever_registered_before_there_was_a_mark_for_it_has_it(void **state)
{
	struct database		*t = *state;
	struct db_options	 options = database_options(t);
	char			 error[256] = "";

	options.create = true;
	t->db = db_open(&options, error, sizeof(error));
	assert_non_null(t->db);
	for (int version = 0; version < 7; version++)
		assert_int_equal(db_script(t->db, schema_migration[version]), 0);
	assert_int_equal(db_script(t->db, "PRAGMA user_version = 7;"
	    "INSERT INTO account (id, email, full_name, password_hash, created_at, updated_at) VALUES"
	    " (1, 'alone@x', 'A', 'hash', 0, 0), (2, 'added@x', 'B', 'hash', 0, 0), (3, 'provider@x', 'C', '!', 0, 0),"
	    " (4, 'erased@x', 'D', '', 0, 0);"
	    "INSERT INTO audit (created_at, action, actor_id, user_id, origin) VALUES"
	    " (0, 'user.register', 1, NULL, 'x'), (0, 'user.add', NULL, 2, 'x'), (0, 'user.password', 2, NULL, 'x'),"
	    " (0, 'user.register', 3, NULL, 'x'), (0, 'user.register', 4, NULL, 'x')"), 0);
	assert_int_equal(db_migrate(t->db, error, sizeof(error)), 0);
	assert_int_equal(db_version(t->db), schema_version);
	assert_int_equal(database_int(t->db, "SELECT group_concat(id) FROM account WHERE unproven = 1"), 1);
}

static void
programs_that_start_at_the_same_instant_all_come_up(void **state)
{
	enum { PROGRAMS = 8 };
	struct database		*t = *state;
	struct db_options	 options = database_options(t);
	char			 error[256] = "", byte;
	pid_t			 pid[PROGRAMS];
	int			 gate[2], status;

	options.create = true;
	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < PROGRAMS; i++) {
		pid[i] = fork();
		assert_int_not_equal(pid[i], -1);
		if (pid[i] != 0)
			continue;
		close(gate[1]);
		while (read(gate[0], &byte, 1) > 0)
			;
		t->db = db_open(&options, error, sizeof(error));
		if (t->db == NULL || db_migrate(t->db, error, sizeof(error)) == -1 ||
		    db_version(t->db) != schema_version) {
			fprintf(stderr, "%s\n", error);
			_exit(1);
		}
		_exit(0);
	}
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < PROGRAMS; i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	t->db = database_connect(t);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM meta WHERE name = 'epoch'"), 1);
}

/* ---- upkeep ---- */

static void
a_backup_is_a_whole_database_that_opens(void **state)
{
	struct database		*t = *state;
	struct db_options	 options = database_options(t);
	char			 copy[160], partial[192], error[256] = "";
	struct stat		 st;
	struct db		*db;

	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(1), DB_TEXT("a")), 1);
	snprintf(copy, sizeof(copy), "%s/copy.db", t->dir);
	assert_int_equal(db_backup(t->db, copy, error, sizeof(error)), 0);
	assert_int_equal(stat(copy, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	for (size_t i = 0; i < 3; i++) {
		snprintf(partial, sizeof(partial), "%s.partial%s", copy, (const char *[]){ "", "-wal", "-shm" }[i]);
		assert_int_equal(access(partial, F_OK), -1);
	}
	options.path = copy;
	db = db_open(&options, error, sizeof(error));
	assert_non_null(db);
	assert_int_equal(db_version(db), schema_version);
	assert_int_equal(database_int(db, count_pairs), 1);
	db_close(&db);
}

static void
a_backup_never_replaces_a_file_and_says_why_it_failed(void **state)
{
	struct database	*t = *state;
	char		 error[256] = "", path[160];

	assert_int_equal(db_backup(t->db, t->path, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "exists already"));
	snprintf(path, sizeof(path), "%s/no/such/place", t->dir);
	assert_int_equal(db_backup(t->db, path, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "No such file"));
}

static void
a_check_finds_a_reference_that_leads_nowhere(void **state)
{
	struct database	*t = *state;
	char		 error[256] = "";

	assert_int_equal(db_check(t->db, error, sizeof(error)), 0);
	assert_int_equal(db_script(t->db, "PRAGMA foreign_keys = OFF;"
	    "INSERT INTO member (meeting_id, user_id, role, added_at) VALUES (77, 77, 'host', 0)"), 0);
	assert_int_equal(db_check(t->db, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "member"));
}

static void
a_check_finds_damage(void **state)
{
	struct database	*t = *state;
	char		 error[256] = "", page[4096];
	FILE		*f;

	db_checkpoint(t->db);
	db_close(&t->db);
	memset(page, 0x5a, sizeof(page));
	f = fopen(t->path, "r+");
	assert_int_equal(fseek(f, 3 * (long)sizeof(page), SEEK_SET), 0);
	assert_int_equal(fwrite(page, sizeof(page), 1, f), 1);
	fclose(f);
	t->db = database_connect(t);
	assert_int_equal(db_check(t->db, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "damaged"));
}

static void
a_checkpoint_empties_the_wal_and_waits_for_nobody(void **state)
{
	struct database	*t = *state;
	char		 wal[160];
	struct stat	 st;
	struct db	*other;

	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(1), DB_TEXT("a")), 1);
	snprintf(wal, sizeof(wal), "%s-wal", t->path);
	assert_int_equal(stat(wal, &st), 0);
	assert_true(st.st_size > 0);
	db_checkpoint(t->db);
	assert_int_equal(stat(wal, &st), 0);
	assert_int_equal(st.st_size, 0);

	other = database_connect(t);
	assert_int_equal(db_begin(other, true), 0);
	db_checkpoint(t->db);
	db_rollback(other);
	db_close(&other);
	assert_int_equal(db_exec(t->db, insert_pair, DB_INT(2), DB_TEXT("b")), 1);
}

#define T(name)		cmocka_unit_test_setup_teardown(name, setup_pairs, database_teardown)
#define T_DIR(name)	cmocka_unit_test_setup_teardown(name, database_dir, database_teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		T_DIR(a_missing_database_is_refused_with_a_hint),
		T_DIR(a_place_that_does_not_exist_is_said),
		T_DIR(a_file_that_is_no_database_is_refused),
		T_DIR(a_place_where_wal_is_impossible_is_refused),
		T_DIR(an_older_schema_is_refused_without_create),
		T(a_newer_schema_is_refused_always),
		T_DIR(the_file_is_for_its_owner_and_group_alone),
		T(every_connection_has_the_pragmas),
		T(migrating_brings_the_version_up_and_again_changes_nothing),
		T_DIR(a_migration_that_fails_changes_nothing_and_says_why),
		T_DIR(whoever_registered_before_there_was_a_mark_for_it_has_it),
		T_DIR(programs_that_start_at_the_same_instant_all_come_up),
		T(a_backup_is_a_whole_database_that_opens),
		T(a_backup_never_replaces_a_file_and_says_why_it_failed),
		T(a_check_finds_a_reference_that_leads_nowhere),
		T(a_check_finds_damage),
		T(a_checkpoint_empties_the_wal_and_waits_for_nobody),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
