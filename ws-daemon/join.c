#include <string.h>

#include "admit.h"
#include "claim.h"
#include "closing.h"
#include "conf.h"
#include "depart.h"
#include "detach.h"
#include "hub.h"
#include "join.h"
#include "log.h"
#include "password.h"
#include "rejoin.h"
#include "room.h"
#include "say.h"

static void	misdirected(struct hub *, struct conn *);
static void	ask_ticket(struct hub *, struct conn *);
static void	make_room(struct hub *, int64_t, int64_t);
static void	enter(struct hub *, struct conn *, const struct job_access *);
static void	greet(struct hub *, struct session *, const struct job_access *);
static void	welcome(struct hub *, struct session *, const struct job_access *);

void
join_begin(struct hub *hub, struct conn *conn)
{
	struct hello *hello = conn->hello;

	if (hub->draining)
		conn_close(conn, CLOSING_RESTARTING);
	else if (hello->meeting_id != 0 && !shard_owns(&hub->shard, hello->meeting_id))
		misdirected(hub, conn);
	else if (hello->resume && conn->v1)
		rejoin_begin(hub, conn);
	else if (hello->credential == NULL && conn->v1)
		conn->state = CONN_WAITING;
	else if (hello->credential == NULL)
		conn_close(conn, CLOSING_UNAUTHORIZED);
	else if (hello->ticket)
		ask_ticket(hub, conn);
	else
		join_as(hub, conn, 0, 0);
	conn_watch(conn);
}

/* The room would be in two halves: better none.  Once it is said who should know, and not for every client. */
static void
misdirected(struct hub *hub, struct conn *conn)
{
	int64_t meeting_id = conn->hello->meeting_id;

	if (hub->misdirected++ % BOUND_MISDIRECTED == 0)
		log_warn("misdirected", LOG_INT("meeting", meeting_id), LOG_INT("daemon", hub->shard.own),
		    LOG_INT("wanted", shard_of(meeting_id, hub->shard.daemons)),
		    LOG_TEXT("remedy", "the web server's rules must fit the key daemons: unioctl front"));
	conn_close(conn, CLOSING_MISDIRECTED);
}

static void
ask_ticket(struct hub *hub, struct conn *conn)
{
	struct job *job = job_new(JOB_TICKET);

	job->ticket.conn_id = conn->id;
	job->ticket.meeting_id = conn->hello->meeting_id;
	job->ticket.text = conn->hello->credential;
	conn->hello->credential = NULL;
	conn_check(conn);
	job_push(&hub->jobs, job);
}

/* Whose the ticket was is known by now: the rest is as with a token, within the time that began then. */
void
join_ticket(struct hub *hub, const struct job_ticket *ticket)
{
	struct conn *conn;

	HASH_FIND(hh, hub->conns, &ticket->conn_id, sizeof(ticket->conn_id), conn);
	if (conn == NULL || conn->state != CONN_CHECKING)
		return;
	if (ticket->refusal != 0)
		conn_close(conn, ticket->refusal);
	else
		join_as(hub, conn, ticket->user_id, ticket->login_id);
}

/* A token that has not been shown yet says who it is. */
void
join_as(struct hub *hub, struct conn *conn, int64_t user_id, int64_t login_id)
{
	struct hello	*hello = conn->hello;
	struct job	*job = job_new(JOB_ACCESS);

	job->access.conn_id = conn->id;
	job->access.meeting_id = hello->meeting_id;
	job->access.last_event_id = hello->last_event_id;
	job->access.epoch = arena_strdup(job->arena, hello->epoch);
	if (hello->credential == NULL) {
		job->access.user_id = user_id;
		job->access.login_id = login_id;
	} else {
		job->access.token = hello->credential;
		hello->credential = NULL;
		conn_check(conn);
	}
	job_push(&hub->jobs, job);
}

void
join_answer(struct hub *hub, const struct job_access *access)
{
	struct conn	*conn;
	int		 refusal = access->refusal;

	HASH_FIND(hh, hub->conns, &access->conn_id, sizeof(access->conn_id), conn);
	if (conn == NULL || conn->state != CONN_CHECKING)
		return;
	if (refusal == 0 && access->stranger != NULL) {
		admit_ask(hub, conn, access->stranger);
		return;
	}
	if (refusal == 0)
		refusal = join_refusal(hub, access->meeting_id, access->access.person.id);
	if (refusal != 0) {
		conn_close(conn, refusal);
		return;
	}
	make_room(hub, access->meeting_id, access->access.person.id);
	conn_pause(conn, false);
	enter(hub, conn, access);
	conn_watch(conn);
}

int
join_refusal(const struct hub *hub, int64_t meeting_id, int64_t user_id)
{
	const struct room *room = room_find(hub, meeting_id);

	if (room == NULL)
		return 0;
	if (room_devices(room, user_id) >= (size_t)hub->conf->max_sessions_per_user)
		return detach_oldest(room, user_id) != NULL ? 0 : CLOSING_SESSIONS;
	if (room->count >= (size_t)hub->conf->max_sessions_per_room)
		return CLOSING_ROOM_FULL;
	return 0;
}

/* The detached session that was lost first goes, where its user has too many. */
static void
make_room(struct hub *hub, int64_t meeting_id, int64_t user_id)
{
	const struct room *room = room_find(hub, meeting_id);

	if (room != NULL && room_devices(room, user_id) >= (size_t)hub->conf->max_sessions_per_user)
		depart_now(hub, detach_oldest(room, user_id), CLOSING_SESSIONS);
}

/*
 * The picture may be newer than the events that have been delivered: its call is
 * taken over at once, and the session is spared the events that the picture holds.
 */
static void
enter(struct hub *hub, struct conn *conn, const struct job_access *access)
{
	struct session *session = session_new(hub, access, conn->hello->client_id);

	conn_joined(conn, session);
	session->v1 = conn->v1;
	session->joined_seq = ++hub->joined_seq;
	metric_add(&hub->tally.joined, 1);
	session->joined_us = hub->wall_us;
	room_add(hub, access->meeting_id, session);
	calls_returned(hub, access->meeting_id);
	session->room->relay_only = strcmp(access->access.ice_policy, "relay") == 0;
	if (access->call_id != 0)
		calls_started(hub, access->meeting_id, access->call_id, access->call_started_us);
	log_info("join", LOG_INT("conn", (int64_t)conn->id), LOG_TEXT("session", session->id),
	    LOG_INT("user", session->user_id), LOG_INT("meeting", access->meeting_id),
	    LOG_TEXT("role", access_role_name(session->role)), LOG_INT("sessions", (int64_t)session->room->count));
	greet(hub, session, access);
}

static void
greet(struct hub *hub, struct session *session, const struct job_access *access)
{
	const struct event	*event;
	struct message		*message;

	message = say_presence(hub, session, true, room_devices(session->room, session->user_id));
	room_send(session->room, message, NULL);
	message_unref(&hub->pool, &message);
	welcome(hub, session, access);
	for (event = access->missed; event != NULL; event = event->next) {
		message = say_event(hub, event);
		session_send(session, message);
		message_unref(&hub->pool, &message);
	}
}

/* Counted, but not kept: who can come back has it. */
static void
welcome(struct hub *hub, struct session *session, const struct job_access *access)
{
	char		 token[BOUND_RESUME_TOKEN + 1] = "";
	struct message	*message;

	if (session->v1)
		claim_new(hub, session, token);
	message = say_welcome(hub, session, access, token);
	password_wipe(token, sizeof(token));
	resume_welcome(&session->resume, &hub->pool);
	conn_push(session->conn, message);
	message_unref(&hub->pool, &message);
}
