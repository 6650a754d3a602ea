/* Tickets: what opens a WebSocket, so that no token stands in an address. */
#include "origin.h"
#include "permit.h"
#include "store_ticket.h"

#define PURGE_ROWS	20	/* with every new one: more than it adds */

void
handle_ticket_create(struct context *c, struct reply *r)
{
	struct ticket ticket = {
		.user_id = c->caller.person.id,
		.login_id = c->caller.login_id,
		.meeting_id = c->id[0],
		.expires_at = c->now_us + c->conf->ticket_ttl,
	};
	const char *origin = origin_socket(c->conf, c->request, c->arena);
	char text[TICKET_SIZE];
	struct access access;
	struct emit e;

	if (!permit_meeting(c, r, ticket.meeting_id, PERMIT_ENTER, "meeting", &access))
		return;
	if (origin == NULL) {
		reply_error(r, 400, "bad_host", NULL, "the request does not say which host it is for");
		return;
	}
	if (store_ticket_purge(c->db, c->now_us, PURGE_ROWS) < 0 ||
	    store_ticket_issue(c->db, &ticket, text) != 0) {
		reply_database(r, c->db);
		return;
	}
	e = reply_ok(r, 201);
	emit_object(&e, NULL);
	emit_text(&e, "ticket", text);
	emit_int(&e, "expires_in", c->conf->ticket_ttl / US_PER_S);
	emit_text(&e, "ws_url", arena_printf(c->arena, "%s%s/ws/meeting/%lld/", origin, c->conf->base_path,
	    (long long)ticket.meeting_id));
	emit_end(&e);
}
