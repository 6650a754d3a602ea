#include <stdlib.h>

#include "rows.h"
#include "store_delivery.h"

enum {
	ADD, DUE, BY_ID, LIST_ALL, LIST_OF_WEBHOOK, WAITING,
	DELIVERED, FAILED, PUT_OFF, PROMOTE, HURRY, REPEAT, LATE, GIVE_UP, PURGE
};

#define COLUMNS	"id, webhook_id, message_id, event_id, meeting_id, type, status, attempts, next_at, give_up_at," \
	" last_status, last_error, created_at, coalesce(queued_at, created_at), done_at"
#define ATTEMPTED "attempts = attempts + 1, last_status = $2, last_error = $3"
/* Those of a webhook that is deleted are only waiting for their own end. */
#define IS_THERE " EXISTS (SELECT 1 FROM webhook w WHERE w.id = webhook_id AND w.deleted_at IS NULL)"

static const char *const sql[] = {
	[ADD]	     = "INSERT INTO delivery (webhook_id, message_id, event_id, meeting_id, type, body, give_up_at,"
		       " created_at, queued_at, next_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, CASE WHEN EXISTS"
		       " (SELECT 1 FROM delivery o WHERE o.webhook_id = $1 AND o.meeting_id = $4"
		       " AND o.status = 'waiting') THEN NULL ELSE $8 END) RETURNING id",
	[DUE]	     = "SELECT " COLUMNS ", body FROM delivery WHERE webhook_id = $1 AND status = 'waiting'"
		       " AND next_at IS NOT NULL AND next_at <= $2 AND" IS_THERE " ORDER BY next_at, id LIMIT $3",
	[BY_ID]	     = "SELECT " COLUMNS ", body FROM delivery WHERE id = $1 AND" IS_THERE,
	[LIST_ALL]   = "SELECT " COLUMNS " FROM delivery WHERE id < $1 AND ($2 = '' OR status = $2) AND" IS_THERE
		       " ORDER BY id DESC LIMIT $3",
	[LIST_OF_WEBHOOK] = "SELECT " COLUMNS " FROM delivery WHERE webhook_id = $4 AND id < $1"
		       " AND ($2 = '' OR status = $2) AND" IS_THERE " ORDER BY id DESC LIMIT $3",
	[WAITING]    = "SELECT count(*), min(queued_at) FROM delivery WHERE webhook_id = $1 AND status = 'waiting'",

	[DELIVERED]  = "UPDATE delivery SET status = 'delivered', next_at = NULL, done_at = $4, " ATTEMPTED
		       " WHERE id = $1",
	[FAILED]     = "UPDATE delivery SET status = 'failed', next_at = NULL, done_at = $4, " ATTEMPTED
		       " WHERE id = $1 AND status = 'waiting'",
	[PUT_OFF]    = "UPDATE delivery SET next_at = $4, " ATTEMPTED " WHERE id = $1 AND status = 'waiting'",
	/* The oldest of a lane; one that has its time already keeps it. */
	[PROMOTE]    = "UPDATE delivery SET next_at = $3 WHERE next_at IS NULL AND id ="
		       " (SELECT min(o.id) FROM delivery o"
		       " WHERE o.webhook_id = $1 AND o.meeting_id = $2 AND o.status = 'waiting')",
	[HURRY]	     = "UPDATE delivery SET next_at = $3 WHERE webhook_id = $1 AND status = 'waiting'"
		       " AND next_at IS NOT NULL AND next_at > $3 AND (next_at > $2 OR attempts = 0)",
	[REPEAT]     = "UPDATE delivery SET status = 'waiting', attempts = 0, next_at = $3, queued_at = $3,"
		       " give_up_at = $2, done_at = NULL, last_status = NULL, last_error = NULL"
		       " WHERE id = $1 AND status <> 'waiting'",
	[LATE]	     = "SELECT d.id, d.webhook_id, d.meeting_id FROM delivery d"
		       " WHERE d.status = 'waiting' AND d.give_up_at < $1 AND EXISTS (SELECT 1 FROM webhook w"
		       " WHERE w.id = d.webhook_id AND w.deleted_at IS NULL"
		       " AND (w.failures > 0 OR w.disabled_at IS NOT NULL))"
		       " ORDER BY d.give_up_at LIMIT $2",
	[GIVE_UP]    = "UPDATE delivery SET status = 'failed', next_at = NULL, done_at = $2,"
		       " last_error = coalesce(last_error, 'not sent in time') WHERE id = $1",
	[PURGE]	     = "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE done_at IS NOT NULL"
		       " AND done_at < $1 ORDER BY done_at LIMIT $2)",
};

/* Those of one webhook and one meeting. */
struct lane {
	int64_t	webhook_id;
	int64_t	meeting_id;
};

/* One whose time is over. */
struct late {
	int64_t		id;
	struct lane	lane;
};

static int	store_delivery_late(struct db *db, int64_t before_us, size_t limit, struct late *late_r, size_t *n_r);
static bool	store_delivery_is_among(const struct delivery_ids *ids, int64_t id);
static int	store_delivery_promote(struct db *db, const struct lane *lane, int64_t now_us);
static int	store_delivery_read_all(struct db_stmt *st, struct arena *arena, bool body,
    struct delivery **deliveries_r, size_t *n_r);
static void	store_delivery_read(struct db_stmt *st, struct arena *arena, bool body, struct delivery *delivery);

int
store_delivery_add(struct db *db, const struct delivery *delivery, int64_t now_us, int64_t *id_r)
{
	return db_one_int(db_query(db, sql[ADD], DB_INT(delivery->webhook_id), DB_TEXT(delivery->message_id),
	    DB_INT_OR_NULL(delivery->event_id), DB_INT(delivery->meeting_id), DB_TEXT(delivery->type),
	    DB_TEXT(delivery->body), DB_INT(delivery->give_up_at), DB_INT(now_us)), id_r) == 1 ? 0 : -1;
}

int
store_delivery_due(struct db *db, struct arena *arena, int64_t webhook_id, int64_t now_us, size_t limit,
    struct delivery **deliveries_r, size_t *n_r)
{
	return store_delivery_read_all(db_query(db, sql[DUE], DB_INT(webhook_id), DB_INT(now_us),
	    DB_INT((int64_t)limit)), arena, true, deliveries_r, n_r);
}

/* What was delivered is so, whatever has been done to the row meanwhile. */
int
store_delivery_end(struct db *db, const struct delivery *delivery, const struct delivery_end *end, int64_t now_us)
{
	bool		 put_off = end->last_error != NULL && end->next_at != 0;
	const char	*change = put_off ? sql[PUT_OFF] : end->last_error != NULL ? sql[FAILED] : sql[DELIVERED];
	int64_t		 time = put_off ? end->next_at : now_us;

	if (db_exec(db, change, DB_INT(delivery->id), DB_INT_OR_NULL(end->last_status), DB_TEXT(end->last_error),
	    DB_INT(time)) == -1)
		return -1;
	return store_delivery_promote(db, &(struct lane){ delivery->webhook_id, delivery->meeting_id }, now_us);
}

int
store_delivery_hurry(struct db *db, int64_t webhook_id, int64_t beyond_us, int64_t now_us)
{
	return db_exec(db, sql[HURRY], DB_INT(webhook_id), DB_INT(beyond_us), DB_INT(now_us)) == -1 ? -1 : 0;
}

int
store_delivery_repeat(struct db *db, int64_t id, int64_t give_up_at, int64_t now_us)
{
	int64_t	rows = db_exec(db, sql[REPEAT], DB_INT(id), DB_INT(give_up_at), DB_INT(now_us));

	return rows == -1 ? -1 : rows > 0;
}

/* So many more are looked at as may be among those that are spared. */
int64_t
store_delivery_give_up(struct db *db, int64_t before_us, size_t limit, const struct delivery_ids *spared,
    int64_t now_us)
{
	struct late	*late = mem_calloc(limit + spared->n, sizeof(*late));
	size_t		 n = 0, given_up = 0;
	int		 rc = store_delivery_late(db, before_us, limit + spared->n, late, &n);

	for (size_t i = 0; i < n && given_up < limit && rc == 0; i++) {
		if (store_delivery_is_among(spared, late[i].id))
			continue;
		given_up++;
		rc = db_exec(db, sql[GIVE_UP], DB_INT(late[i].id), DB_INT(now_us)) == -1 ? -1 :
			 store_delivery_promote(db, &late[i].lane, now_us);
	}
	free(late);
	return rc == -1 ? -1 : (int64_t)given_up;
}

static int
store_delivery_late(struct db *db, int64_t before_us, size_t limit, struct late *late_r, size_t *n_r)
{
	struct db_stmt	*st = db_query(db, sql[LATE], DB_INT(before_us), DB_INT((int64_t)limit));
	int		 rc;

	while ((rc = db_step(st)) == 1)
		late_r[(*n_r)++] = (struct late){ db_int(st, 0), { db_int(st, 1), db_int(st, 2) } };
	db_done(st);
	return rc;
}

static bool
store_delivery_is_among(const struct delivery_ids *ids, int64_t id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (ids->id[i] == id)
			return true;
	return false;
}

/* The oldest of the lane that waits has its time. */
static int
store_delivery_promote(struct db *db, const struct lane *lane, int64_t now_us)
{
	return db_exec(db, sql[PROMOTE], DB_INT(lane->webhook_id), DB_INT(lane->meeting_id), DB_INT(now_us)) == -1 ?
	    -1 : 0;
}

int64_t
store_delivery_purge(struct db *db, int64_t before_us, size_t limit)
{
	return db_exec(db, sql[PURGE], DB_INT(before_us), DB_INT((int64_t)limit));
}

int
store_delivery_by_id(struct db *db, struct arena *arena, int64_t id, struct delivery *delivery_r)
{
	struct db_stmt	*st = db_query(db, sql[BY_ID], DB_INT(id));
	int		 rc = db_step(st);

	if (rc == 1)
		store_delivery_read(st, arena, true, delivery_r);
	db_done(st);
	return rc;
}

int
store_delivery_list(struct db *db, struct arena *arena, int64_t webhook_id, const char *status, int64_t before_id,
    size_t limit, struct delivery **deliveries_r, size_t *n_r)
{
	struct db_stmt	*st;

	if (webhook_id == 0)
		st = db_query(db, sql[LIST_ALL], DB_INT(before_id), DB_TEXT(status), DB_INT((int64_t)limit));
	else
		st = db_query(db, sql[LIST_OF_WEBHOOK], DB_INT(before_id), DB_TEXT(status), DB_INT((int64_t)limit),
		    DB_INT(webhook_id));
	return store_delivery_read_all(st, arena, false, deliveries_r, n_r);
}

int
store_delivery_waiting(struct db *db, int64_t webhook_id, int64_t *n_r, int64_t *since_r)
{
	struct db_stmt	*st = db_query(db, sql[WAITING], DB_INT(webhook_id));
	int		 rc = db_step(st);

	if (rc == 1) {
		*n_r = db_int(st, 0);
		*since_r = db_int(st, 1);
	}
	db_done(st);
	return rc == 1 ? 0 : -1;
}

static int
store_delivery_read_all(struct db_stmt *st, struct arena *arena, bool body, struct delivery **deliveries_r, size_t *n_r)
{
	struct rows	rows = rows_in(arena, sizeof(struct delivery));
	int		rc;

	while ((rc = db_step(st)) == 1)
		store_delivery_read(st, arena, body, rows_add(&rows));
	db_done(st);
	if (rc == -1)
		return -1;
	*deliveries_r = rows.data;
	*n_r = rows.n;
	return 0;
}

static void
store_delivery_read(struct db_stmt *st, struct arena *arena, bool body, struct delivery *delivery)
{
	*delivery = (struct delivery){
		.id = db_int(st, 0),
		.webhook_id = db_int(st, 1),
		.message_id = arena_strdup(arena, db_text(st, 2)),
		.event_id = db_int(st, 3),
		.meeting_id = db_int(st, 4),
		.type = arena_strdup(arena, db_text(st, 5)),
		.status = arena_strdup(arena, db_text(st, 6)),
		.attempts = db_int(st, 7),
		.next_at = db_int(st, 8),
		.give_up_at = db_int(st, 9),
		.last_status = db_int(st, 10),
		.last_error = arena_strdup(arena, db_text(st, 11)),
		.created_at = db_int(st, 12),
		.queued_at = db_int(st, 13),
		.done_at = db_int(st, 14),
		.body = body ? arena_strdup(arena, db_text(st, 15)) : NULL,
	};
}
