#include <string.h>

#include "export.h"
#include "store_audit.h"

#define COLUMNS	8	/* of a section, at most */
#define PAGE	500	/* rows of the audit trail at a time */
#define UNIOCTL	"unioctl"	/* what the origin of the operator's rows begins with (audit.h) */

enum kind { KIND_END, KIND_INT, KIND_TEXT, KIND_TIME };

struct column {
	const char	*name;
	enum kind	 kind;
};

static void	export_profile(struct emit *e, const struct user *user);
static int	export_section(struct db *db, int64_t user_id, size_t i, struct emit *e);
static void	export_value(struct emit *e, struct db_stmt *st, int i, const struct column *column);
static int	export_audit(struct db *db, struct arena *arena, int64_t user_id, struct emit *e);

/* Each a list of rows; $1 is the user. */
static const struct {
	const char	*name;
	const char	*sql;
	struct column	 columns[COLUMNS + 1];
} sections[] = {
	{ "sessions", "SELECT id, address, user_agent, created_at, last_used_at, expires_at, revoked_at FROM login"
	    " WHERE user_id = $1 ORDER BY id",
	    { { "id", KIND_INT }, { "address", KIND_TEXT }, { "user_agent", KIND_TEXT }, { "created_at", KIND_TIME },
	    { "last_used_at", KIND_TIME }, { "expires_at", KIND_TIME }, { "revoked_at", KIND_TIME } } },
	{ "identities", "SELECT issuer, subject, created_at FROM identity WHERE user_id = $1 ORDER BY issuer",
	    { { "issuer", KIND_TEXT }, { "subject", KIND_TEXT }, { "created_at", KIND_TIME } } },
	{ "failed_sign_ins", "SELECT f.address, f.failures, f.window_start FROM account a"
	    " JOIN login_failure f ON f.account = a.email WHERE a.id = $1 ORDER BY f.address",
	    { { "address", KIND_TEXT }, { "failures", KIND_INT }, { "since", KIND_TIME } } },
	{ "meetings", "SELECT m.id, m.title, m.description, b.role, m.status, m.scheduled_at, m.created_at, b.added_at"
	    " FROM member b JOIN meeting m ON m.id = b.meeting_id WHERE b.user_id = $1 ORDER BY b.meeting_id",
	    { { "id", KIND_INT }, { "title", KIND_TEXT }, { "description", KIND_TEXT }, { "role", KIND_TEXT },
	    { "status", KIND_TEXT }, { "scheduled_at", KIND_TIME }, { "created_at", KIND_TIME },
	    { "added_at", KIND_TIME } } },
	{ "bans", "SELECT meeting_id, banned_at FROM ban WHERE user_id = $1 ORDER BY meeting_id",
	    { { "meeting_id", KIND_INT }, { "banned_at", KIND_TIME } } },
	{ "calls_started", "SELECT id, meeting_id, started_at, ended_at, ended_reason FROM call WHERE caller_id = $1"
	    " ORDER BY id",
	    { { "id", KIND_INT }, { "meeting_id", KIND_INT }, { "started_at", KIND_TIME }, { "ended_at", KIND_TIME },
	    { "ended_reason", KIND_TEXT } } },
	{ "attendance", "SELECT t.call_id, c.meeting_id, t.joined_at, t.left_at FROM attendance t"
	    " JOIN call c ON c.id = t.call_id WHERE t.user_id = $1 ORDER BY t.id",
	    { { "call_id", KIND_INT }, { "meeting_id", KIND_INT }, { "joined_at", KIND_TIME },
	    { "left_at", KIND_TIME } } },
	/* not what they say: that is of meetings and of all who take part in them */
	{ "kept_replies", "SELECT key, status, created_at FROM idempotency WHERE user_id = $1 ORDER BY created_at",
	    { { "key", KIND_TEXT }, { "status", KIND_INT }, { "created_at", KIND_TIME } } },
	{ "events", "SELECT id, type, meeting_id, body, created_at FROM event WHERE user_id = $1 ORDER BY id",
	    { { "id", KIND_INT }, { "type", KIND_TEXT }, { "meeting_id", KIND_INT }, { "body", KIND_TEXT },
	    { "created_at", KIND_TIME } } },
};

int
export_user(struct db *db, struct arena *arena, const struct user *user, int64_t now_us, struct emit *e)
{
	emit_object(e, NULL);
	emit_time(e, "exported_at", now_us);
	export_profile(e, user);
	for (size_t i = 0; i < COUNTOF(sections); i++)
		if (export_section(db, user->person.id, i, e) == -1)
			return (-1);
	if (export_audit(db, arena, user->person.id, e) == -1)
		return (-1);
	emit_end(e);
	return (0);
}

static void
export_profile(struct emit *e, const struct user *user)
{
	emit_object(e, "user");
	emit_int(e, "id", user->person.id);
	emit_text(e, "email", user->person.email);
	emit_text(e, "full_name", user->person.full_name);
	emit_bool(e, "is_admin", user->is_admin);
	emit_time(e, "created_at", user->created_at);
	emit_time(e, "disabled_at", user->disabled_at);
	emit_time(e, "erased_at", user->erased_at);
	emit_end(e);
}

static int
export_section(struct db *db, int64_t user_id, size_t i, struct emit *e)
{
	const struct column	*columns = sections[i].columns;
	struct db_stmt		*st = db_query(db, sections[i].sql, DB_INT(user_id));
	int			 rc;

	emit_array(e, sections[i].name);
	while ((rc = db_step(st)) == 1) {
		emit_object(e, NULL);
		for (int c = 0; columns[c].kind != KIND_END; c++)
			export_value(e, st, c, &columns[c]);
		emit_end(e);
	}
	db_done(st);
	emit_end(e);
	return (rc);
}

static void
export_value(struct emit *e, struct db_stmt *st, int i, const struct column *column)
{
	switch (column->kind) {
	case KIND_INT:
		emit_int(e, column->name, db_int(st, i));
		break;
	case KIND_TIME:
		emit_time(e, column->name, db_int(st, i));
		break;
	case KIND_TEXT:
	case KIND_END:
		emit_text(e, column->name, db_text(st, i));
		break;
	}
}

/* What the user did, and what was done to the user; by whom else is told by id alone. */
static int
export_audit(struct db *db, struct arena *arena, int64_t user_id, struct emit *e)
{
	const struct audit_filter	 filter = { .user_id = user_id, .until_us = INT64_MAX };
	struct audit_row		*rows;
	int64_t				 after = 0;
	size_t				 n;

	emit_array(e, "audit");
	do {
		if (store_audit_after(db, arena, &filter, after, PAGE, &rows, &n) == -1)
			return (-1);
		for (size_t i = 0; i < n; i++) {
			/* from where somebody else did it is not the user's, nor what the operator is called */
			if (rows[i].actor_id != user_id && rows[i].actor_id != 0)
				rows[i].origin = NULL;
			else if (rows[i].actor_id == 0 && strncmp(rows[i].origin, UNIOCTL ":", sizeof(UNIOCTL)) == 0)
				rows[i].origin = UNIOCTL;
			store_audit_emit(e, &rows[i]);
			after = rows[i].id;
		}
	} while (n == PAGE);
	emit_end(e);
	return (0);
}
