#include <string.h>

#include "event.h"

enum { INSERT, AFTER, OF_MEETING_AFTER, LOWEST, HIGHEST, NEWEST_OF_MEETING, PURGE, EPOCH };

#define COLUMNS	"id, type, meeting_id, user_id, login_id, created_at, body"

static const char *const sql[] = {
	[INSERT]	= "INSERT INTO event (meeting_id, user_id, login_id, type, body, created_at)"
			  " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
	[AFTER]		= "SELECT " COLUMNS " FROM event WHERE id > $1 ORDER BY id LIMIT $2",
	[OF_MEETING_AFTER] = "SELECT " COLUMNS " FROM event WHERE meeting_id = $1 AND id > $2 ORDER BY id LIMIT $3",
	[LOWEST]	= "SELECT coalesce(min(id), 1) FROM event",
	[HIGHEST]	= "SELECT coalesce(max(id), 0) FROM event",
	[NEWEST_OF_MEETING] = "SELECT coalesce(max(id), 0) FROM event WHERE meeting_id = $1",
	/* The newest row stays for ever: it is what remembers the highest id. */
	[PURGE]		= "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE created_at < $1"
			  " AND id < (SELECT max(id) FROM event) ORDER BY created_at, id LIMIT $2)",
	[EPOCH]		= "SELECT value FROM meta WHERE name = 'epoch'",
};

static const struct {
	const char	*name;
	bool		 public;
} types[] = {
	[EVENT_MEETING_STATUS]		= { "meeting_status", true },
	[EVENT_CALL_STARTED]		= { "call_started", true },
	[EVENT_CALL_ENDED]		= { "call_ended", true },
	[EVENT_MEETING_UPDATED]		= { "meeting_updated", true },
	[EVENT_PARTICIPANT_ADDED]	= { "participant_added", true },
	[EVENT_PARTICIPANT_REMOVED]	= { "participant_removed", true },
	[EVENT_MEETING_DELETED]		= { "meeting_deleted", true },
	[EVENT_LOGIN_REVOKED]		= { "login_revoked", false },
	[EVENT_USER_DISABLED]		= { "user_disabled", false },
	[EVENT_USER_KICKED]		= { "user_kicked", false },
	[EVENT_UNKNOWN]			= { "unknown", false },
};

static int		 event_read_page(struct db_stmt *st, struct arena *arena, bool public_only,
			     const struct event_bound *bound, struct event_page *page_r);
static struct event	*event_read(struct db_stmt *st, struct arena *arena);
static enum event_type	 event_type_parse(const char *name);

const char *
event_type_name(enum event_type type)
{
	return (types[type].name);
}

bool
event_is_public(enum event_type type)
{
	return (types[type].public);
}

void
event_list_init(struct event_list *list, struct arena *arena)
{
	list->arena = arena;
	list->first = NULL;
	list->last = &list->first;
}

struct event *
event_add(struct event_list *list, enum event_type type, int64_t meeting_id, const struct buf *body)
{
	struct event	*event = arena_alloc(list->arena, sizeof(*event));

	event->type = type;
	event->meeting_id = meeting_id;
	event->body = body == NULL || body->len == 0 ? "{}" : arena_strndup(list->arena, body->data, body->len);
	*list->last = event;
	list->last = &event->next;
	return (event);
}

int
event_store(struct db *db, struct event_list *list, int64_t now_us)
{
	for (struct event *event = list->first; event != NULL; event = event->next) {
		event->created_at = now_us;
		if (db_one_int(db_query(db, sql[INSERT], DB_INT_OR_NULL(event->meeting_id),
		    DB_INT_OR_NULL(event->user_id), DB_INT_OR_NULL(event->login_id),
		    DB_TEXT(types[event->type].name), DB_TEXT(event->body), DB_INT(now_us)), &event->id) != 1)
			return (-1);
	}
	return (0);
}

int
event_after(struct db *db, struct arena *arena, int64_t after_id, const struct event_bound *bound,
    struct event_page *page_r)
{
	/* one row past the count tells whether there is more */
	return (event_read_page(db_query(db, sql[AFTER], DB_INT(after_id), DB_INT((int64_t)bound->count + 1)), arena,
	    false, bound, page_r));
}

int
event_of_meeting_after(struct db *db, struct arena *arena, int64_t meeting_id, int64_t after_id,
    const struct event_bound *bound, struct event_page *page_r)
{
	return (event_read_page(db_query(db, sql[OF_MEETING_AFTER], DB_INT(meeting_id), DB_INT(after_id),
	    DB_INT((int64_t)bound->count + 1)), arena, true, bound, page_r));
}

int
event_bounds(struct db *db, int64_t *lowest_r, int64_t *highest_r)
{
	int64_t	lowest, highest;

	if (db_one_int(db_query(db, sql[LOWEST]), &lowest) != 1 || event_highest(db, &highest) == -1)
		return (-1);
	*lowest_r = lowest;
	*highest_r = highest;
	return (0);
}

int
event_highest(struct db *db, int64_t *id_r)
{
	return (db_one_int(db_query(db, sql[HIGHEST]), id_r) == 1 ? 0 : -1);
}

int
event_newest_of_meeting(struct db *db, int64_t meeting_id, int64_t *id_r)
{
	return (db_one_int(db_query(db, sql[NEWEST_OF_MEETING], DB_INT(meeting_id)), id_r) == 1 ? 0 : -1);
}

int64_t
event_purge(struct db *db, int64_t before_us, size_t limit)
{
	return (db_exec(db, sql[PURGE], DB_INT(before_us), DB_INT((int64_t)limit)));
}

int
event_epoch(struct db *db, struct arena *arena, const char **epoch_r)
{
	struct db_stmt	*st = db_query(db, sql[EPOCH]);
	int		 rc = db_step(st);

	if (rc == 1)
		*epoch_r = arena_strdup(arena, db_text(st, 0));
	db_done(st);
	return (rc == 1 ? 0 : -1);
}

void
event_frame(const struct event *event, struct buf *out)
{
	struct emit	e = emit_into(out);
	size_t		n = strlen(event->body);

	emit_object(&e, NULL);
	emit_text(&e, "type", types[event->type].name);
	emit_int(&e, "event_id", event->id);
	emit_time(&e, "timestamp", event->created_at);
	/* The body's members go into this object: all of it but its braces. */
	if (n > 2) {
		buf_addc(out, ',');
		buf_add(out, event->body + 1, n - 2);
	}
	emit_end(&e);
}

static int
event_read_page(struct db_stmt *st, struct arena *arena, bool public_only, const struct event_bound *bound,
    struct event_page *page_r)
{
	struct event_page	 page = { .first = NULL };
	struct event		**last = &page.first, *event;
	size_t			 rows = 0, bytes = 0;
	int			 rc;

	while ((rc = db_step(st)) == 1) {
		if (rows++ == bound->count || bytes > bound->bytes) {
			page.more = true;
			break;
		}
		event = event_read(st, arena);
		if (public_only && !types[event->type].public)
			continue;
		bytes += strlen(event->body);
		*last = event;
		last = &event->next;
		page.count++;
	}
	db_done(st);
	if (rc == -1)
		return (-1);
	*page_r = page;
	return (0);
}

static struct event *
event_read(struct db_stmt *st, struct arena *arena)
{
	struct event	*event = arena_alloc(arena, sizeof(*event));

	event->id = db_int(st, 0);
	event->type = event_type_parse(db_text(st, 1));
	event->meeting_id = db_int(st, 2);
	event->user_id = db_int(st, 3);
	event->login_id = db_int(st, 4);
	event->created_at = db_int(st, 5);
	event->body = arena_strdup(arena, db_text(st, 6));
	return (event);
}

static enum event_type
event_type_parse(const char *name)
{
	for (size_t i = 0; i < EVENT_UNKNOWN; i++)
		if (strcmp(name, types[i].name) == 0)
			return ((enum event_type)i);
	return (EVENT_UNKNOWN);
}
