/*
 * say.h: every frame that the server writes, each in one place.
 *
 * Each returns a message with one reference, the caller's.  What a client sent is
 * put in as the slice that came, never printed again.
 */
#ifndef UNIO_SAY_H
#define UNIO_SAY_H

#include "closing.h"
#include "event.h"
#include "frame.h"
#include "message.h"

struct hub;
struct job_access;
struct session;

/* user_joined, or user_left: devices is how many sessions the user now has in the room. */
struct message	*say_presence(struct hub *hub, const struct session *session, bool joined, size_t devices);
/* call_joined, or call_left */
struct message	*say_call(struct hub *hub, const struct session *session, bool joined);
/* The picture, and the room as it is now, for a session that is already in it; token "": it cannot be resumed. */
struct message	*say_welcome(struct hub *hub, const struct session *session, const struct job_access *access,
    const char *resume_token);
struct message	*say_event(struct hub *hub, const struct event *event);
/* The operator's word to a room. */
struct message	*say_notice(struct hub *hub, const char *text);

/* webrtc_offer, webrtc_answer, ice_candidate, message or state, after the frame's type. */
struct message	*say_relay(struct hub *hub, const struct session *from, const struct frame *frame);
struct message	*say_pong(struct hub *hub, struct slice id);
struct message	*say_ack(struct hub *hub, struct slice id);

struct message	*say_error(struct hub *hub, const struct frame *frame, const struct frame_fault *fault);
/* The error frame before a close; who is told to come back waits so much longer than usual. */
struct message	*say_closing(struct hub *hub, const struct closing *closing, int64_t wait_ms);
/* Neither is counted. */
struct message	*say_resumed(struct hub *hub, uint64_t replayed, uint64_t received);
struct message	*say_resume_failed(struct hub *hub, const char *reason);

#endif
