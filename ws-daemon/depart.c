#include "attend.h"
#include "claim.h"
#include "depart.h"
#include "detach.h"
#include "hub.h"
#include "log.h"
#include "say.h"

static void	gone(struct hub *, struct conn *);
static void	tell_left(struct room *, struct message *, size_t);

void
depart_now(struct hub *hub, struct session *session, int close)
{
	struct room	*room = session->room;
	struct message	*message;
	int64_t		 user_id = session->user_id;
	size_t		 devices = room_devices(room, user_id) - 1;
	bool		 last = room->count == 1;

	if (session->conn != NULL)
		session->conn->session = NULL;
	session->conn = NULL;
	detach_end(session);
	claim_end(hub, session, close);
	session->ended = true;
	metric_add(&hub->tally.left, 1);
	(void)attend_leave(hub, session);
	log_info("leave", LOG_TEXT("session", session->id), LOG_INT("user", user_id),
	    LOG_INT("meeting", room->meeting_id), LOG_TEXT("reason", closing_find(close)->code));
	message = say_presence(hub, session, false, devices);
	room_remove(hub, session);
	if (!last)
		tell_left(room, message, devices);
	message_unref(&hub->pool, &message);
}

void
depart_later(struct session *session, int close)
{
	struct hub *hub = session->hub;

	if (session->conn != NULL) {
		conn_close(session->conn, close);
		return;
	}
	if (session->ended)
		return;
	session->ended = true;
	session->end_close = close;
	session->next_ending = hub->ending;
	hub->ending = session;
}

/* A departure tells the room, which may find another session that cannot keep up. */
void
depart_settle(struct hub *hub)
{
	struct conn	*conn;
	struct session	*session;

	for (;;) {
		if ((conn = hub->leaving) != NULL) {
			hub->leaving = conn->next_leaving;
			conn->leaving = false;
			if (conn->session != NULL)
				gone(hub, conn);
		} else if ((session = hub->ending) != NULL) {
			hub->ending = session->next_ending;
			depart_now(hub, session, session->end_close);
		} else {
			return;
		}
	}
}

static void
gone(struct hub *hub, struct conn *conn)
{
	if (conn->close == CLOSING_LOST)
		detach_session(hub, conn->session);
	else
		depart_now(hub, conn->session, conn->close);
}

/* Who knows users only is told when the user's last session has gone. */
static void
tell_left(struct room *room, struct message *message, size_t devices)
{
	struct session *session;

	for (session = room->first; session != NULL; session = session->next) {
		if (session->v1 || devices == 0)
			session_send(session, message);
	}
}
