#include "closing.h"
#include "depart.h"
#include "detach.h"
#include "hub.h"
#include "log.h"

static void	expire(void *, void *);

void
detach_session(struct hub *hub, struct session *session)
{
	struct conn	*conn = session->conn;
	size_t		 unwritten = outq_frames(&conn->out);

	if (!session->v1 || hub->draining || hub->conf->resume_ttl == 0) {
		depart_now(hub, session, CLOSING_LOST);
		return;
	}
	if (!resume_lose(&session->resume, &hub->pool, unwritten, hub->now_us)) {
		depart_now(hub, session, CLOSING_SLOW);
		return;
	}
	outq_clear(&conn->out, &hub->pool);
	conn->session = NULL;
	session->conn = NULL;
	session->timer.fire = expire;
	session->timer.owner = session;
	wheel_set(&hub->wheel, &session->timer, hub->now_us + hub->conf->resume_ttl);
	log_info("detach", LOG_INT("conn", (int64_t)conn->id), LOG_TEXT("session", session->id),
	    LOG_INT("user", session->user_id), LOG_INT("meeting", session->room->meeting_id),
	    LOG_INT("unwritten", (int64_t)unwritten));
}

void
detach_end(struct session *session)
{
	wheel_cancel(&session->timer);
}

void
detach_review(struct session *session)
{
	struct hub *hub = session->hub;

	if (session->returning == 0 && resume_expired(&session->resume, hub->conf->resume_ttl, hub->now_us))
		expire(hub, session);
}

struct session *
detach_oldest(const struct room *room, int64_t user_id)
{
	struct session *session, *oldest = NULL;

	for (session = room->first; session != NULL; session = session->next) {
		if (session->user_id != user_id || session->conn != NULL)
			continue;
		if (oldest == NULL || session->resume.lost_us < oldest->resume.lost_us)
			oldest = session;
	}
	return oldest;
}

/* A client that came in time is not sent away because the database takes its time. */
static void
expire(void *context, void *owner)
{
	struct session *session = owner;

	(void)context;
	if (session->returning > 0)
		return;
	log_info("expire", LOG_TEXT("session", session->id), LOG_INT("user", session->user_id),
	    LOG_INT("meeting", session->room->meeting_id), LOG_INT("kept", (int64_t)session->resume.kept.count));
	depart_later(session, CLOSING_LOST);
}
