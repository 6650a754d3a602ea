/* Is it alive, and is it of use? */
#include "event.h"
#include "handle.h"
#include "signaling.h"

static void	emit_daemons(struct emit *e, const bool *up, int64_t daemons);
static bool	database_answers(const struct context *c);

void
handle_health(struct context *c, struct reply *r)
{
	struct emit e = reply_ok(r, 200);

	emit_object(&e, NULL);
	emit_text(&e, "status", "healthy");
	emit_text(&e, "message", "Realtime API is running");
	emit_time(&e, "timestamp", c->now_us);
	emit_end(&e);
}

void
handle_health_ready(struct context *c, struct reply *r)
{
	bool database = database_answers(c);
	bool up[SHARD_MAX], signaling = true, ready;
	int64_t daemons = MAX(c->conf->daemons, 1);
	struct emit e;

	for (int i = 0; i < daemons; i++) {
		up[i] = signaling_daemon_ready(c->conf, c->signaling, i + 1);
		signaling = signaling && up[i];
	}
	ready = database && signaling;
	e = reply_ok(r, ready ? 200 : 503);
	r->retry_after_s = ready ? 0 : 1;
	emit_object(&e, NULL);
	emit_text(&e, "status", ready ? "ready" : "unavailable");
	emit_object(&e, "checks");
	emit_text(&e, "database", database ? "ok" : "unavailable");
	emit_text(&e, "signaling", signaling ? "ok" : "unavailable");
	if (daemons > 1)
		emit_daemons(&e, up, daemons);
	emit_end(&e);
	emit_end(&e);
}

/* In their order: which of several it is that does not answer. */
static void
emit_daemons(struct emit *e, const bool *up, int64_t daemons)
{
	emit_array(e, "daemons");
	for (int i = 0; i < daemons; i++)
		emit_text(e, NULL, up[i] ? "ok" : "unavailable");
	emit_end(e);
}

/* A read of the file itself: that the connection is open says little. */
static bool
database_answers(const struct context *c)
{
	int64_t lowest, highest;
	bool ok;

	if (c->db == NULL || db_begin(c->db, false) != 0)
		return false;
	ok = event_bounds(c->db, &lowest, &highest) == 0;
	db_rollback(c->db);
	return ok;
}
