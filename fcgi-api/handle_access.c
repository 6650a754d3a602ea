/* The checks of the WebSocket's handshake as a reply, because browsers hide why an upgrade failed. */
#include "permit.h"
#include "signaling.h"

/* While the daemon is down only its limits cannot be asked for; the reply says so. */
void
handle_access_get(struct context *c, struct reply *r)
{
	struct signaling_refusal refusal;
	enum signaling_entry entry;
	struct access access;
	struct emit e;

	if (!permit_meeting(c, r, c->id[0], PERMIT_ENTER, "meeting", &access))
		return;
	entry = signaling_may_enter(c->conf, c->signaling, c->id[0], c->caller.person.id, c->request->address,
	    &refusal);
	if (entry == SIGNALING_REFUSED) {
		/* it is counted by its code later on, when the refusal is gone */
		reply_error(r, 429, arena_strdup(r->arena, refusal.code), NULL, "%s", refusal.message);
		return;
	}
	e = reply_ok(r, 200);
	emit_object(&e, NULL);
	emit_int(&e, "meeting_id", access.meeting_id);
	emit_text(&e, "role", access_role_name(access.role));
	emit_text(&e, "signaling", entry == SIGNALING_OPEN ? "ok" : "unavailable");
	emit_end(&e);
}
