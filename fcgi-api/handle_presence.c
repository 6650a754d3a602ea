/* Who is in a meeting's room at this moment: the daemon knows, and nobody else. */
#include "permit.h"
#include "signaling.h"

void
handle_presence_get(struct context *c, struct reply *r)
{
	struct buf sessions = { 0 };
	struct access access;
	struct emit e;

	if (!permit_meeting(c, r, c->id[0], PERMIT_READ, "meeting", &access))
		return;
	if (signaling_presence(c->conf, c->signaling, c->id[0], &sessions)) {
		e = reply_ok(r, 200);
		emit_object(&e, NULL);
		emit_raw(&e, "sessions", (struct slice){ .p = sessions.data, .n = sessions.len });
		emit_end(&e);
	} else
		reply_unavailable(r, "signaling_unavailable", "the signaling daemon does not answer at the moment");
	buf_free(&sessions);
}
