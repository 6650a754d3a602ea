#include "store_idem.h"

enum { FIND, ADD, TRIM, PURGE };
static const char *const sql[] = {
	[FIND] =
	    "SELECT request_hash, status, location, body FROM idempotency"
	    " WHERE user_id = $1 AND key = $2 AND created_at >= $3",
	[ADD] =
	    "INSERT INTO idempotency (user_id, key, request_hash, status, location, body, created_at)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7)"
	    " ON CONFLICT (user_id, key) DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status,"
	    " location = excluded.location, body = excluded.body, created_at = excluded.created_at",
	[TRIM] =
	    "DELETE FROM idempotency WHERE user_id = $1 AND created_at <= (SELECT created_at FROM idempotency"
	    " WHERE user_id = $1 ORDER BY created_at DESC LIMIT 1 OFFSET $2)",
	/* By age and not by key, which would walk all keys of a user. */
	[PURGE] =
	    "DELETE FROM idempotency WHERE created_at <= (SELECT max(created_at) FROM"
	    " (SELECT created_at FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2) oldest)",
};

int
store_idem_find(struct db *db, struct arena *arena, int64_t user_id, const char *key, int64_t since_us,
    struct idem *idem_r)
{
	struct db_stmt *st = db_query(db, sql[FIND], DB_INT(user_id), DB_TEXT(key), DB_INT(since_us));
	int found = db_step(st);

	if (found == 1)
		*idem_r = (struct idem){
			.request_hash = arena_strdup(arena, db_text(st, 0)),
			.status = (int)db_int(st, 1),
			.location = arena_strdup(arena, db_text(st, 2)),
			.body = arena_strdup(arena, db_text(st, 3)),
		};
	db_done(st);
	return found;
}

int
store_idem_add(struct db *db, int64_t user_id, const char *key, const struct idem *idem, int64_t now_us)
{
	int64_t rows = db_exec(db, sql[ADD], DB_INT(user_id), DB_TEXT(key), DB_TEXT(idem->request_hash),
	    DB_INT(idem->status), DB_TEXT(idem->location), DB_TEXT(idem->body), DB_INT(now_us));

	return rows < 0 ? -1 : 0;
}

int
store_idem_trim(struct db *db, int64_t user_id, size_t keep)
{
	return db_exec(db, sql[TRIM], DB_INT(user_id), DB_INT((int64_t)keep)) < 0 ? -1 : 0;
}

int64_t
store_idem_purge(struct db *db, int64_t before_us, size_t limit)
{
	return db_exec(db, sql[PURGE], DB_INT(before_us), DB_INT((int64_t)limit));
}
