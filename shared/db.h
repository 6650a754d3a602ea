/*
 * db.h: the database, as the stores see it (db.c is the only file that knows SQLite).
 *
 * A struct db is one connection, used by one thread; open it after fork.  SQL texts
 * are static strings in the portable subset, with parameters $1, $2 …; a statement
 * is prepared once per connection and text (found again by the text's address) and
 * lives as long as the connection.
 *
 *	st = db_query(db, sql[BY_ID], DB_INT(id));
 *	if ((rc = db_step(st)) == 1)
 *		user_r->email = arena_strdup(arena, db_text(st, 0));
 *	db_done(st);
 *
 * Every error is remembered in the connection until the next db_begin():
 * db_error() tells its kind, so that "busy" becomes 503 and "the e-mail address is taken" 409.
 */
#ifndef UNIO_DB_H
#define UNIO_DB_H

#include "base.h"
#include "lane.h"

struct db;
struct db_stmt;

enum db_error {
	DB_OK,
	DB_BUSY,		/* locked beyond the busy timeout: try later */
	DB_UNIQUE,		/* a unique constraint */
	DB_CONSTRAINT,		/* any other constraint: our fault */
	DB_FULL,		/* no space, or an I/O error while writing */
	DB_READONLY,
	DB_CORRUPT,
	DB_FAILED		/* anything else */
};

struct db_value {
	enum { DB_TYPE_NULL, DB_TYPE_INT, DB_TYPE_TEXT } type;
	int64_t		 number;
	const char	*text;
};

#define DB_INT(v)	((struct db_value){ .type = DB_TYPE_INT, .number = (v) })
/* 0 is NULL: for optional times and ids */
#define DB_INT_OR_NULL(v) ((struct db_value){ .type = (v) != 0 ? DB_TYPE_INT : DB_TYPE_NULL, .number = (v) })
/* NULL is NULL; the text must live until db_done(). */
#define DB_TEXT(s)	((struct db_value){ .type = (s) != NULL ? DB_TYPE_TEXT : DB_TYPE_NULL, .text = (s) })
#define DB_NULL		((struct db_value){ .type = DB_TYPE_NULL })

struct db_options {
	const char	*path;
	int64_t		 busy_timeout;	/* microseconds */
	bool		 full_sync;	/* synchronous = FULL, else NORMAL */
	struct lane	*lane;		/* where it queues before it writes (lane.h); NULL: nowhere */
	bool		 create;	/* make the file if there is none (unioctl migrate) */
};

/*
 * Opens it and checks that the schema is this program's: NULL with a sentence in
 * error_r if the file is missing, or its schema newer, or older without `create`
 * (with it db_migrate() comes next).
 */
struct db	*db_open(const struct db_options *options, char *error_r, size_t error_size);
/* The connection alone, to a file that exists, with nothing checked or set: for db_open(). */
struct db	*db_connect(const char *path, int64_t busy_timeout_us, char *error_r, size_t error_size);
void		 db_close(struct db **db);
/*
 * Applies what is missing of schema/, each file in a transaction of its own, whose
 * lock other programs wait for; 0/-1 with a sentence.
 */
NODISCARD int	 db_migrate(struct db *db, char *error_r, size_t error_size);
/* From now on its writers queue there; NULL: nowhere.  For db_open(). */
void		 db_set_lane(struct db *db, struct lane *lane);
/* Which of the schema's versions the database has, -1 on error. */
int		 db_version(struct db *db);
/* How long a lock is waited for; the options' time again by passing db_busy_timeout(). */
void		 db_set_busy_timeout(struct db *db, int64_t timeout_us);
int64_t		 db_busy_timeout(const struct db *db);
/* Runs a text of several statements without parameters: migrations; 0/-1. */
NODISCARD int	 db_script(struct db *db, const char *text);

/* Begins IMMEDIATE if writes, else a read of one snapshot; 0/-1.  No nesting. */
NODISCARD int	 db_begin(struct db *db, bool writes);
NODISCARD int	 db_commit(struct db *db);
/* Safe at any time, also outside a transaction. */
void		 db_rollback(struct db *db);
/* Between db_begin() and its end; bool. */
bool		 db_within(const struct db *db);
/* Forgets the errors so far of the transaction; false, and it does not, if one has ended it, or was damage. */
NODISCARD bool	 db_go_on(struct db *db);

/*
 * A part of a transaction, which can be taken back by itself: from db_savepoint() to db_savepoint_keep() or
 * db_savepoint_undo(), 0/-1.  Errors of a part before it are forgotten.  No nesting.  Where the whole transaction has
 * ended db_commit() says so.
 */
NODISCARD int	 db_savepoint(struct db *db);
NODISCARD int	 db_savepoint_keep(struct db *db);
void		 db_savepoint_undo(struct db *db);

/*
 * Binds and returns the statement, ready for db_step(); never NULL: an error shows
 * at the first step.  One statement is not used twice at the same time.
 */
struct db_stmt	*db_query_values(struct db *db, const char *sql, const struct db_value *values, size_t n);
#define db_query(db, ...) \
	DB_PICK_QUERY_(db_query_values, (db), __VA_ARGS__)
/* Runs to the end; the number of rows changed, or -1. */
NODISCARD int64_t db_exec_values(struct db *db, const char *sql, const struct db_value *values, size_t n);
#define db_exec(db, ...) \
	DB_PICK_QUERY_(db_exec_values, (db), __VA_ARGS__)
/* f(db, sql, values[], n) from f(db, sql, values…): the leading DB_NULL makes an empty list legal C. */
#define DB_PICK_QUERY_(f, db, sql, ...) \
	f((db), (sql), (const struct db_value[]){ DB_NULL, ##__VA_ARGS__ } + 1, \
	    sizeof((const struct db_value[]){ DB_NULL, ##__VA_ARGS__ }) / sizeof(struct db_value) - 1)

/* 1 a row, 0 no more, -1 error. */
NODISCARD int	 db_step(struct db_stmt *st);
int64_t		 db_int(struct db_stmt *st, int column);		/* NULL reads as 0 */
const char	*db_text(struct db_stmt *st, int column);		/* NULL for NULL; until step or done */
bool		 db_is_null(struct db_stmt *st, int column);
/* Always, on every path: an un-reset SELECT keeps the WAL growing. */
void		 db_done(struct db_stmt *st);
/* For queries of one number: steps once, reads column 0, and is done: 1/0/-1. */
NODISCARD int	 db_one_int(struct db_stmt *st, int64_t *value_r);

enum db_error	 db_error(const struct db *db);
const char	*db_error_text(const struct db *db);
/* Rows that all statements so far went through without an index: what no request should do. */
int64_t		 db_scanned(const struct db *db);
/* The file is sound and every reference leads somewhere: 0/-1 with a sentence. */
NODISCARD int	 db_check(struct db *db, char *error_r, size_t error_size);
/*
 * Copies one snapshot, compacted and verified, to a new file (mode 0600) while
 * others go on writing; 0/-1 with a sentence.
 */
NODISCARD int	 db_backup(struct db *db, const char *path, char *error_r, size_t error_size);
/*
 * Puts a copy made by db_backup() in the place of the database at path, which nobody may have open: verified, brought
 * to this program's schema, with an epoch of its own (clients then know their event ids for those of another history).
 * What was there stays beside it under its name and DB_RESTORE_OLD.  1 done, 0 in use, -1 error, with a sentence.
 */
#define DB_RESTORE_OLD	".replaced"
NODISCARD int	 db_restore(const char *path, const char *copy, char *error_r, size_t error_size);
/* Moves the WAL into the database as far as readers allow; for a timer. */
void		 db_checkpoint(struct db *db);

#endif
