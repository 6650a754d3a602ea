#include <string.h>

#include "rows.h"
#include "store_call.h"
#include "store_meeting.h"

enum {
	BY_ID, PARTICIPANTS, LIST, LIST_PARTICIPANTS, LIST_ALL, LIST_ALL_PARTICIPANTS,
	CREATE, UPDATE, SET_STATUS, DELETE, ADD_MEMBER, REMOVE_PARTICIPANT, COUNT_PARTICIPANTS
};

#define COLUMNS "m.id, m.title, m.description, h.id, h.email, h.full_name, m.status, m.ice_policy," \
	" m.scheduled_at, m.created_at, m.updated_at"
#define PERSON "a.id, a.email, a.full_name"

static const char *const sql[] = {
	[BY_ID]		= "SELECT " COLUMNS " FROM meeting m JOIN account h ON h.id = m.host_id WHERE m.id = $1",
	[PARTICIPANTS]	= "SELECT b.meeting_id, " PERSON " FROM member b JOIN account a ON a.id = b.user_id"
			  " WHERE b.meeting_id = $1 AND b.role = 'participant' ORDER BY b.user_id",

	/* A page of one user's meetings, and then all participants of that page. */
	[LIST]		= "SELECT " COLUMNS " FROM member mine JOIN meeting m ON m.id = mine.meeting_id"
			  " JOIN account h ON h.id = m.host_id"
			  " WHERE mine.user_id = $1 AND mine.meeting_id < $2 AND ($3 IS NULL OR m.status = $3)"
			  " ORDER BY mine.meeting_id DESC LIMIT $4",
	[LIST_PARTICIPANTS] = "SELECT mine.meeting_id, " PERSON " FROM member mine"
			  " JOIN meeting m ON m.id = mine.meeting_id JOIN member b ON b.meeting_id = mine.meeting_id"
			  " JOIN account a ON a.id = b.user_id"
			  " WHERE mine.user_id = $1 AND mine.meeting_id BETWEEN $2 AND $3"
			  " AND ($4 IS NULL OR m.status = $4) AND b.role = 'participant'"
			  " ORDER BY mine.meeting_id DESC, b.user_id",
	/* The same of everybody's. */
	[LIST_ALL]	= "SELECT " COLUMNS " FROM meeting m JOIN account h ON h.id = m.host_id"
			  " WHERE m.id < $1 AND ($2 IS NULL OR m.status = $2) ORDER BY m.id DESC LIMIT $3",
	[LIST_ALL_PARTICIPANTS] = "SELECT m.id, " PERSON " FROM meeting m JOIN member b ON b.meeting_id = m.id"
			  " JOIN account a ON a.id = b.user_id"
			  " WHERE m.id BETWEEN $1 AND $2 AND ($3 IS NULL OR m.status = $3)"
			  " AND b.role = 'participant' ORDER BY m.id DESC, b.user_id",

	[CREATE]	= "INSERT INTO meeting (title, description, host_id, status, ice_policy, scheduled_at,"
			  " created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id",
	[UPDATE]	= "UPDATE meeting SET title = coalesce($2, title), description = coalesce($3, description),"
			  " ice_policy = coalesce($4, ice_policy), scheduled_at ="
			  " CASE WHEN $5 = -1 THEN scheduled_at ELSE nullif($5, 0) END,"
			  " status = coalesce($6, status), updated_at = $7 WHERE id = $1",
	[SET_STATUS]	= "UPDATE meeting SET status = $2, updated_at = $3 WHERE id = $1",
	[DELETE]	= "DELETE FROM meeting WHERE id = $1",
	[ADD_MEMBER]	= "INSERT INTO member (meeting_id, user_id, role, added_at) VALUES ($1, $2, $3, $4)"
			  " ON CONFLICT DO NOTHING",
	[REMOVE_PARTICIPANT] = "DELETE FROM member WHERE meeting_id = $1 AND user_id = $2 AND role = 'participant'",
	[COUNT_PARTICIPANTS] = "SELECT count(*) FROM member WHERE meeting_id = $1 AND role = 'participant'",
};

static const char *const status_names[] = {
	[MEETING_SCHEDULED]	= "scheduled",
	[MEETING_ONGOING]	= "ongoing",
	[MEETING_COMPLETED]	= "completed",
	[MEETING_CANCELLED]	= "cancelled",
};

static void		 store_meeting_read(struct db_stmt *st, struct arena *arena, struct meeting *meeting);
static int		 store_meeting_read_participants(struct db_stmt *st, struct arena *arena,
			     struct meeting *meetings, size_t n);
static struct db_stmt	*store_meeting_query_list(struct db *db, int64_t user_id, const char *status,
			     int64_t before_id, size_t limit);
static struct db_stmt	*store_meeting_query_participants(struct db *db, int64_t user_id, const char *status,
			     int64_t lowest_id, int64_t highest_id);

const char *
store_meeting_status_name(enum meeting_status status)
{
	return (status_names[status]);
}

bool
store_meeting_status_parse(const char *name, enum meeting_status *status_r)
{
	for (size_t i = 0; i < COUNTOF(status_names); i++)
		if (strcmp(name, status_names[i]) == 0) {
			*status_r = (enum meeting_status)i;
			return (true);
		}
	return (false);
}

int
store_meeting_by_id(struct db *db, struct arena *arena, int64_t id, bool participants, struct meeting *meeting_r)
{
	struct db_stmt	*st = db_query(db, sql[BY_ID], DB_INT(id));
	struct meeting	 meeting;
	int		 rc = db_step(st);

	if (rc == 1)
		store_meeting_read(st, arena, &meeting);
	db_done(st);
	if (rc != 1)
		return (rc);
	if (participants && store_meeting_read_participants(db_query(db, sql[PARTICIPANTS], DB_INT(id)), arena,
	    &meeting, 1) == -1)
		return (-1);
	*meeting_r = meeting;
	return (1);
}

int
store_meeting_list(struct db *db, struct arena *arena, int64_t user_id, int status, int64_t before_id, size_t limit,
    struct meeting **meetings_r, size_t *n_r)
{
	const char	*name = status == -1 ? NULL : status_names[status];
	struct rows	 rows = rows_in(arena, sizeof(struct meeting));
	struct db_stmt	*st = store_meeting_query_list(db, user_id, name, before_id, limit);
	struct meeting	*meetings;
	int		 rc;

	while ((rc = db_step(st)) == 1)
		store_meeting_read(st, arena, rows_add(&rows));
	db_done(st);
	meetings = rows.data;
	if (rc == 0 && rows.n > 0)
		rc = store_meeting_read_participants(store_meeting_query_participants(db, user_id, name,
		    meetings[rows.n - 1].id, meetings[0].id), arena, meetings, rows.n);
	if (rc == -1)
		return (-1);
	*meetings_r = meetings;
	*n_r = rows.n;
	return (0);
}

int
store_meeting_create(struct db *db, const struct meeting *meeting, int64_t now_us, int64_t *id_r)
{
	int64_t	id;

	if (db_one_int(db_query(db, sql[CREATE], DB_TEXT(meeting->title), DB_TEXT(meeting->description),
	    DB_INT(meeting->host.id), DB_TEXT(status_names[meeting->status]), DB_TEXT(meeting->ice_policy),
	    DB_INT_OR_NULL(meeting->scheduled_at), DB_INT(now_us)), &id) != 1)
		return (-1);
	if (db_exec(db, sql[ADD_MEMBER], DB_INT(id), DB_INT(meeting->host.id), DB_TEXT("host"), DB_INT(now_us)) != 1)
		return (-1);
	*id_r = id;
	return (0);
}

int
store_meeting_update(struct db *db, int64_t id, const struct meeting_change *change, int64_t now_us)
{
	const char	*status = change->status == -1 ? NULL : status_names[change->status];

	return (db_exec(db, sql[UPDATE], DB_INT(id), DB_TEXT(change->title), DB_TEXT(change->description),
	    DB_TEXT(change->ice_policy), DB_INT(change->scheduled_at), DB_TEXT(status), DB_INT(now_us)) == -1 ? -1 : 0);
}

int
store_meeting_set_status(struct db *db, int64_t id, enum meeting_status status, int64_t now_us)
{
	return (db_exec(db, sql[SET_STATUS], DB_INT(id), DB_TEXT(status_names[status]), DB_INT(now_us)) == -1 ? -1 : 0);
}

int
store_meeting_delete(struct db *db, int64_t id)
{
	return ((int)db_exec(db, sql[DELETE], DB_INT(id)));
}

int
store_meeting_add_participant(struct db *db, int64_t id, int64_t user_id, int64_t now_us)
{
	return ((int)db_exec(db, sql[ADD_MEMBER], DB_INT(id), DB_INT(user_id), DB_TEXT("participant"), DB_INT(now_us)));
}

int
store_meeting_remove_participant(struct db *db, int64_t id, int64_t user_id)
{
	return ((int)db_exec(db, sql[REMOVE_PARTICIPANT], DB_INT(id), DB_INT(user_id)));
}

int
store_meeting_count_participants(struct db *db, int64_t id, int64_t *count_r)
{
	return (db_one_int(db_query(db, sql[COUNT_PARTICIPANTS], DB_INT(id)), count_r) == 1 ? 0 : -1);
}

void
store_meeting_emit(struct emit *e, const char *key, const struct meeting *meeting, const struct call *active)
{
	emit_object(e, key);
	emit_int(e, "id", meeting->id);
	emit_text(e, "title", meeting->title);
	emit_text(e, "description", meeting->description);
	store_user_emit_person(e, "host", &meeting->host);
	emit_array(e, "participants");
	for (size_t i = 0; i < meeting->participant_count; i++)
		store_user_emit_person(e, NULL, &meeting->participants[i]);
	emit_end(e);
	emit_text(e, "status", status_names[meeting->status]);
	emit_text(e, "ice_policy", meeting->ice_policy);
	emit_time(e, "scheduled_at", meeting->scheduled_at);
	emit_time(e, "created_at", meeting->created_at);
	emit_time(e, "updated_at", meeting->updated_at);
	if (active != NULL)
		store_call_emit(e, "active_call", active);
	else
		emit_null(e, "active_call");
	emit_end(e);
}

static struct db_stmt *
store_meeting_query_list(struct db *db, int64_t user_id, const char *status, int64_t before_id, size_t limit)
{
	struct db_value	before = DB_INT(before_id != 0 ? before_id : INT64_MAX);

	if (user_id != 0)
		return (db_query(db, sql[LIST], DB_INT(user_id), before, DB_TEXT(status), DB_INT((int64_t)limit)));
	return (db_query(db, sql[LIST_ALL], before, DB_TEXT(status), DB_INT((int64_t)limit)));
}

static struct db_stmt *
store_meeting_query_participants(struct db *db, int64_t user_id, const char *status, int64_t lowest_id,
    int64_t highest_id)
{
	struct db_value	lowest = DB_INT(lowest_id), highest = DB_INT(highest_id);

	if (user_id != 0)
		return (db_query(db, sql[LIST_PARTICIPANTS], DB_INT(user_id), lowest, highest, DB_TEXT(status)));
	return (db_query(db, sql[LIST_ALL_PARTICIPANTS], lowest, highest, DB_TEXT(status)));
}

static void
store_meeting_read(struct db_stmt *st, struct arena *arena, struct meeting *meeting)
{
	*meeting = (struct meeting){
		.id = db_int(st, 0),
		.title = arena_strdup(arena, db_text(st, 1)),
		.description = arena_strdup(arena, db_text(st, 2)),
		.host = store_user_read_person(st, arena, 3),
		.ice_policy = arena_strdup(arena, db_text(st, 7)),
		.scheduled_at = db_int(st, 8),
		.created_at = db_int(st, 9),
		.updated_at = db_int(st, 10),
	};
	/* The schema's CHECK lets no other status in. */
	if (!store_meeting_status_parse(db_text(st, 6), &meeting->status))
		meeting->status = MEETING_SCHEDULED;
}

/* Deals the rows (meeting_id, person) out to the meetings; both come in the same order.  Ends the statement; 0/-1. */
static int
store_meeting_read_participants(struct db_stmt *st, struct arena *arena, struct meeting *meetings, size_t n)
{
	struct rows	 rows = rows_in(arena, sizeof(struct person));
	struct person	*person;
	size_t		 i = 0;
	int		 rc;

	while ((rc = db_step(st)) == 1) {
		for (; i < n && meetings[i].id != db_int(st, 0); i++)
			rows = rows_in(arena, sizeof(struct person));
		if (i == n)
			break;
		person = rows_add(&rows);
		*person = store_user_read_person(st, arena, 1);
		meetings[i].participants = rows.data;
		meetings[i].participant_count = rows.n;
	}
	db_done(st);
	return (rc == -1 ? -1 : 0);
}
