/* The caller's login sessions. */
#include "session.h"
#include "store_login.h"

static void	emit_session(struct emit *e, const struct login *login, bool current);

void
handle_session_list(struct context *c, struct reply *r)
{
	struct login *logins;
	struct emit e;
	size_t n;

	if (store_login_list(c->db, c->arena, c->caller.person.id, c->now_us, LIMIT_PAGE_MAX, &logins, &n) != 0) {
		reply_database(r, c->db);
		return;
	}
	e = reply_ok(r, 200);
	emit_object(&e, NULL);
	emit_array(&e, "results");
	for (size_t i = 0; i < n; i++)
		emit_session(&e, &logins[i], logins[i].id == c->caller.login_id);
	emit_end(&e);
	emit_end(&e);
}

static void
emit_session(struct emit *e, const struct login *login, bool current)
{
	emit_object(e, NULL);
	emit_int(e, "id", login->id);
	emit_time(e, "created_at", login->created_at);
	emit_time(e, "last_used_at", login->last_used_at);
	emit_text(e, "address", login->address);
	emit_text(e, "user_agent", login->user_agent);
	emit_bool(e, "current", current);
	emit_end(e);
}

void
handle_session_delete(struct context *c, struct reply *r)
{
	int revoked = session_revoke(c, r, c->caller.person.id, c->id[0], AUDIT_SESSION_REVOKE);

	if (revoked < 0)
		reply_database(r, c->db);
	else if (revoked == 0)
		reply_not_found(r, "login session");
	else
		reply_no_content(r);
}
