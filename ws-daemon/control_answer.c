#include <string.h>
#include <unistd.h>

#include "control.h"
#include "emit.h"
#include "join.h"
#include "log.h"
#include "operator.h"
#include "scan.h"
#include "str.h"

#define COMMAND_MAX	32	/* bytes of a command's name */

/* One command and what is answered. */
struct exchange {
	const struct control_host	*host;
	struct scan_object		 object;
	struct emit			 e;
	char				 error[512];
};

static bool	answer(struct exchange *);
static bool	answer_ready(struct exchange *);
static bool	answer_presence(struct exchange *);
static bool	answer_entry(struct exchange *);
static bool	answer_rooms(struct exchange *);
static bool	answer_sessions(struct exchange *);
static bool	answer_kick(struct exchange *);
static bool	answer_message(struct exchange *);
static bool	answer_stats(struct exchange *);
static bool	answer_metrics(struct exchange *);
static bool	answer_seen(struct exchange *);
static bool	answer_drain(struct exchange *);
static bool	answer_reload(struct exchange *);
static void	emit_present(struct emit *, const struct session *);
static bool	take_meeting(struct exchange *, int64_t *);
static bool	take_id(const struct scan_object *, const char *, int64_t *);
static bool	take_text(const struct scan_object *, const char *, char *, size_t);

/* false: an argument is missing or wrong, or what `error` says. */
static const struct {
	const char	*name;
	bool		(*answer)(struct exchange *);
} command[] = {
	{ "ready",	answer_ready },
	{ "presence",	answer_presence },
	{ "entry",	answer_entry },
	{ "rooms",	answer_rooms },
	{ "sessions",	answer_sessions },
	{ "kick",	answer_kick },
	{ "message",	answer_message },
	{ "stats",	answer_stats },
	{ "metrics",	answer_metrics },
	{ "seen",	answer_seen },
	{ "drain",	answer_drain },
	{ "reload",	answer_reload },
};

void
control_answer(const struct control_host *host, const char *line, size_t n, struct buf *out)
{
	struct exchange	x = { .host = host, .e = emit_into(out), .error = "no such command, or a wrong argument" };
	size_t		start = out->len;

	emit_object(&x.e, NULL);
	emit_bool(&x.e, "ok", true);
	if (scan_object(line, n, SCAN_TEXT, &x.object) == SCAN_OK && answer(&x)) {
		emit_end(&x.e);
		return;
	}
	out->len = start;
	x.e = emit_into(out);
	emit_object(&x.e, NULL);
	emit_bool(&x.e, "ok", false);
	emit_text(&x.e, "error", x.error);
	emit_end(&x.e);
}

static bool
answer(struct exchange *x)
{
	char	name[COMMAND_MAX];
	size_t	i;

	if (!take_text(&x->object, "cmd", name, sizeof(name)))
		return false;
	for (i = 0; i < COUNTOF(command); i++) {
		if (strcmp(name, command[i].name) == 0)
			return command[i].answer(x);
	}
	return false;
}

static bool
answer_ready(struct exchange *x)
{
	const struct hub	*hub = x->host->hub;
	struct emit		*e = &x->e;

	if (hub->draining)
		return false;
	emit_int(e, "sessions", (int64_t)hub->sessions);
	emit_int(e, "rooms", (int64_t)HASH_COUNT(hub->rooms));
	emit_int(e, "event_id", hub->event_id);
	return true;
}

static bool
answer_presence(struct exchange *x)
{
	struct emit		*e = &x->e;
	const struct room	*room;
	const struct session	*session;
	int64_t			 meeting_id;

	if (!take_meeting(x, &meeting_id))
		return false;
	room = room_find(x->host->hub, meeting_id);
	emit_array(e, "sessions");
	for (session = room != NULL ? room->first : NULL; session != NULL; session = session->next)
		emit_present(e, session);
	emit_end(e);
	return true;
}

static void
emit_present(struct emit *e, const struct session *session)
{
	emit_object(e, NULL);
	emit_text(e, "session_id", session->id);
	emit_int(e, "user_id", session->user_id);
	emit_text(e, "email", session->email);
	emit_text(e, "full_name", session->full_name);
	emit_bool(e, "in_call", session->in_call);
	emit_raw(e, "state", session->state.len > 0 ?
	    (struct slice){ .p = session->state.data, .n = session->state.len } : str_slice("{}"));
	emit_time(e, "joined_at", session->joined_us);
	emit_text(e, "client_id", session->client_id[0] != '\0' ? session->client_id : NULL);
	emit_bool(e, "connected", session->conn != NULL);
	emit_end(e);
}

/* The limits as a handshake would meet them now: nothing, or the refusal. */
static bool
answer_entry(struct exchange *x)
{
	const struct hub		*hub = x->host->hub;
	const struct scan_object	*object = &x->object;
	struct emit			*e = &x->e;
	const struct closing		*closing;
	char				 address[LIMIT_ADDRESS];
	int64_t				 meeting_id, user_id;
	int				 refusal;

	if (!take_meeting(x, &meeting_id) || !take_id(object, "user_id", &user_id) ||
	    !take_text(object, "address", address, sizeof(address)))
		return false;
	if (limit_peek(&hub->addresses, address, hub->now_us) != LIMIT_ALLOWED) {
		emit_text(e, "code", "rate_limited");
		emit_text(e, "message", "too many connections from this address");
	} else if ((refusal = join_refusal(hub, meeting_id, user_id)) != 0) {
		closing = closing_find(refusal);
		emit_text(e, "code", closing->code);
		emit_text(e, "message", closing->message);
	}
	return true;
}

/* One of ours: of another daemon's an empty room would be no answer. */
static bool
take_meeting(struct exchange *x, int64_t *id_r)
{
	if (!take_id(&x->object, "meeting_id", id_r))
		return false;
	if (shard_owns(&x->host->hub->shard, *id_r))
		return true;
	str_copy(x->error, sizeof(x->error), "another daemon serves that meeting");
	return false;
}

static bool
take_id(const struct scan_object *object, const char *key, int64_t *id_r)
{
	const struct scan_member *member = scan_find(object, key);

	return member != NULL && member->type == SCAN_NUMBER && scan_int(member->value, 1, INT64_MAX, id_r);
}

static bool
take_text(const struct scan_object *object, const char *key, char *dst, size_t size)
{
	const struct scan_member	*member = scan_find(object, key);
	size_t				 n;

	return member != NULL && member->type == SCAN_STRING && scan_string(member->value, dst, size, &n);
}

static bool
answer_rooms(struct exchange *x)
{
	struct emit		*e = &x->e;
	const struct room	*room;

	emit_array(e, "rooms");
	for (room = x->host->hub->rooms; room != NULL; room = room->hh.next) {
		emit_object(e, NULL);
		emit_int(e, "meeting_id", room->meeting_id);
		emit_int(e, "sessions", (int64_t)room->count);
		emit_int(e, "in_call", (int64_t)room->in_call);
		emit_end(e);
	}
	emit_end(e);
	return true;
}

/* For the operator: without what the clients say about themselves, with where they are. */
static bool
answer_sessions(struct exchange *x)
{
	struct emit		*e = &x->e;
	const struct room	*room;
	const struct session	*session;
	int64_t			 meeting_id;

	if (!take_meeting(x, &meeting_id))
		return false;
	room = room_find(x->host->hub, meeting_id);
	emit_array(e, "sessions");
	for (session = room != NULL ? room->first : NULL; session != NULL; session = session->next) {
		emit_object(e, NULL);
		emit_text(e, "session_id", session->id);
		emit_int(e, "user_id", session->user_id);
		emit_text(e, "email", session->email);
		emit_text(e, "full_name", session->full_name);
		emit_bool(e, "in_call", session->in_call);
		emit_bool(e, "connected", session->conn != NULL);
		emit_time(e, "joined_at", session->joined_us);
		emit_text(e, "address", session->conn != NULL ? session->conn->address : NULL);
		emit_end(e);
	}
	emit_end(e);
	return true;
}

static bool
answer_kick(struct exchange *x)
{
	char	who[LIMIT_EMAIL + 1];
	int64_t	meeting_id;
	size_t	n;

	if (!take_meeting(x, &meeting_id) || !take_text(&x->object, "who", who, sizeof(who)))
		return false;
	n = operator_kick(x->host->hub, meeting_id, who);
	log_info("kick", LOG_INT("meeting", meeting_id), LOG_INT("sessions", (int64_t)n));
	emit_int(&x->e, "sessions", (int64_t)n);
	return true;
}

static bool
answer_message(struct exchange *x)
{
	char	text[BOUND_CONTROL_COMMAND];
	int64_t	meeting_id;

	if (!take_meeting(x, &meeting_id) || !take_text(&x->object, "message", text, sizeof(text)))
		return false;
	emit_int(&x->e, "sessions", (int64_t)operator_message(x->host->hub, meeting_id, text));
	return true;
}

static bool
answer_stats(struct exchange *x)
{
	const struct hub	*hub = x->host->hub;
	struct emit		*e = &x->e;

	emit_text(e, "version", UNIO_VERSION);
	emit_int(e, "pid", getpid());
	emit_time(e, "started_at", hub->started_us);
	emit_time(e, "now", hub->wall_us);
	emit_bool(e, "draining", hub->draining);
	emit_int(e, "rooms", (int64_t)HASH_COUNT(hub->rooms));
	emit_int(e, "sessions", (int64_t)hub->sessions);
	emit_int(e, "detached", (int64_t)hub->detached);
	emit_int(e, "in_call", (int64_t)hub->in_call);
	emit_int(e, "calls", (int64_t)HASH_COUNT(hub->calls));
	emit_int(e, "connections", (int64_t)HASH_COUNT(hub->conns));
	emit_int(e, "max_connections", hub->conf->max_connections);
	emit_int(e, "event_id", hub->event_id);
	emit_int(e, "wakes", hub->wakes);
	emit_int(e, "misdirected", hub->misdirected);
	return true;
}

/* What signald_metrics tells, for who has no such address. */
static bool
answer_metrics(struct exchange *x)
{
	struct buf text = { .data = NULL };

	tally_write(x->host->hub, &text);
	emit_text(&x->e, "text", text.data);
	buf_free(&text);
	return true;
}

/* The address that a connection, known by its client_id, is counted under: for who wonders what a proxy makes of it. */
static bool
answer_seen(struct exchange *x)
{
	const struct conn	*conn;
	char			 id[LIMIT_CLIENT_ID + 1];

	if (!take_text(&x->object, "client_id", id, sizeof(id)) || id[0] == '\0')
		return false;
	for (conn = x->host->hub->conns; conn != NULL; conn = conn->hh.next) {
		if (strcmp(conn_client_id(conn), id) == 0) {
			emit_text(&x->e, "address", conn->address);
			return true;
		}
	}
	return true;
}

/* Twice is once: who asks again learns how many are left. */
static bool
answer_drain(struct exchange *x)
{
	const struct hub *hub = x->host->hub;

	emit_int(&x->e, "sessions", (int64_t)hub->sessions);
	emit_int(&x->e, "drain_timeout", hub->conf->drain_timeout / US_PER_S);
	x->host->drain(x->host->arg);
	return true;
}

static bool
answer_reload(struct exchange *x)
{
	return x->host->reload(x->host->arg, x->error, sizeof(x->error));
}
