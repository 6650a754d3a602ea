/* STUN and TURN servers for the caller's browser. */
#include "handle.h"

void
handle_ice_list(struct context *c, struct reply *r)
{
	struct emit e = reply_ok(r, 200);

	emit_object(&e, NULL);
	turn_emit(&e, "iceServers", c->turn, c->caller.person.id, c->now_us);
	emit_int(&e, "ttl", c->conf->turn_ttl / US_PER_S);
	emit_time(&e, "expires_at", turn_expiry_us(c->turn, c->now_us));
	emit_end(&e);
}
