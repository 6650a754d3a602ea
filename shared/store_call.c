#include "rows.h"
#include "store_call.h"

enum {
	BY_ID, ACTIVE, ALL_ACTIVE,
	LIST_OF_USER, LIST_OF_USER_ACTIVE, LIST_OF_MEETING, LIST_ALL, LIST_ALL_ACTIVE,
	CREATE, END, DELETE, PURGE_ATTENDANCE, PURGE, CLOSE_ATTENDANCE, ATTEND, UNATTEND, UNATTEND_ALL, ATTENDANCE
};

#define COLUMNS	"c.id, c.meeting_id, a.id, a.email, a.full_name, c.status, c.started_at, c.ended_at, c.ended_reason"
#define CALLER	" JOIN account a ON a.id = c.caller_id"
/* The later of two times: an interval never ends before it began. */
#define LATER(x, y) "CASE WHEN " x " > " y " THEN " x " ELSE " y " END"
/* Of one meeting, walking call_by_meeting down from $2. */
#define NEWEST(meeting, limit) "SELECT n.id FROM call n WHERE n.meeting_id = " meeting \
	" AND n.id < $2 AND n.status <> $3 ORDER BY n.id DESC LIMIT " limit

/* The first $2 that ended before $1, by time: a clock that was ahead has left some that stay longer, of any id. */
#define OVER "(SELECT id FROM call WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)"

static const char *const sql[] = {
	[BY_ID]		= "SELECT " COLUMNS " FROM call c" CALLER " WHERE c.id = $1",
	[ACTIVE]	= "SELECT " COLUMNS " FROM call c" CALLER " WHERE c.meeting_id = $1 AND c.status = 'active'",
	/* "+ 0" keeps it from walking all calls by id: the active ones are few and have an index. */
	[ALL_ACTIVE]	= "SELECT " COLUMNS " FROM call c" CALLER " WHERE c.status = 'active' ORDER BY c.id + 0",

	/*
	 * The newest calls of all of one user's meetings, however many calls others
	 * have: a page can only come from the meetings whose newest calls are the
	 * newest, and from the newest of each.  $3 is a status to leave out, or ''.
	 */
	[LIST_OF_USER]	= "WITH latest AS (SELECT b.meeting_id, (" NEWEST("b.meeting_id", "1") ") AS id"
			  " FROM member b WHERE b.user_id = $1),"
			  " recent AS (SELECT meeting_id FROM latest WHERE id IS NOT NULL ORDER BY id DESC LIMIT $4)"
			  " SELECT " COLUMNS " FROM recent"
			  " JOIN call c ON c.id IN (" NEWEST("recent.meeting_id", "$4") ")" CALLER
			  " ORDER BY c.id DESC LIMIT $4",
	[LIST_OF_USER_ACTIVE] = "SELECT " COLUMNS " FROM member b JOIN call c ON c.meeting_id = b.meeting_id"
			  " AND c.status = 'active'" CALLER
			  " WHERE b.user_id = $1 AND c.id < $2 ORDER BY c.id DESC LIMIT $3",
	[LIST_OF_MEETING] = "SELECT " COLUMNS " FROM call c" CALLER
			  " WHERE c.meeting_id = $1 AND c.id < $2 AND c.status <> $3 AND ($4 = 0 OR EXISTS"
			  " (SELECT 1 FROM member b WHERE b.meeting_id = $1 AND b.user_id = $4))"
			  " ORDER BY c.id DESC LIMIT $5",
	[LIST_ALL]	= "SELECT " COLUMNS " FROM call c" CALLER
			  " WHERE c.id < $1 AND c.status <> $2 ORDER BY c.id DESC LIMIT $3",
	/* "+ 0": as above. */
	[LIST_ALL_ACTIVE] = "SELECT " COLUMNS " FROM call c" CALLER
			  " WHERE c.status = 'active' AND c.id + 0 < $1 ORDER BY c.id + 0 DESC LIMIT $2",

	[CREATE]	= "INSERT INTO call (meeting_id, caller_id, started_at) VALUES ($1, $2, $3)"
			  " ON CONFLICT DO NOTHING RETURNING id",
	[END]		= "UPDATE call SET status = 'ended', ended_reason = $2, ended_at = " LATER("started_at", "$3")
			  " WHERE id = $1 AND status = 'active'",
	[DELETE]	= "DELETE FROM call WHERE id = $1 AND status = 'ended'",
	[PURGE_ATTENDANCE] = "DELETE FROM attendance WHERE id IN"
			  " (SELECT t.id FROM attendance t WHERE t.call_id IN " OVER " LIMIT $2)",
	[PURGE]		= "DELETE FROM call WHERE id IN " OVER
			  " AND NOT EXISTS (SELECT 1 FROM attendance t WHERE t.call_id = call.id)",
	[CLOSE_ATTENDANCE] = "UPDATE attendance SET left_at = " LATER("joined_at", "$2")
			  " WHERE call_id = $1 AND left_at IS NULL",
	/*
	 * The daemon writes later than it knows: who came or went before the call's end has
	 * the time between, also when the end was quicker.  Written twice it is one row; but while
	 * the clock is set back, intervals of no length follow each other at the call's start.
	 */
	[ATTEND]	= "INSERT INTO attendance (call_id, user_id, session_id, joined_at, left_at)"
			  " SELECT c.id, $2, $3, " LATER("c.started_at", "$4") ", c.ended_at FROM call c"
			  " WHERE c.id = $1 AND (c.status = 'active' OR c.ended_at > $4) AND NOT EXISTS"
			  " (SELECT 1 FROM attendance t WHERE t.call_id = $1 AND t.session_id = $3"
			  " AND (t.left_at IS NULL OR (t.joined_at = " LATER("c.started_at", "$4")
			  " AND t.left_at > t.joined_at)))",
	[UNATTEND]	= "UPDATE attendance SET left_at = " LATER("joined_at", "$3")
			  " WHERE call_id = $1 AND session_id = $2 AND (left_at IS NULL OR (left_at > $3"
			  " AND left_at = (SELECT c.ended_at FROM call c WHERE c.id = $1)))",
	/* As shard_of() has it. */
	[UNATTEND_ALL]	= "UPDATE attendance SET left_at = " LATER("joined_at", "$1") " WHERE left_at IS NULL"
			  " AND EXISTS (SELECT 1 FROM call c WHERE c.id = attendance.call_id"
			  " AND c.meeting_id % $2 % $3 = $4)",
	[ATTENDANCE]	= "SELECT a.id, a.email, a.full_name, t.joined_at, t.left_at"
			  " FROM attendance t JOIN account a ON a.id = t.user_id WHERE t.call_id = $1 ORDER BY t.id",
};

static int		 store_call_get(struct db_stmt *st, struct arena *arena, struct call *call_r);
static int		 store_call_read_all(struct db_stmt *st, struct arena *arena, struct call **calls_r,
    size_t *n_r);
static struct db_stmt	*store_call_query_list(struct db *db, int64_t user_id, int64_t meeting_id, int active,
			     int64_t before_id, size_t limit);
static void		 store_call_read(struct db_stmt *st, struct arena *arena, struct call *call);

int
store_call_by_id(struct db *db, struct arena *arena, int64_t id, struct call *call_r)
{
	return (store_call_get(db_query(db, sql[BY_ID], DB_INT(id)), arena, call_r));
}

int
store_call_active(struct db *db, struct arena *arena, int64_t meeting_id, struct call *call_r)
{
	return (store_call_get(db_query(db, sql[ACTIVE], DB_INT(meeting_id)), arena, call_r));
}

int
store_call_all_active(struct db *db, struct arena *arena, struct call **calls_r, size_t *n_r)
{
	return (store_call_read_all(db_query(db, sql[ALL_ACTIVE]), arena, calls_r, n_r));
}

int
store_call_list(struct db *db, struct arena *arena, int64_t user_id, int64_t meeting_id, int active,
    int64_t before_id,
    size_t limit, struct call **calls_r, size_t *n_r)
{
	return (store_call_read_all(store_call_query_list(db, user_id, meeting_id, active, before_id, limit), arena,
	    calls_r, n_r));
}

int
store_call_create(struct db *db, int64_t meeting_id, int64_t caller_id, int64_t now_us, int64_t *id_r)
{
	return (db_one_int(db_query(db, sql[CREATE], DB_INT(meeting_id), DB_INT(caller_id), DB_INT(now_us)), id_r));
}

int
store_call_end(struct db *db, int64_t id, const char *reason, int64_t ended_us)
{
	int64_t	n = db_exec(db, sql[END], DB_INT(id), DB_TEXT(reason), DB_INT(ended_us));

	if (n == 1 && db_exec(db, sql[CLOSE_ATTENDANCE], DB_INT(id), DB_INT(ended_us)) == -1)
		return (-1);
	return ((int)n);
}

int
store_call_delete(struct db *db, int64_t id)
{
	return ((int)db_exec(db, sql[DELETE], DB_INT(id)));
}

int64_t
store_call_purge(struct db *db, int64_t before_us, size_t limit)
{
	struct db_value	most = DB_INT((int64_t)limit);
	int64_t		deleted = db_exec(db, sql[PURGE_ATTENDANCE], DB_INT(before_us), most);

	if (deleted != 0)
		return (deleted);
	return (db_exec(db, sql[PURGE], DB_INT(before_us), most));
}

int
store_call_attend(struct db *db, int64_t call_id, int64_t user_id, const char *session_id, int64_t joined_us)
{
	return (db_exec(db, sql[ATTEND], DB_INT(call_id), DB_INT(user_id), DB_TEXT(session_id),
	    DB_INT(joined_us)) == -1 ? -1 : 0);
}

int
store_call_unattend(struct db *db, int64_t call_id, const char *session_id, int64_t left_us)
{
	return (db_exec(db, sql[UNATTEND], DB_INT(call_id), DB_TEXT(session_id), DB_INT(left_us)) == -1 ? -1 : 0);
}

int
store_call_unattend_all(struct db *db, const struct shard *shard, int64_t left_us)
{
	int64_t	daemons = MAX(shard->daemons, 1), own = MAX(shard->own, 1);

	return (db_exec(db, sql[UNATTEND_ALL], DB_INT(left_us), DB_INT(SHARD_BUCKETS), DB_INT(daemons),
	    DB_INT(own - 1)) == -1 ? -1 : 0);
}

int
store_call_attendance(struct db *db, struct arena *arena, int64_t call_id, struct attendance **rows_r, size_t *n_r)
{
	struct rows		 rows = rows_in(arena, sizeof(struct attendance));
	struct db_stmt		*st = db_query(db, sql[ATTENDANCE], DB_INT(call_id));
	struct attendance	*row;
	int			 rc;

	while ((rc = db_step(st)) == 1) {
		row = rows_add(&rows);
		row->user = store_user_read_person(st, arena, 0);
		row->joined_at = db_int(st, 3);
		row->left_at = db_int(st, 4);
	}
	db_done(st);
	if (rc == -1)
		return (-1);
	*rows_r = rows.data;
	*n_r = rows.n;
	return (0);
}

int64_t
store_call_duration_s(const struct call *call)
{
	return (call->active ? 0 : (call->ended_at - call->started_at) / US_PER_S);
}

void
store_call_emit(struct emit *e, const char *key, const struct call *call)
{
	emit_object(e, key);
	store_call_emit_members(e, call);
	emit_end(e);
}

void
store_call_emit_members(struct emit *e, const struct call *call)
{
	emit_int(e, "id", call->id);
	emit_int(e, "meeting", call->meeting_id);
	store_user_emit_person(e, "caller", &call->caller);
	emit_text(e, "status", call->active ? "active" : "ended");
	emit_time(e, "started_at", call->started_at);
	emit_time(e, "ended_at", call->ended_at);
	if (call->active)
		emit_null(e, "duration");
	else
		emit_int(e, "duration", store_call_duration_s(call));
	emit_text(e, "ended_reason", call->ended_reason);
}

static struct db_stmt *
store_call_query_list(struct db *db, int64_t user_id, int64_t meeting_id, int active, int64_t before_id, size_t limit)
{
	struct db_value	before = DB_INT(before_id != 0 ? before_id : INT64_MAX);
	struct db_value	most = DB_INT((int64_t)limit);
	struct db_value	without = DB_TEXT(active == 1 ? "ended" : active == 0 ? "active" : "");

	if (meeting_id != 0)
		return (db_query(db, sql[LIST_OF_MEETING], DB_INT(meeting_id), before, without, DB_INT(user_id), most));
	if (user_id != 0 && active == 1)
		return (db_query(db, sql[LIST_OF_USER_ACTIVE], DB_INT(user_id), before, most));
	if (user_id != 0)
		return (db_query(db, sql[LIST_OF_USER], DB_INT(user_id), before, without, most));
	if (active == 1)
		return (db_query(db, sql[LIST_ALL_ACTIVE], before, most));
	return (db_query(db, sql[LIST_ALL], before, without, most));
}

static int
store_call_get(struct db_stmt *st, struct arena *arena, struct call *call_r)
{
	int	rc = db_step(st);

	if (rc == 1)
		store_call_read(st, arena, call_r);
	db_done(st);
	return (rc);
}

static int
store_call_read_all(struct db_stmt *st, struct arena *arena, struct call **calls_r, size_t *n_r)
{
	struct rows	rows = rows_in(arena, sizeof(struct call));
	int		rc;

	while ((rc = db_step(st)) == 1)
		store_call_read(st, arena, rows_add(&rows));
	db_done(st);
	if (rc == -1)
		return (-1);
	*calls_r = rows.data;
	*n_r = rows.n;
	return (0);
}

static void
store_call_read(struct db_stmt *st, struct arena *arena, struct call *call)
{
	*call = (struct call){
		.id = db_int(st, 0),
		.meeting_id = db_int(st, 1),
		.caller = store_user_read_person(st, arena, 2),
		.active = db_is_null(st, 7),
		.started_at = db_int(st, 6),
		.ended_at = db_int(st, 7),
		.ended_reason = arena_strdup(arena, db_text(st, 8)),
	};
}
