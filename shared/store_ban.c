#include "rows.h"
#include "store_ban.h"

enum { ADD, REMOVE, FIND, LIST, COUNT };

static const char *const sql[] = {
	[ADD]		= "INSERT INTO ban (meeting_id, user_id, banned_by, banned_at) VALUES ($1, $2, $3, $4)"
			  " ON CONFLICT DO NOTHING",
	[REMOVE]	= "DELETE FROM ban WHERE meeting_id = $1 AND user_id = $2",
	[FIND]		= "SELECT 1 FROM ban WHERE meeting_id = $1 AND user_id = $2",
	[LIST]		= "SELECT a.id, a.email, a.full_name, b.banned_by, b.banned_at FROM ban b"
			  " JOIN account a ON a.id = b.user_id WHERE b.meeting_id = $1 ORDER BY b.user_id",
	[COUNT]		= "SELECT count(*) FROM ban WHERE meeting_id = $1",
};

int
store_ban_add(struct db *db, int64_t meeting_id, int64_t user_id, int64_t by_user_id, int64_t now_us)
{
	return ((int)db_exec(db, sql[ADD], DB_INT(meeting_id), DB_INT(user_id), DB_INT_OR_NULL(by_user_id),
	    DB_INT(now_us)));
}

int
store_ban_remove(struct db *db, int64_t meeting_id, int64_t user_id)
{
	return ((int)db_exec(db, sql[REMOVE], DB_INT(meeting_id), DB_INT(user_id)));
}

int
store_ban_find(struct db *db, int64_t meeting_id, int64_t user_id)
{
	int64_t	one;

	return (db_one_int(db_query(db, sql[FIND], DB_INT(meeting_id), DB_INT(user_id)), &one));
}

int
store_ban_list(struct db *db, struct arena *arena, int64_t meeting_id, struct ban **bans_r, size_t *n_r)
{
	struct rows	 rows = rows_in(arena, sizeof(struct ban));
	struct db_stmt	*st = db_query(db, sql[LIST], DB_INT(meeting_id));
	struct ban	*ban;
	int		 rc;

	while ((rc = db_step(st)) == 1) {
		ban = rows_add(&rows);
		ban->user = store_user_read_person(st, arena, 0);
		ban->banned_by = db_int(st, 3);
		ban->banned_at = db_int(st, 4);
	}
	db_done(st);
	if (rc == -1)
		return (-1);
	*bans_r = rows.data;
	*n_r = rows.n;
	return (0);
}

int
store_ban_count(struct db *db, int64_t meeting_id, int64_t *count_r)
{
	return (db_one_int(db_query(db, sql[COUNT], DB_INT(meeting_id)), count_r) == 1 ? 0 : -1);
}

void
store_ban_emit(struct emit *e, const struct ban *ban)
{
	emit_object(e, NULL);
	store_user_emit_person(e, "user", &ban->user);
	if (ban->banned_by != 0)
		emit_int(e, "banned_by", ban->banned_by);
	else
		emit_null(e, "banned_by");
	emit_time(e, "banned_at", ban->banned_at);
	emit_end(e);
}
