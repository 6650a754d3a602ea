#include <string.h>

#include "rows.h"
#include "store_webhook.h"

enum { ADD, BY_ID, ALL, COUNT, ROTATE, DISABLE, ENABLE, DELETE, PURGE_DELIVERIES, PURGE, ADVANCE, FARED };

#define COLUMNS	"id, url, events, secret, old_secret, old_until, cursor_id, failures, retry_at, created_at," \
	" disabled_at, disabled_reason"
#define NEWEST	"(SELECT coalesce(max(e.id), 0) FROM event e)"

static const char *const sql[] = {
	[ADD]	  = "INSERT INTO webhook (url, events, secret, cursor_id, created_at)"
		    " VALUES ($1, $2, $3, " NEWEST ", $4) RETURNING id",
	[BY_ID]	  = "SELECT " COLUMNS " FROM webhook WHERE id = $1 AND deleted_at IS NULL",
	[ALL]	  = "SELECT " COLUMNS " FROM webhook WHERE deleted_at IS NULL AND ($1 = 0 OR disabled_at IS NULL)"
		    " ORDER BY id",
	[COUNT]	  = "SELECT count(*) FROM webhook WHERE deleted_at IS NULL",
	[ROTATE]  = "UPDATE webhook SET old_secret = secret, old_until = $3, secret = $2 WHERE id = $1",
	[DISABLE] = "UPDATE webhook SET disabled_at = $3, disabled_reason = $2 WHERE id = $1 AND disabled_at IS NULL",
	[ENABLE]  = "UPDATE webhook SET disabled_at = NULL, disabled_reason = NULL, failures = 0, retry_at = NULL,"
		    " cursor_id = " NEWEST " WHERE id = $1 AND disabled_at IS NOT NULL",
	[DELETE]  = "UPDATE webhook SET deleted_at = $2, url = '', secret = '', old_secret = NULL, old_until = NULL"
		    " WHERE id = $1 AND deleted_at IS NULL",
	[PURGE_DELIVERIES] = "DELETE FROM delivery WHERE id IN (SELECT d.id FROM webhook w CROSS"
		    " JOIN delivery d WHERE d.webhook_id = w.id AND w.deleted_at IS NOT NULL LIMIT $1)",
	[PURGE]	  = "DELETE FROM webhook WHERE deleted_at IS NOT NULL",
	[ADVANCE] = "UPDATE webhook SET cursor_id = $2 WHERE id = $1",
	[FARED]	  = "UPDATE webhook SET failures = $2, retry_at = $3 WHERE id = $1",
};

static void	store_webhook_read(struct db_stmt *st, struct arena *arena, struct webhook *webhook);
static int	store_webhook_changed(int64_t rows);

int
store_webhook_add(struct db *db, const struct webhook *webhook, int64_t now_us, int64_t *id_r)
{
	return db_one_int(db_query(db, sql[ADD], DB_TEXT(webhook->url), DB_TEXT(webhook->events),
	    DB_TEXT(webhook->secret), DB_INT(now_us)), id_r) == 1 ? 0 : -1;
}

int
store_webhook_by_id(struct db *db, struct arena *arena, int64_t id, struct webhook *webhook_r)
{
	struct db_stmt	*st = db_query(db, sql[BY_ID], DB_INT(id));
	int		 rc = db_step(st);

	if (rc == 1)
		store_webhook_read(st, arena, webhook_r);
	db_done(st);
	return rc;
}

int
store_webhook_all(struct db *db, struct arena *arena, bool in_use, struct webhook **webhooks_r, size_t *n_r)
{
	struct rows	 rows = rows_in(arena, sizeof(struct webhook));
	struct db_stmt	*st = db_query(db, sql[ALL], DB_INT(in_use));
	int		 rc;

	while ((rc = db_step(st)) == 1)
		store_webhook_read(st, arena, rows_add(&rows));
	db_done(st);
	if (rc == -1)
		return -1;
	*webhooks_r = rows.data;
	*n_r = rows.n;
	return 0;
}

int
store_webhook_count(struct db *db, int64_t *n_r)
{
	return db_one_int(db_query(db, sql[COUNT]), n_r) == 1 ? 0 : -1;
}

int
store_webhook_rotate(struct db *db, int64_t id, const char *secret, int64_t old_until)
{
	return store_webhook_changed(db_exec(db, sql[ROTATE], DB_INT(id), DB_TEXT(secret), DB_INT(old_until)));
}

int
store_webhook_disable(struct db *db, int64_t id, const char *reason, int64_t now_us)
{
	return store_webhook_changed(db_exec(db, sql[DISABLE], DB_INT(id), DB_TEXT(reason), DB_INT(now_us)));
}

int
store_webhook_enable(struct db *db, int64_t id)
{
	return store_webhook_changed(db_exec(db, sql[ENABLE], DB_INT(id)));
}

int
store_webhook_delete(struct db *db, int64_t id, int64_t now_us)
{
	return store_webhook_changed(db_exec(db, sql[DELETE], DB_INT(id), DB_INT(now_us)));
}

int64_t
store_webhook_purge(struct db *db, size_t limit)
{
	int64_t	n = db_exec(db, sql[PURGE_DELIVERIES], DB_INT((int64_t)limit));

	if (n == -1 || n == (int64_t)limit)
		return n;
	return db_exec(db, sql[PURGE]) == -1 ? -1 : n;
}

enum webhook_state
store_webhook_state(const struct webhook *webhook)
{
	if (webhook->disabled_reason != NULL)
		return strcmp(webhook->disabled_reason, "gone") == 0 ? WEBHOOK_GONE : WEBHOOK_DISABLED;
	return webhook->failures > 0 ? WEBHOOK_FAILING : WEBHOOK_ACTIVE;
}

const char *
store_webhook_state_name(enum webhook_state state)
{
	static const char *const names[WEBHOOK_STATES] = {
		[WEBHOOK_ACTIVE] = "active",
		[WEBHOOK_FAILING] = "failing",
		[WEBHOOK_DISABLED] = "disabled",
		[WEBHOOK_GONE] = "gone",
	};

	return names[state];
}

int
store_webhook_advance(struct db *db, int64_t id, int64_t cursor_id)
{
	return db_exec(db, sql[ADVANCE], DB_INT(id), DB_INT(cursor_id)) == -1 ? -1 : 0;
}

int
store_webhook_fared(struct db *db, int64_t id, int64_t failures, int64_t retry_at)
{
	return db_exec(db, sql[FARED], DB_INT(id), DB_INT(failures), DB_INT_OR_NULL(retry_at)) == -1 ? -1 : 0;
}

static int
store_webhook_changed(int64_t rows)
{
	return rows == -1 ? -1 : rows > 0;
}

static void
store_webhook_read(struct db_stmt *st, struct arena *arena, struct webhook *webhook)
{
	*webhook = (struct webhook){
		.id = db_int(st, 0),
		.url = arena_strdup(arena, db_text(st, 1)),
		.events = arena_strdup(arena, db_text(st, 2)),
		.secret = arena_strdup(arena, db_text(st, 3)),
		.old_secret = arena_strdup(arena, db_text(st, 4)),
		.old_until = db_int(st, 5),
		.cursor_id = db_int(st, 6),
		.failures = db_int(st, 7),
		.retry_at = db_int(st, 8),
		.created_at = db_int(st, 9),
		.disabled_at = db_int(st, 10),
		.disabled_reason = arena_strdup(arena, db_text(st, 11)),
	};
}
