#include <stdlib.h>

#include "closing.h"
#include "depart.h"
#include "emit.h"
#include "hub.h"
#include "str.h"

static void	render_from(struct session *, struct buf *, bool);

struct session *
session_new(struct hub *hub, const struct job_access *access, const char *client_id)
{
	struct session *session = mem_calloc(1, sizeof(*session));

	session->hub = hub;
	str_random(session->id, SESSION_ID);
	session->role = access->access.role;
	session->user_id = access->access.person.id;
	session->login_id = access->login_id;
	session->email = mem_strdup(access->access.person.email);
	session->full_name = mem_strdup(access->access.person.full_name);
	session->seen_event = access->highest_id;
	str_copy(session->client_id, sizeof(session->client_id), client_id);
	render_from(session, &session->from, false);
	render_from(session, &session->from_email, true);
	return session;
}

void
session_free(struct session **sessionp)
{
	struct session *session = *sessionp;

	*sessionp = NULL;
	if (session == NULL)
		return;
	resume_free(&session->resume, &session->hub->pool);
	free(session->email);
	free(session->full_name);
	buf_free(&session->state);
	buf_free(&session->from);
	buf_free(&session->from_email);
	free(session);
}

void
session_send(struct session *session, struct message *message)
{
	static const struct outq_bound	 bound = { .bytes = RESUME_BYTES, .frames = RESUME_FRAMES };
	struct hub			*hub = session->hub;

	if (session->v1 && !resume_push(&session->resume, &hub->pool, message, &bound))
		depart_later(session, CLOSING_SLOW);
	if (session->conn != NULL)
		conn_push(session->conn, message);
}

/* The end of every frame that is passed on from this session, written once. */
static void
render_from(struct session *session, struct buf *out, bool email)
{
	struct emit e = emit_into(out);

	emit_object(&e, NULL);
	emit_int(&e, "from_user", session->user_id);
	if (email)
		emit_text(&e, "from_email", session->email);
	emit_text(&e, "from_session", session->id);
	emit_end(&e);
	out->data[0] = ',';
}
