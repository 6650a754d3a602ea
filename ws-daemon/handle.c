#include "attend.h"
#include "bounds.h"
#include "frame.h"
#include "handle.h"
#include "hub.h"
#include "log.h"
#include "relay.h"
#include "room.h"
#include "say.h"

static bool	within_rate(struct hub *, struct session *, size_t);
static void	answer_error(struct hub *, struct session *, const struct frame *, const struct frame_fault *);
static void	send_back(struct hub *, struct session *, struct message *);
static bool	do_relay(struct hub *, struct session *, const struct frame *);
static bool	do_join_call(struct hub *, struct session *, const struct frame *);
static bool	do_leave_call(struct hub *, struct session *, const struct frame *);
static void	weigh(const struct hub *, struct session *);
static bool	do_state(struct hub *, struct session *, const struct frame *);
static bool	do_ping(struct hub *, struct session *, const struct frame *);

/* false: its target is not there.  A frame that is its own answer gets no ack. */
static const struct {
	bool	(*act)(struct hub *, struct session *, const struct frame *);
	bool	 answers;
} action[FRAME_TYPES] = {
	[FRAME_OFFER]	   = { do_relay, false },
	[FRAME_ANSWER]	   = { do_relay, false },
	[FRAME_CANDIDATE]  = { do_relay, false },
	[FRAME_MESSAGE]	   = { do_relay, false },
	[FRAME_JOIN_CALL]  = { do_join_call, false },
	[FRAME_LEAVE_CALL] = { do_leave_call, false },
	[FRAME_STATE]	   = { do_state, false },
	[FRAME_PING]	   = { do_ping, true },
};

void
handle_frame(struct hub *hub, struct session *session, const char *p, size_t n)
{
	struct frame		frame;
	struct frame_fault	fault;
	enum frame_code		code;

	if (!within_rate(hub, session, n)) {
		metric_add(&hub->tally.dropped, 1);
		return;
	}
	code = frame_parse(p, n, &frame, &fault);
	metric_add(&hub->tally.received[frame.type], 1);
	metric_add(&hub->tally.received_bytes[frame.type], (int64_t)n);
	if (code != FRAME_OK) {
		answer_error(hub, session, &frame, &fault);
		return;
	}
	if (!action[frame.type].act(hub, session, &frame)) {
		fault.code = FRAME_TARGET_NOT_FOUND;
		answer_error(hub, session, &frame, &fault);
		return;
	}
	if (frame.id.n > 0 && !action[frame.type].answers)
		send_back(hub, session, say_ack(hub, frame.id));
}

/* Over the rate a frame is dropped unread; once a second that is said; too much of it ends the session. */
static bool
within_rate(struct hub *hub, struct session *session, size_t n)
{
	static const struct frame_fault fault = { .code = FRAME_RATE_LIMITED };
	const struct conf *conf = hub->conf;

	if (limit_take(&session->rate, conf->message_rate, conf->message_burst, hub->now_us) &&
	    limit_take_bytes(&session->byte_rate, n, conf->byte_rate, conf->byte_burst, hub->now_us))
		return true;
	if (session->dropped == 0 || hub->now_us - session->dropped_since_us > BOUND_DROPPED_US) {
		session->dropped_since_us = hub->now_us;
		session->dropped = 0;
	}
	if (++session->dropped >= BOUND_DROPPED) {
		conn_close(session->conn, CLOSING_RATE);
		return false;
	}
	if (session->rate_notice_us == 0 || hub->now_us - session->rate_notice_us >= BOUND_RATE_NOTICE_US) {
		session->rate_notice_us = hub->now_us;
		answer_error(hub, session, NULL, &fault);
	}
	return false;
}

static void
answer_error(struct hub *hub, struct session *session, const struct frame *frame, const struct frame_fault *fault)
{
	log_debug("frame_error", LOG_TEXT("session", session->id), LOG_TEXT("code", frame_code_name(fault->code)));
	metric_add(&hub->tally.errors[fault->code], 1);
	send_back(hub, session, say_error(hub, frame, fault));
}

static void
send_back(struct hub *hub, struct session *session, struct message *message)
{
	session_send(session, message);
	message_unref(&hub->pool, &message);
}

/* One message for all who get it: exactly one session, a user's, or everybody else's. */
static bool
do_relay(struct hub *hub, struct session *session, const struct frame *frame)
{
	struct room	*room = session->room;
	struct session	*target = NULL;
	struct message	*message;
	bool		 found = true;

	if (frame->target_session[0] != '\0') {
		target = room_session(room, frame->target_session);
		if (target == NULL || target == session)
			return false;
	}
	message = room->relay_only ? relay_filtered(hub, session, frame) : say_relay(hub, session, frame);
	if (message == NULL)
		return true;
	if (target != NULL)
		session_send(target, message);
	else if (frame->target_id != 0)
		found = room_send_to_user(room, message, session, frame->target_id) > 0;
	else
		room_send(room, message, session);
	message_unref(&hub->pool, &message);
	return found;
}

static bool
do_join_call(struct hub *hub, struct session *session, const struct frame *frame)
{
	(void)frame;
	if (attend_join(hub, session))
		weigh(hub, session);
	return true;
}

static bool
do_leave_call(struct hub *hub, struct session *session, const struct frame *frame)
{
	(void)frame;
	if (attend_leave(hub, session))
		weigh(hub, session);
	return true;
}

static void
weigh(const struct hub *hub, struct session *session)
{
	limit_charge(&session->rate, hub->conf->message_rate, BOUND_CALL_WEIGHT, hub->now_us);
}

static bool
do_state(struct hub *hub, struct session *session, const struct frame *frame)
{
	struct message *message = say_relay(hub, session, frame);

	buf_clear(&session->state);
	buf_add(&session->state, frame->value.p, frame->value.n);
	room_send(session->room, message, session);
	message_unref(&hub->pool, &message);
	return true;
}

static bool
do_ping(struct hub *hub, struct session *session, const struct frame *frame)
{
	send_back(hub, session, say_pong(hub, frame->id));
	return true;
}
