#include <string.h>

#include "rows.h"
#include "store_audit.h"

#define MINUTE	(60 * US_PER_S)

enum { ADD, FIND, COUNT, COUNT_ONE_MORE, AFTER, NEWEST, FORGET_OWN, FORGET_TRIED, ALLOW_PURGE, PURGE, END_PURGE };

#define COLUMNS "u.id, u.created_at, u.action, u.actor_id, a.email, u.origin, u.request_id, u.meeting_id, u.user_id," \
	" w.email, u.object_id, u.detail, u.times"
#define MATCHING " FROM audit u LEFT JOIN account a ON a.id = u.actor_id LEFT JOIN account w ON w.id = u.user_id" \
	" WHERE u.id > $1 AND ($2 = 0 OR u.actor_id = $2 OR u.user_id = $2) AND ($3 = 0 OR u.meeting_id = $3)" \
	" AND ($4 IS NULL OR u.action = $4 OR substr(u.action, 1, length($4) + 1) = $4 || '.')" \
	" AND u.created_at >= $5 AND u.created_at < $6"
/* Of one action in this minute; only the newest rows are looked at, so that it costs the same on any day. */
#define RECENT "(SELECT id, action, origin, actor_id, user_id, created_at" \
	" FROM audit ORDER BY id DESC LIMIT 100) recent" \
	" WHERE action = $1 AND created_at >= $2"

static const char *const sql[] = {
	[ADD]		= "INSERT INTO audit (created_at, action, actor_id, origin, request_id, meeting_id, user_id,"
			  " object_id, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
	[FIND]		= "SELECT id FROM " RECENT " AND origin = $3 AND coalesce(actor_id, 0) = $4"
			  " AND coalesce(user_id, 0) = $5 LIMIT 1",
	[COUNT]		= "SELECT count(*) FROM " RECENT,
	[COUNT_ONE_MORE] = "UPDATE audit SET times = times + 1 WHERE id = $1",
	[AFTER]		= "SELECT " COLUMNS MATCHING " ORDER BY u.id LIMIT $7",
	[NEWEST]	= "SELECT " COLUMNS MATCHING " ORDER BY u.id DESC LIMIT $7",
	[FORGET_OWN]	= "UPDATE audit SET origin = 'erased' WHERE actor_id = $1",
	[FORGET_TRIED]	= "UPDATE audit SET origin = 'erased' WHERE user_id = $1 AND actor_id IS NULL"
			  " AND substr(origin, 1, 8) <> 'unioctl:' AND origin <> 'daemon'",
	/* The trigger on the table lets go what is older than this row says, which no other transaction ever sees. */
	[ALLOW_PURGE]	= "INSERT INTO meta (name, value) VALUES ('audit_purge_before', CAST($1 AS TEXT))",
	[PURGE]		= "DELETE FROM audit WHERE id IN"
			  " (SELECT id FROM audit WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
	[END_PURGE]	= "DELETE FROM meta WHERE name = 'audit_purge_before'",
};

static int64_t	store_audit_actor(const struct audit *audit, const struct audit_from *from);
static int64_t	store_audit_user(const struct audit *audit, const struct audit_from *from);
static int	store_audit_count_row(struct db *db, const struct audit *audit, const struct audit_from *from,
		    int64_t now_us);
static int	store_audit_read(struct db *db, struct arena *arena, const char *query,
		    const struct audit_filter *filter, int64_t after_id, size_t limit, struct audit_row **rows_r,
		    size_t *n_r);

int
store_audit_add(struct db *db, const struct audit *audit, const struct audit_from *from, int64_t now_us)
{
	return (db_exec(db, sql[ADD], DB_INT(now_us), DB_TEXT(audit_action_name(audit->action)),
	    DB_INT_OR_NULL(store_audit_actor(audit, from)),
	    DB_TEXT(audit->origin != NULL ? audit->origin : from->origin), DB_TEXT(from->request_id),
	    DB_INT_OR_NULL(audit->meeting_id), DB_INT_OR_NULL(store_audit_user(audit, from)),
	    DB_INT_OR_NULL(audit->object_id), DB_TEXT(audit->detail)) == -1 ? -1 : 0);
}

static int64_t
store_audit_actor(const struct audit *audit, const struct audit_from *from)
{
	return (audit->actor_id != 0 ? audit->actor_id : from->actor_id);
}

/* Who does it to oneself is named once. */
static int64_t
store_audit_user(const struct audit *audit, const struct audit_from *from)
{
	return (audit->user_id != store_audit_actor(audit, from) ? audit->user_id : 0);
}

int
store_audit_count(struct db *db, const struct audit *audit, const struct audit_from *from, int64_t now_us)
{
	const struct audit_from	 many = { .origin = "many" };
	const struct audit	 others = { .action = audit->action };
	const char		*action = audit_action_name(audit->action);
	int64_t			 rows;
	int			 found = store_audit_count_row(db, audit, from, now_us);

	if (found != 0)
		return (found == 1 ? 0 : -1);
	if (db_one_int(db_query(db, sql[COUNT], DB_TEXT(action), DB_INT(now_us - now_us % MINUTE)), &rows) != 1)
		return (-1);
	if (rows < STORE_AUDIT_COUNTED)
		return (store_audit_add(db, audit, from, now_us));
	found = store_audit_count_row(db, &others, &many, now_us);
	if (found == 0)
		return (store_audit_add(db, &others, &many, now_us));
	return (found == 1 ? 0 : -1);
}

/* 1 there was such a row in this minute, and it has counted one more; 0/-1. */
static int
store_audit_count_row(struct db *db, const struct audit *audit, const struct audit_from *from, int64_t now_us)
{
	int64_t	id;
	int	found = db_one_int(db_query(db, sql[FIND], DB_TEXT(audit_action_name(audit->action)),
		    DB_INT(now_us - now_us % MINUTE), DB_TEXT(from->origin), DB_INT(store_audit_actor(audit, from)),
		    DB_INT(store_audit_user(audit, from))), &id);

	if (found == 1 && db_exec(db, sql[COUNT_ONE_MORE], DB_INT(id)) != 1)
		return (-1);
	return (found);
}

int
store_audit_after(struct db *db, struct arena *arena, const struct audit_filter *filter, int64_t after_id,
    size_t limit, struct audit_row **rows_r, size_t *n_r)
{
	return (store_audit_read(db, arena, sql[AFTER], filter, after_id, limit, rows_r, n_r));
}

int
store_audit_newest(struct db *db, struct arena *arena, const struct audit_filter *filter, size_t limit,
    struct audit_row **rows_r, size_t *n_r)
{
	return (store_audit_read(db, arena, sql[NEWEST], filter, 0, limit, rows_r, n_r));
}

static int
store_audit_read(struct db *db, struct arena *arena, const char *query, const struct audit_filter *filter,
    int64_t after_id, size_t limit, struct audit_row **rows_r, size_t *n_r)
{
	struct rows		 rows = rows_in(arena, sizeof(struct audit_row));
	struct audit_row	*row;
	struct db_stmt		*st = db_query(db, query, DB_INT(after_id), DB_INT(filter->user_id),
				    DB_INT(filter->meeting_id), DB_TEXT(filter->action), DB_INT(filter->since_us),
				    DB_INT(filter->until_us), DB_INT((int64_t)limit));
	int			 rc;

	while ((rc = db_step(st)) == 1) {
		row = rows_add(&rows);
		row->id = db_int(st, 0);
		row->created_at = db_int(st, 1);
		row->action = arena_strdup(arena, db_text(st, 2));
		row->actor_id = db_int(st, 3);
		row->actor_email = arena_strdup(arena, db_text(st, 4));
		row->origin = arena_strdup(arena, db_text(st, 5));
		row->request_id = arena_strdup(arena, db_text(st, 6));
		row->meeting_id = db_int(st, 7);
		row->user_id = db_int(st, 8);
		row->user_email = arena_strdup(arena, db_text(st, 9));
		row->object_id = db_int(st, 10);
		row->detail = arena_strdup(arena, db_text(st, 11));
		row->times = db_int(st, 12);
	}
	db_done(st);
	if (rc == -1)
		return (-1);
	*rows_r = rows.data;
	*n_r = rows.n;
	return (0);
}

int
store_audit_forget(struct db *db, int64_t user_id)
{
	if (db_exec(db, sql[FORGET_OWN], DB_INT(user_id)) == -1 ||
	    db_exec(db, sql[FORGET_TRIED], DB_INT(user_id)) == -1)
		return (-1);
	return (0);
}

int64_t
store_audit_purge(struct db *db, int64_t before_us, size_t limit)
{
	int64_t	deleted;

	if (db_exec(db, sql[ALLOW_PURGE], DB_INT(before_us)) == -1 ||
	    (deleted = db_exec(db, sql[PURGE], DB_INT(before_us), DB_INT((int64_t)limit))) == -1 ||
	    db_exec(db, sql[END_PURGE]) == -1)
		return (-1);
	return (deleted);
}

void
store_audit_emit(struct emit *e, const struct audit_row *row)
{
	emit_object(e, NULL);
	emit_int(e, "id", row->id);
	emit_time(e, "created_at", row->created_at);
	emit_text(e, "action", row->action);
	emit_int(e, "times", row->times);
	if (row->actor_id != 0)
		emit_int(e, "actor_id", row->actor_id);
	else
		emit_null(e, "actor_id");
	emit_text(e, "origin", row->origin);
	emit_text(e, "request_id", row->request_id);
	if (row->meeting_id != 0)
		emit_int(e, "meeting_id", row->meeting_id);
	if (row->user_id != 0)
		emit_int(e, "user_id", row->user_id);
	if (row->object_id != 0)
		emit_int(e, "object_id", row->object_id);
	if (row->detail != NULL)
		emit_raw(e, "detail", (struct slice){ row->detail, strlen(row->detail) });
	emit_end(e);
}
