#include <stdlib.h>
#include <string.h>

#include "closing.h"
#include "depart.h"
#include "emit.h"
#include "hub.h"
#include "str.h"

static size_t	render_from(const struct job_access *, const char *, struct buf *, size_t[2]);
static const char *put(char **, const char *);

/* One piece of memory for all that does not change. */
struct session *
session_new(struct hub *hub, const struct job_access *access, const char *client_id)
{
	const char	*email = access->access.person.email, *full_name = access->access.person.full_name;
	char		 id[SESSION_ID + 1], *text;
	struct buf	 from = { .data = NULL };
	size_t		 part[2], n;
	struct session	*session;

	str_random(id, SESSION_ID);
	n = render_from(access, id, &from, part);
	session = mem_calloc(1, sizeof(*session) + strlen(email) + strlen(full_name) + strlen(client_id) + n + 4);
	text = session->text;
	session->hub = hub;
	str_copy(session->id, sizeof(session->id), id);
	session->role = access->access.role;
	session->user_id = access->access.person.id;
	session->login_id = access->login_id;
	session->seen_event = access->highest_id;
	session->from = put(&text, from.data);
	session->from_user = (uint16_t)part[0];
	session->from_email = (uint16_t)part[1];
	session->from_session = (uint16_t)(n - part[0] - part[1]);
	session->email = put(&text, email);
	session->full_name = put(&text, full_name);
	session->client_id = put(&text, client_id);
	buf_free(&from);
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
	buf_free(&session->state);
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

void
session_ask(struct session *session)
{
	struct message_pool	*pool = &session->hub->pool;
	uint64_t		 number = resume_ask(&session->resume);
	struct message		*ping = message_ping(pool, &number, sizeof(number));

	conn_push(session->conn, ping);
	message_unref(pool, &ping);
}

void
session_answered(struct session *session, const void *payload, size_t n)
{
	uint64_t number;

	if (n != sizeof(number))
		return;
	memcpy(&number, payload, sizeof(number));
	resume_answered(&session->resume, &session->hub->pool, number, outq_frames(&session->conn->out));
}

/* The end of every frame that is passed on from this session: its length, and that of its first two members. */
static size_t
render_from(const struct job_access *access, const char *id, struct buf *out, size_t part_r[2])
{
	struct emit e = emit_into(out);

	emit_object(&e, NULL);
	emit_int(&e, "from_user", access->access.person.id);
	part_r[0] = out->len;
	emit_text(&e, "from_email", access->access.person.email);
	part_r[1] = out->len - part_r[0];
	emit_text(&e, "from_session", id);
	emit_end(&e);
	out->data[0] = ',';
	return out->len;
}

/* A copy at *at, which moves on. */
static const char *
put(char **at, const char *s)
{
	size_t	 n = strlen(s) + 1;
	char	*copy = memcpy(*at, s, n);

	*at += n;
	return copy;
}
