#include <stdlib.h>

#include "attend.h"
#include "bounds.h"
#include "deliver.h"
#include "handle.h"
#include "hub.h"
#include "join.h"
#include "log.h"
#include "mem.h"
#include "say.h"
#include "str.h"

static void	settle(struct hub *);
static void	depart(struct hub *, struct conn *);
static void	tell_left(struct room *, struct message *, size_t);
static void	first_frame(struct hub *, struct conn *, const char *, size_t);

struct hub *
hub_new(const struct conf *conf, int64_t now_us, int64_t wall_us)
{
	struct hub *hub = mem_calloc(1, sizeof(*hub));

	hub->conf = conf;
	hub->now_us = now_us;
	hub->wall_us = wall_us;
	hub->swept_us = now_us;
	hub->addresses.rate = conf->connection_rate;
	hub->addresses.open = conf->max_connections_per_address;
	hub->out_bound.bytes = (size_t)conf->outbound_queue_bytes;
	hub->out_bound.frames = (size_t)conf->outbound_queue_frames;
	wheel_init(&hub->wheel, hub, now_us);
	hub->ping = message_ping(&hub->pool);
	hub->epoch = mem_strdup("");
	return hub;
}

/* The edge has taken its connections away before; here only the rest is freed. */
void
hub_free(struct hub **hubp)
{
	struct hub	*hub = *hubp;
	struct conn	*conn, *next;
	struct job	*job;

	*hubp = NULL;
	if (hub == NULL)
		return;
	HASH_ITER(hh, hub->conns, conn, next)
		hub_lost(hub, &conn);
	calls_free(hub);
	while ((job = job_pop(&hub->jobs)) != NULL)
		job_free(&job);
	limit_table_free(&hub->addresses);
	message_unref(&hub->pool, &hub->ping);
	message_pool_free(&hub->pool);
	buf_free(&hub->scratch);
	free(hub->epoch);
	free(hub);
}

void
hub_start(struct hub *hub, const char *epoch, int64_t event_id)
{
	free(hub->epoch);
	hub->epoch = mem_strdup(epoch);
	hub->event_id = event_id;
}

void
hub_clock(struct hub *hub, int64_t now_us, int64_t wall_us)
{
	hub->now_us = now_us;
	hub->wall_us = wall_us;
}

void
hub_tick(struct hub *hub)
{
	wheel_advance(&hub->wheel, hub->now_us);
	if (hub->now_us - hub->swept_us >= BOUND_SWEEP_US) {
		hub->swept_us = hub->now_us;
		limit_sweep(&hub->addresses, hub->now_us);
	}
	settle(hub);
}

struct conn *
hub_open(struct hub *hub, struct hello *hello, const char *address, void *edge)
{
	struct conn *conn = conn_new(hub, edge);

	str_copy(conn->address, sizeof(conn->address), address);
	conn->hello = *hello;
	conn->v1 = hello->v1;
	hello->credential = NULL;
	limit_opened(&hub->addresses, address);
	log_info("open", LOG_INT("conn", (int64_t)conn->id), LOG_TEXT("address", address),
	    LOG_INT("meeting", hello->meeting_id));
	join_begin(hub, conn);
	settle(hub);
	return conn;
}

void
hub_input(struct hub *hub, struct conn *conn, const char *p, size_t n)
{
	conn->seen_us = hub->now_us;
	switch (conn->state) {
	case CONN_WAITING:
		first_frame(hub, conn, p, n);
		break;
	case CONN_JOINED:
		handle_frame(hub, conn->session, p, n);
		break;
	case CONN_CHECKING:
	case CONN_CLOSING:
		break;		/* the edge does not read these */
	}
	settle(hub);
}

/* An auth frame, or a resume that fails and may be followed by one. */
static void
first_frame(struct hub *hub, struct conn *conn, const char *p, size_t n)
{
	switch (hello_frame(&conn->hello, p, n)) {
	case HELLO_AUTH:
		join_begin(hub, conn);
		return;
	case HELLO_RESUME:
		join_resume_failed(hub, conn);
		return;
	case HELLO_WRONG:
		conn_close(conn, CLOSING_UNAUTHORIZED);
		return;
	}
}

void
hub_alive(struct hub *hub, struct conn *conn)
{
	conn->seen_us = hub->now_us;
	conn->probed = false;
}

void
hub_leave(struct hub *hub, struct conn *conn, int close)
{
	outq_clear(&conn->out, &hub->pool);
	conn_close(conn, close);
	settle(hub);
}

void
hub_lost(struct hub *hub, struct conn **conn)
{
	conn_close(*conn, CLOSING_LOST);
	settle(hub);
	limit_closed(&hub->addresses, (*conn)->address);
	conn_free(conn);
}

void
hub_answer(struct hub *hub, struct job *job)
{
	switch (job->type) {
	case JOB_ACCESS:
		join_answer(hub, &job->access);
		break;
	case JOB_EVENTS:
		if (job->result == JOB_DONE)
			deliver_events(hub, job->events.events);
		break;
	case JOB_CALL_END:
		calls_tried(hub, job->call_end.meeting_id, job->call_end.call_id);
		break;
	default:
		break;
	}
	settle(hub);
	job_free(&job);
}

/* All are told first: nobody then hears of the others' leaving. */
void
hub_drain(struct hub *hub)
{
	struct conn *conn, *next;

	hub->draining = true;
	HASH_ITER(hh, hub->conns, conn, next)
		conn_close(conn, CLOSING_RESTARTING);
	settle(hub);
}

struct conn *
hub_next_dirty(struct hub *hub)
{
	struct conn *conn = hub->dirty;

	if (conn != NULL) {
		hub->dirty = conn->next_dirty;
		conn->dirty = false;
	}
	return conn;
}

struct job *
hub_next_job(struct hub *hub)
{
	return job_pop(&hub->jobs);
}

/* A departure tells the room, which may find another connection too slow: until nobody is left to go. */
static void
settle(struct hub *hub)
{
	struct conn *conn;

	while ((conn = hub->leaving) != NULL) {
		hub->leaving = conn->next_leaving;
		conn->leaving = false;
		if (conn->session != NULL)
			depart(hub, conn);
	}
}

static void
depart(struct hub *hub, struct conn *conn)
{
	struct session	*session = conn->session;
	struct room	*room = session->room;
	struct message	*message;
	int64_t		 user_id = session->user_id;
	size_t		 devices = room_devices(room, user_id) - 1;
	bool		 last = room->count == 1;

	conn->session = NULL;
	session->conn = NULL;
	(void)attend_leave(hub, session);
	log_info("leave", LOG_TEXT("session", session->id), LOG_INT("user", user_id),
	    LOG_INT("meeting", room->meeting_id));
	message = say_presence(hub, session, false, devices);
	room_remove(hub, session);
	if (!last)
		tell_left(room, message, devices);
	message_unref(&hub->pool, &message);
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
