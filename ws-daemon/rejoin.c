#include <string.h>

#include "claim.h"
#include "closing.h"
#include "depart.h"
#include "detach.h"
#include "hub.h"
#include "join.h"
#include "log.h"
#include "rejoin.h"
#include "say.h"
#include "str.h"

static void		 answer(struct hub *, struct conn *, struct claim *, int);
static const char	*take_back(struct hub *, struct conn *, struct session *);
static void		 attach(struct hub *, struct conn *, struct session *);
static void		 leave_behind(struct hub *, struct session *);
static void		 fail(struct hub *, struct conn *, const char *);

static const char expired[] = "expired";
static const char gap[] = "gap";
static const char revoked[] = "revoked";

void
rejoin_begin(struct hub *hub, struct conn *conn)
{
	struct claim	*claim = claim_find(hub, conn->hello->resume_token, conn->hello->meeting_id);
	struct job	*job;

	if (claim == NULL || claim->session == NULL) {
		fail(hub, conn, claim != NULL ? claim->end->reason : expired);
		return;
	}
	job = job_new(JOB_RESUME);
	job->resume.conn_id = conn->id;
	job->resume.meeting_id = claim->meeting_id;
	job->resume.user_id = claim->session->user_id;
	job->resume.login_id = claim->session->login_id;
	memcpy(job->resume.digest, claim->digest, sizeof(job->resume.digest));
	claim->session->returning++;
	conn_check(conn);
	job_push(&hub->jobs, job);
}

void
rejoin_answer(struct hub *hub, const struct job_resume *resume)
{
	struct claim	*claim = claim_find_digest(hub, resume->digest);
	struct session	*session = claim != NULL ? claim->session : NULL;
	struct conn	*conn;

	if (session != NULL)
		session->returning--;
	HASH_FIND(hh, hub->conns, &resume->conn_id, sizeof(resume->conn_id), conn);
	if (conn != NULL && conn->state == CONN_CHECKING)
		answer(hub, conn, claim, resume->refusal);
	/* it may have ended with the answer */
	claim = claim_find_digest(hub, resume->digest);
	if (claim != NULL && claim->session != NULL)
		detach_review(claim->session);
}

/* Who may not enter any more has no session either; who cannot be judged may ask again. */
static void
answer(struct hub *hub, struct conn *conn, struct claim *claim, int refusal)
{
	const char *failure;

	if (refusal == CLOSING_UNAVAILABLE) {
		conn_close(conn, refusal);
		return;
	}
	if (claim == NULL || claim->session == NULL) {
		failure = claim != NULL ? claim->end->reason : expired;
	} else if (refusal != 0) {
		depart_later(claim->session, refusal == CLOSING_FORBIDDEN || refusal == CLOSING_BANNED ? refusal :
		    CLOSING_REVOKED);
		failure = revoked;
	} else {
		failure = take_back(hub, conn, claim->session);
	}
	if (failure != NULL)
		fail(hub, conn, failure);
}

/*
 * NULL: the connection has its session.  A client that misses what is no longer kept
 * will join afresh: its old session would only stand in the way.  A number that was never
 * sent, or is none, changes nothing.
 */
static const char *
take_back(struct hub *hub, struct conn *conn, struct session *session)
{
	enum resume_verdict verdict = RESUME_AHEAD;

	if (conn->hello->seq >= 0)
		verdict = resume_return(&session->resume, (uint64_t)conn->hello->seq);
	switch (verdict) {
	case RESUME_OK:
		attach(hub, conn, session);
		return NULL;
	case RESUME_GAP:
		leave_behind(hub, session);
		depart_now(hub, session, CLOSING_SLOW);
		return gap;
	case RESUME_AHEAD:
		break;
	}
	return gap;
}

static void
attach(struct hub *hub, struct conn *conn, struct session *session)
{
	const struct resume	*resume = &session->resume;
	uint64_t		 seq = (uint64_t)conn->hello->seq, missed = resume->sent - seq;
	struct message		*message;

	leave_behind(hub, session);
	detach_end(session);
	conn_joined(conn, session);
	conn_pause(conn, false);
	message = say_resumed(hub, missed, session->taken);
	conn_push(conn, message);
	message_unref(&hub->pool, &message);
	while (seq < resume->sent)	/* past the queue's bound: they have one of their own */
		outq_push(&conn->out, resume_frame(resume, ++seq));
	conn_watch(conn);
	tally_resume(&hub->tally, NULL);
	log_info("resume", LOG_INT("conn", (int64_t)conn->id), LOG_TEXT("session", session->id),
	    LOG_INT("user", session->user_id), LOG_INT("meeting", session->room->meeting_id),
	    LOG_INT("replayed", (int64_t)missed));
}

/* The old connection still looks alive: it loses the session, and is told so before anything else. */
static void
leave_behind(struct hub *hub, struct session *session)
{
	struct conn *old = session->conn;

	if (old == NULL)
		return;
	outq_clear(&old->out, &hub->pool);
	conn_close(old, CLOSING_ELSEWHERE);
	old->session = NULL;
	session->conn = NULL;
}

static void
fail(struct hub *hub, struct conn *conn, const char *reason)
{
	struct message *message = say_resume_failed(hub, reason);

	tally_resume(&hub->tally, reason);
	log_info("resume_failed", LOG_INT("conn", (int64_t)conn->id), LOG_TEXT("reason", reason));
	conn_push(conn, message);
	message_unref(&hub->pool, &message);
	conn_pause(conn, false);
	conn->waiting_us = hub->now_us;
	conn->hello->resume = false;
	conn->hello->resumed = true;
	join_begin(hub, conn);
}
