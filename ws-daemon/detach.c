#include <stdlib.h>

#include "bounds.h"
#include "closing.h"
#include "depart.h"
#include "detach.h"
#include "hub.h"
#include "log.h"
#include "mem.h"

/* What a session has while it is detached. */
struct detach {
	struct wheel_timer	 timer;
	struct session		*earlier, *later;	/* in the hub's list */
};

static void	list(struct hub *, struct session *);
static size_t	shed(struct hub *);
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
	list(hub, session);
	session->detach->timer.fire = expire;
	session->detach->timer.owner = session;
	wheel_set(&hub->wheel, &session->detach->timer, hub->now_us + hub->conf->resume_ttl);
	log_info("detach", LOG_INT("conn", (int64_t)conn->id), LOG_TEXT("session", session->id),
	    LOG_INT("user", session->user_id), LOG_INT("meeting", session->room->meeting_id),
	    LOG_INT("unwritten", (int64_t)unwritten));
}

void
detach_end(struct session *session)
{
	struct hub	*hub = session->hub;
	struct detach	*detach = session->detach;

	if (detach == NULL)
		return;
	wheel_cancel(&detach->timer);
	*(detach->earlier != NULL ? &detach->earlier->detach->later : &hub->lost_first) = detach->later;
	*(detach->later != NULL ? &detach->later->detach->earlier : &hub->lost_last) = detach->earlier;
	hub->detached--;
	session->detach = NULL;
	free(detach);
}

void
detach_review(struct session *session)
{
	struct hub *hub = session->hub;

	if (session->returning == 0 && resume_expired(&session->resume, hub->conf->resume_ttl, hub->now_us))
		expire(hub, session);
}

/* Each that ends may tell the others so, and free only what nobody else keeps: one after the other. */
void
detach_relieve(struct hub *hub)
{
	const size_t	bound = (size_t)hub->conf->resume_memory;
	size_t		ended = 0, shed_from = 0;

	while (hub->pool.bytes > bound && hub->lost_first != NULL) {
		depart_now(hub, hub->lost_first, CLOSING_SLOW);
		depart_settle(hub);
		ended++;
	}
	if (hub->pool.bytes > bound && hub->now_us - hub->shed_us >= BOUND_SHED_US) {
		hub->shed_us = hub->now_us;
		shed_from = shed(hub);
	}
	if (ended + shed_from > 0)
		log_warn("resume_memory", LOG_INT("ended", (int64_t)ended), LOG_INT("shed", (int64_t)shed_from),
		    LOG_INT("bytes", (int64_t)hub->pool.bytes));
}

/* How many had something to give up. */
static size_t
shed(struct hub *hub)
{
	struct room	*room;
	struct session	*session;
	size_t		 n = 0;

	for (room = hub->rooms; room != NULL; room = room->hh.next) {
		for (session = room->first; session != NULL; session = session->next) {
			n += session->resume.kept.count > 0;
			resume_shed(&session->resume, &hub->pool);
		}
	}
	return n;
}

static void
list(struct hub *hub, struct session *session)
{
	session->detach = mem_calloc(1, sizeof(*session->detach));
	session->detach->earlier = hub->lost_last;
	*(hub->lost_last != NULL ? &hub->lost_last->detach->later : &hub->lost_first) = session;
	hub->lost_last = session;
	hub->detached++;
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
