#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "clock.h"
#include "db.h"
#include "log.h"
#include "mem.h"

#define STMT_BUCKETS	128	/* of the statement cache; the programs have about a hundred texts */
#define STMT_PARAMETERS	9	/* $1 to $9; a text may name one more than once */

struct db_stmt {
	struct db	*db;
	const char	*sql;		/* by whose address it is found */
	struct db_stmt	*next;		/* in the bucket */
	sqlite3_stmt	*st;		/* NULL: could not be prepared */
	int		 parameters;
	int		 slot[STMT_PARAMETERS];	/* SQLite's parameter i is our $slot[i] */
	bool		 open;		/* between db_query() and db_done() */
	bool		 failed;	/* says -1 at the next step */
	bool		 over;		/* no more rows */
};

struct db {
	sqlite3		*handle;
	struct db_stmt	*bucket[STMT_BUCKETS];
	struct db_stmt	 broken;	/* stands in for a statement that cannot be had */
	int64_t		 busy_timeout;
	struct lane	*lane;		/* NULL: none */
	size_t		 open;		/* statements between db_query() and db_done() */
	bool		 within;	/* a transaction of db_begin() */
	enum db_error	 error;
	char		 error_text[256];
};

enum { BEGIN_READ, BEGIN_WRITE, COMMIT, ROLLBACK };

static const char *const sql[] = {
	[BEGIN_READ]	= "BEGIN",
	[BEGIN_WRITE]	= "BEGIN IMMEDIATE",
	[COMMIT]	= "COMMIT",
	[ROLLBACK]	= "ROLLBACK",
};

static bool		 db_enter_lane(struct db *db);
static struct db_stmt	*db_find(struct db *db, const char *text);
static struct db_stmt	*db_prepare(struct db *db, const char *text);
static bool		 db_bind(struct db_stmt *st, const struct db_value *values, size_t n);
static void		 db_done_all(struct db *db);
static void		 db_note(struct db *db, int code, const char *text);
static enum db_error	 db_kind(int code);

struct db *
db_connect(const char *path, int64_t busy_timeout, char *error_r, size_t error_size)
{
	struct db	*db = mem_calloc(1, sizeof(*db));
	int		 code;

	db->broken.db = db;
	db->busy_timeout = busy_timeout;
	/* else each malloc() takes a lock for sums that nobody looks at; too late for a second connection, but done */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	code = sqlite3_open_v2(path, &db->handle,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (code != SQLITE_OK) {
		snprintf(error_r, error_size, "cannot open the database %s: %s", path, sqlite3_errstr(code));
		db_close(&db);
		return (NULL);
	}
	db_set_busy_timeout(db, busy_timeout);
	return (db);
}

void
db_close(struct db **dbp)
{
	struct db	*db = *dbp;
	struct db_stmt	*st, *next;

	*dbp = NULL;
	if (db == NULL)
		return;
	lane_leave(db->lane);
	for (size_t i = 0; i < STMT_BUCKETS; i++)
		for (st = db->bucket[i]; st != NULL; st = next) {
			next = st->next;
			sqlite3_finalize(st->st);
			free(st);
		}
	sqlite3_close(db->handle);
	free(db);
}

int
db_script(struct db *db, const char *text)
{
	int	code = sqlite3_exec(db->handle, text, NULL, NULL, NULL);

	if (code == SQLITE_OK)
		return (0);
	db_note(db, code, sqlite3_errmsg(db->handle));
	return (-1);
}

void
db_set_busy_timeout(struct db *db, int64_t timeout_us)
{
	sqlite3_busy_timeout(db->handle, (int)(timeout_us / US_PER_MS));
}

int64_t
db_busy_timeout(const struct db *db)
{
	return (db->busy_timeout);
}

/* ---- transactions ---- */

int
db_begin(struct db *db, bool writes)
{
	if (db->within) {
		db_note(db, SQLITE_MISUSE, "a transaction within a transaction");
		return (-1);
	}
	db->error = DB_OK;
	db->error_text[0] = '\0';
	if (writes && !db_enter_lane(db))
		return (-1);
	db->within = db_exec(db, sql[writes ? BEGIN_WRITE : BEGIN_READ]) != -1;
	db_set_busy_timeout(db, db->busy_timeout);
	if (!db->within)
		lane_leave(db->lane);
	return (db->within ? 0 : -1);
}

int
db_commit(struct db *db)
{
	db_done_all(db);
	if (db_exec(db, sql[COMMIT]) == -1) {
		db_rollback(db);
		return (-1);
	}
	db->within = false;
	lane_leave(db->lane);
	return (0);
}

void
db_rollback(struct db *db)
{
	db_done_all(db);
	/* Some errors (a full disk) have rolled it back already. */
	if (!sqlite3_get_autocommit(db->handle) && db_exec(db, sql[ROLLBACK]) == -1)
		log_error("db_rollback", LOG_TEXT("error", db->error_text));
	db->within = false;
	lane_leave(db->lane);
}

bool
db_within(const struct db *db)
{
	return (db->within);
}

bool
db_go_on(struct db *db)
{
	if (sqlite3_get_autocommit(db->handle) || db->error >= DB_CORRUPT)
		return (false);
	db->error = DB_OK;
	return (true);
}

void
db_set_lane(struct db *db, struct lane *lane)
{
	db->lane = lane;
}

/* What was spent in the queue is not waited for once more.  A lane that is out of order is done without. */
static bool
db_enter_lane(struct db *db)
{
	int64_t	until = clock_mono_us() + db->busy_timeout;
	int	turn = lane_enter(db->lane, db->busy_timeout);

	if (turn == 0)
		db_note(db, SQLITE_BUSY, sqlite3_errstr(SQLITE_BUSY));
	else if (turn == 1)
		db_set_busy_timeout(db, MAX(until - clock_mono_us(), US_PER_MS));
	return (turn != 0);
}

/* ---- statements ---- */

struct db_stmt *
db_query_values(struct db *db, const char *text, const struct db_value *values, size_t n)
{
	struct db_stmt	*st = db_find(db, text);

	if (st == NULL)
		return (&db->broken);
	if (st->open) {
		db_note(db, SQLITE_MISUSE, "a statement is used twice at the same time");
		return (&db->broken);
	}
	st->open = true;
	db->open++;
	st->over = false;
	st->failed = !db_bind(st, values, n);
	return (st);
}

int64_t
db_exec_values(struct db *db, const char *text, const struct db_value *values, size_t n)
{
	struct db_stmt	*st = db_query_values(db, text, values, n);
	int64_t		 changed;
	int		 rc;

	while ((rc = db_step(st)) == 1)
		;
	changed = rc == -1 ? -1 : sqlite3_changes64(db->handle);
	db_done(st);
	return (changed);
}

int
db_step(struct db_stmt *st)
{
	int	code;

	/* SQLite may have ended the transaction: then what still comes of it must not be kept by itself */
	if (st->failed || st->st == NULL || (st->db->within && sqlite3_get_autocommit(st->db->handle)))
		return (-1);
	if (st->over)
		return (0);
	code = sqlite3_step(st->st);
	if (code == SQLITE_ROW)
		return (1);
	st->over = true;
	if (code == SQLITE_DONE)
		return (0);
	st->failed = true;
	db_note(st->db, code, sqlite3_errmsg(st->db->handle));
	return (-1);
}

int64_t
db_int(struct db_stmt *st, int column)
{
	return (sqlite3_column_int64(st->st, column));
}

const char *
db_text(struct db_stmt *st, int column)
{
	return ((const char *)sqlite3_column_text(st->st, column));
}

bool
db_is_null(struct db_stmt *st, int column)
{
	return (sqlite3_column_type(st->st, column) == SQLITE_NULL);
}

void
db_done(struct db_stmt *st)
{
	if (!st->open)
		return;
	sqlite3_reset(st->st);
	sqlite3_clear_bindings(st->st);
	st->open = false;
	st->db->open--;
}

int
db_one_int(struct db_stmt *st, int64_t *value_r)
{
	int	rc = db_step(st);

	if (rc == 1)
		*value_r = db_int(st, 0);
	db_done(st);
	return (rc);
}

enum db_error
db_error(const struct db *db)
{
	return (db->error);
}

const char *
db_error_text(const struct db *db)
{
	return (db->error_text);
}

int64_t
db_scanned(const struct db *db)
{
	int64_t	rows = 0;

	for (size_t i = 0; i < STMT_BUCKETS; i++)
		for (const struct db_stmt *st = db->bucket[i]; st != NULL; st = st->next)
			rows += sqlite3_stmt_status(st->st, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);
	return (rows);
}

void
db_checkpoint(struct db *db)
{
	/* Without a timeout it does what it can and waits for nobody. */
	sqlite3_busy_timeout(db->handle, 0);
	sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	db_set_busy_timeout(db, db->busy_timeout);
}

/* ---- the statement cache ---- */

static struct db_stmt *
db_find(struct db *db, const char *text)
{
	struct db_stmt	**head = &db->bucket[((uintptr_t)text >> 3) % STMT_BUCKETS];
	struct db_stmt	 *st;

	for (st = *head; st != NULL; st = st->next)
		if (st->sql == text)
			return (st);
	st = db_prepare(db, text);
	if (st != NULL) {
		st->next = *head;
		*head = st;
	}
	return (st);
}

static struct db_stmt *
db_prepare(struct db *db, const char *text)
{
	struct db_stmt	*st;
	sqlite3_stmt	*prepared;
	const char	*name;
	int		 code, n;

	code = sqlite3_prepare_v3(db->handle, text, -1, SQLITE_PREPARE_PERSISTENT, &prepared, NULL);
	if (code != SQLITE_OK) {
		db_note(db, code, sqlite3_errmsg(db->handle));
		return (NULL);
	}
	st = mem_calloc(1, sizeof(*st));
	st->db = db;
	st->sql = text;
	st->st = prepared;
	n = sqlite3_bind_parameter_count(prepared);
	for (int i = 0; i < n && i < STMT_PARAMETERS; i++) {
		/* "$3" is a name to SQLite, which numbers names as they come. */
		name = sqlite3_bind_parameter_name(prepared, i + 1);
		st->slot[i] = name != NULL && name[0] == '$' && strlen(name) == 2 ? name[1] - '0' : 0;
	}
	st->parameters = n;
	return (st);
}

static bool
db_bind(struct db_stmt *st, const struct db_value *values, size_t n)
{
	const struct db_value	*value;
	int			 code = SQLITE_OK;

	for (int i = 0; i < st->parameters && code == SQLITE_OK; i++) {
		if (i >= STMT_PARAMETERS || st->slot[i] < 1 || (size_t)st->slot[i] > n) {
			code = SQLITE_RANGE;
			break;
		}
		value = &values[st->slot[i] - 1];
		if (value->type == DB_TYPE_INT)
			code = sqlite3_bind_int64(st->st, i + 1, value->number);
		else if (value->type == DB_TYPE_TEXT)
			code = sqlite3_bind_text(st->st, i + 1, value->text, -1, SQLITE_STATIC);
		else
			code = sqlite3_bind_null(st->st, i + 1);
	}
	if (code != SQLITE_OK)
		db_note(st->db, code, sqlite3_errstr(code));
	return (code == SQLITE_OK);
}

/* A statement that somebody forgot must not keep a snapshot, and with it the WAL, for ever. */
static void
db_done_all(struct db *db)
{
	for (size_t i = 0; db->open > 0 && i < STMT_BUCKETS; i++)
		for (struct db_stmt *st = db->bucket[i]; st != NULL; st = st->next)
			if (st->open) {
				log_warn("db_statement_left_open", LOG_TEXT("sql", st->sql));
				db_done(st);
			}
}

/* ---- errors ---- */

/* Within a transaction the first error is the cause, the later ones its consequences. */
static void
db_note(struct db *db, int code, const char *text)
{
	enum db_error	kind = db_kind(code);

	if (kind != DB_BUSY && kind != DB_UNIQUE)
		log_error("db", LOG_TEXT("error", text), LOG_INT("code", code));
	if (db->within && db->error != DB_OK)
		return;
	db->error = kind;
	snprintf(db->error_text, sizeof(db->error_text), "%s", text);
}

static enum db_error
db_kind(int code)
{
	static const struct {
		int		code;	/* a primary code, or an extended one */
		enum db_error	kind;
	} kinds[] = {
		{ SQLITE_BUSY, DB_BUSY },
		{ SQLITE_LOCKED, DB_BUSY },
		{ SQLITE_CONSTRAINT_UNIQUE, DB_UNIQUE },
		{ SQLITE_CONSTRAINT_PRIMARYKEY, DB_UNIQUE },
		{ SQLITE_CONSTRAINT_ROWID, DB_UNIQUE },
		{ SQLITE_CONSTRAINT, DB_CONSTRAINT },
		{ SQLITE_FULL, DB_FULL },
		{ SQLITE_IOERR, DB_FULL },
		{ SQLITE_READONLY, DB_READONLY },
		{ SQLITE_CORRUPT, DB_CORRUPT },
		{ SQLITE_NOTADB, DB_CORRUPT },
	};

	for (size_t i = 0; i < COUNTOF(kinds); i++)
		if (code == kinds[i].code || (code & 0xff) == kinds[i].code)
			return (kinds[i].kind);
	return (DB_FAILED);
}
