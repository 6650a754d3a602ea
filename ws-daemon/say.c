#include <string.h>

#include "clock.h"
#include "conn.h"
#include "emit.h"
#include "hub.h"
#include "room.h"
#include "say.h"
#include "str.h"

static struct emit	 begin(struct hub *, const char *);
static struct message	*finish(struct hub *, struct emit *);
static struct message	*gather(struct hub *, const char *, struct slice, const struct session *, bool);
static void		 emit_session(struct emit *, const struct session *);
static void		 emit_client_id(struct emit *, const struct session *);
static void		 emit_sentence(struct emit *, const struct session *, const char *);
static void		 emit_peers(struct emit *, const struct session *);
static void		 emit_call(struct emit *, const struct job_access *);
static struct slice	 buf_slice(const struct buf *);

struct message *
say_presence(struct hub *hub, const struct session *session, bool joined, size_t devices)
{
	struct emit e = begin(hub, joined ? "user_joined" : "user_left");

	emit_session(&e, session);
	emit_client_id(&e, session);
	emit_sentence(&e, session, joined ? "joined the meeting" : "left the meeting");
	emit_int(&e, "devices", (int64_t)devices);
	return finish(hub, &e);
}

struct message *
say_call(struct hub *hub, const struct session *session, bool joined)
{
	struct emit e = begin(hub, joined ? "call_joined" : "call_left");

	emit_session(&e, session);
	emit_sentence(&e, session, joined ? "joined the call" : "left the call");
	return finish(hub, &e);
}

struct message *
say_welcome(struct hub *hub, const struct session *session, const struct job_access *access, const char *resume_token)
{
	struct emit e = begin(hub, "welcome");

	emit_text(&e, "session_id", session->id);
	emit_object(&e, "self");
	emit_int(&e, "user_id", session->user_id);
	emit_text(&e, "role", access_role_name(session->role));
	emit_end(&e);
	emit_object(&e, "meeting");
	emit_int(&e, "id", access->meeting_id);
	emit_text(&e, "title", access->access.title);
	emit_text(&e, "status", store_meeting_status_name(access->access.status));
	emit_text(&e, "ice_policy", access->access.ice_policy);
	emit_end(&e);
	emit_call(&e, access);
	emit_peers(&e, session);
	turn_emit(&e, "iceServers", hub->turn, session->user_id, hub->wall_us);
	emit_int(&e, "joined_seq", (int64_t)session->joined_seq);
	emit_int(&e, "event_id", access->event_id);
	emit_text(&e, "epoch", hub->epoch);
	if (access->truncated)
		emit_bool(&e, "events_truncated", true);
	if (session->v1) {
		emit_text(&e, "resume_token", resume_token);
		emit_int(&e, "resume_ttl", hub->conf->resume_ttl / US_PER_S);
		emit_int(&e, "seq", (int64_t)session->resume.sent + 1);
	}
	return finish(hub, &e);
}

struct message *
say_event(struct hub *hub, const struct event *event)
{
	struct slice text;

	buf_clear(&hub->scratch);
	event_frame(event, &hub->scratch);
	text = buf_slice(&hub->scratch);
	return message_text(&hub->pool, &text, 1);
}

struct message *
say_notice(struct hub *hub, const char *text)
{
	struct emit e = begin(hub, "notice");

	emit_text(&e, "message", text);
	emit_time(&e, "timestamp", hub->wall_us);
	return finish(hub, &e);
}

struct message *
say_relay(struct hub *hub, const struct session *from, const struct frame *frame)
{
	struct emit	e;
	struct slice	value = frame->value;

	switch (frame->type) {
	case FRAME_OFFER:
		return gather(hub, "{\"type\":\"webrtc_offer\",\"offer\":", value, from, true);
	case FRAME_ANSWER:
		return gather(hub, "{\"type\":\"webrtc_answer\",\"answer\":", value, from, true);
	case FRAME_CANDIDATE:
		return gather(hub, "{\"type\":\"ice_candidate\",\"candidate\":", value, from, false);
	case FRAME_STATE:
		e = begin(hub, "state");
		emit_raw(&e, "state", value);
		emit_int(&e, "user_id", from->user_id);
		emit_text(&e, "session_id", from->id);
		return finish(hub, &e);
	default:
		e = begin(hub, "message");
		emit_raw(&e, "data", value);
		emit_int(&e, "from_user", from->user_id);
		emit_text(&e, "from_session", from->id);
		emit_text(&e, "full_name", from->full_name);
		emit_time(&e, "timestamp", hub->wall_us);
		return finish(hub, &e);
	}
}

struct message *
say_pong(struct hub *hub, struct slice id)
{
	struct emit e = begin(hub, "pong");

	emit_time(&e, "timestamp", hub->wall_us);
	if (id.n > 0)
		emit_raw(&e, "id", id);
	return finish(hub, &e);
}

struct message *
say_ack(struct hub *hub, struct slice id)
{
	struct emit e = begin(hub, "ack");

	emit_raw(&e, "id", id);
	return finish(hub, &e);
}

/* The field's name goes in as it came, escapes and all: it stood in a JSON text already. */
struct message *
say_error(struct hub *hub, const struct frame *frame, const struct frame_fault *fault)
{
	static const char *const sentence[] = {
		[FRAME_INVALID_JSON]	 = "the frame is not a JSON object, or too deep",
		[FRAME_UNKNOWN_TYPE]	 = "there is no such type",
		[FRAME_MISSING_FIELD]	 = " is required",
		[FRAME_INVALID_FIELD]	 = " is given twice, or not of the right kind",
		[FRAME_TOO_LARGE]	 = " is too large",
		[FRAME_TARGET_NOT_FOUND] = "the target is not in this meeting",
		[FRAME_RATE_LIMITED]	 = "too many messages: some were dropped",
	};
	struct emit	 e = begin(hub, "error");
	struct buf	*out = &hub->scratch;
	bool		 field = fault->field.n > 0 && fault->field.n <= LIMIT_FRAME_ID;

	emit_text(&e, "code", frame_code_name(fault->code));
	buf_adds(out, ",\"message\":\"");
	if (field)
		buf_add(out, fault->field.p, fault->field.n);
	else if (sentence[fault->code][0] == ' ')
		buf_adds(out, "a field");
	buf_adds(out, sentence[fault->code]);
	buf_addc(out, '"');
	if (field) {
		buf_adds(out, ",\"field\":\"");
		buf_add(out, fault->field.p, fault->field.n);
		buf_addc(out, '"');
	}
	if (frame != NULL && frame->name.n > 0)
		emit_raw(&e, "request_type", frame->name);
	if (frame != NULL && frame->id.n > 0)
		emit_raw(&e, "id", frame->id);
	return finish(hub, &e);
}

struct message *
say_closing(struct hub *hub, const struct closing *closing, int64_t wait_ms)
{
	struct emit e = begin(hub, "error");

	emit_text(&e, "code", closing->code);
	emit_text(&e, "message", closing->message);
	emit_int(&e, "close", closing->close);
	emit_text(&e, "action", closing->action);
	if (closing->retry_after_ms > 0)
		emit_int(&e, "retry_after_ms",
		    closing->retry_after_ms + wait_ms);
	return finish(hub, &e);
}

struct message *
say_resumed(struct hub *hub, uint64_t replayed, uint64_t received)
{
	struct emit	 e = begin(hub, "resumed");
	struct message	*message;

	emit_int(&e, "replayed", (int64_t)replayed);
	emit_int(&e, "received", (int64_t)received);
	message = finish(hub, &e);
	message->control = true;
	return message;
}

struct message *
say_resume_failed(struct hub *hub, const char *reason)
{
	struct emit	 e = begin(hub, "resume_failed");
	struct message	*message;

	emit_text(&e, "reason", reason);
	message = finish(hub, &e);
	message->control = true;
	return message;
}

static struct emit
begin(struct hub *hub, const char *type)
{
	struct emit e;

	buf_clear(&hub->scratch);
	e = emit_into(&hub->scratch);
	emit_object(&e, NULL);
	emit_text(&e, "type", type);
	return e;
}

static struct message *
finish(struct hub *hub, struct emit *e)
{
	struct slice text;

	emit_end(e);
	text = buf_slice(&hub->scratch);
	return message_text(&hub->pool, &text, 1);
}

/* The hot path: one allocation from the pool, one copy. */
static struct message *
gather(struct hub *hub, const char *head, struct slice value, const struct session *from, bool email)
{
	struct slice parts[] = {
		{ head, strlen(head) },
		value,
		{ from->from, from->from_user + (email ? from->from_email : 0) },
		{ from->from + from->from_user + from->from_email, from->from_session },
	};

	return message_text(&hub->pool, parts, COUNTOF(parts));
}

static void
emit_session(struct emit *e, const struct session *session)
{
	emit_int(e, "user_id", session->user_id);
	emit_text(e, "email", session->email);
	emit_text(e, "full_name", session->full_name);
	emit_text(e, "session_id", session->id);
}

static void
emit_client_id(struct emit *e, const struct session *session)
{
	emit_text(e, "client_id", session->client_id[0] != '\0' ? session->client_id : NULL);
}

static void
emit_sentence(struct emit *e, const struct session *session, const char *what)
{
	struct buf text = { .data = NULL };

	buf_addf(&text, "%s %s", session->full_name, what);
	emit_text(e, "message", text.data);
	buf_free(&text);
}

static void
emit_peers(struct emit *e, const struct session *session)
{
	const struct session *peer;

	emit_array(e, "peers");
	for (peer = session->room->first; peer != NULL; peer = peer->next) {
		if (peer == session)
			continue;
		emit_object(e, NULL);
		emit_session(e, peer);
		emit_client_id(e, peer);
		emit_int(e, "joined_seq", (int64_t)peer->joined_seq);
		emit_bool(e, "in_call", peer->in_call);
		emit_raw(e, "state", peer->state.len > 0 ? buf_slice(&peer->state) : str_slice("{}"));
		emit_end(e);
	}
	emit_end(e);
}

static void
emit_call(struct emit *e, const struct job_access *access)
{
	if (access->call_id == 0) {
		emit_null(e, "call");
		return;
	}
	emit_object(e, "call");
	emit_int(e, "id", access->call_id);
	emit_time(e, "started_at", access->call_started_us);
	emit_end(e);
}

static struct slice
buf_slice(const struct buf *buf)
{
	return (struct slice){ .p = buf->data, .n = buf->len };
}
