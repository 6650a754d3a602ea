#include <stdlib.h>

#include "admit.h"
#include "bounds.h"
#include "claim.h"
#include "deliver.h"
#include "depart.h"
#include "detach.h"
#include "handle.h"
#include "hub.h"
#include "join.h"
#include "log.h"
#include "mem.h"
#include "rejoin.h"
#include "str.h"

static void	drain_room(const struct room *, int, int64_t, int64_t);
static void	end_sessions(struct hub *);
static void	first_frame(struct hub *, struct conn *, const char *, size_t);

struct hub *
hub_new(const struct conf *conf, int64_t now_us, int64_t wall_us)
{
	struct hub *hub = mem_calloc(1, sizeof(*hub));

	hub->now_us = now_us;
	hub->wall_us = hub->started_us = wall_us;
	hub->swept_us = now_us;
	hub_configure(hub, conf);
	hub->out_bound.bytes = (size_t)conf->outbound_queue_bytes;
	hub->out_bound.frames = (size_t)conf->outbound_queue_frames;
	wheel_init(&hub->wheel, hub, now_us);
	hub->ping = message_ping(&hub->pool, NULL, 0);
	hub->epoch = mem_strdup("");
	return hub;
}

void
hub_configure(struct hub *hub, const struct conf *conf)
{
	hub->conf = conf;
	hub->addresses.rate = conf->connection_rate;
	hub->addresses.open = conf->max_connections_per_address;
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
	hub->draining = true;
	HASH_ITER(hh, hub->conns, conn, next)
		hub_lost(hub, &conn);
	end_sessions(hub);
	claim_free_all(hub);
	calls_free(hub);
	people_free(&hub->people);
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
	if (ebb_due(&hub->ebb, hub->sessions + HASH_COUNT(hub->conns), hub->now_us))
		ebb_trim(&hub->pool);
	depart_settle(hub);
	detach_relieve(hub);
}

struct conn *
hub_open(struct hub *hub, struct hello *hello, const char *address, void *edge)
{
	struct conn *conn = conn_new(hub, edge);

	str_copy(conn->address, sizeof(conn->address), address);
	conn->hello = hello_copy(hello);
	conn->v1 = hello->v1;
	hello->credential = NULL;
	limit_opened(&hub->addresses, address);
	metric_add(&hub->tally.opened, 1);
	log_info("open", LOG_INT("conn", (int64_t)conn->id), LOG_ADDRESS(address),
	    LOG_INT("meeting", hello->meeting_id));
	join_begin(hub, conn);
	depart_settle(hub);
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
		conn->session->taken++;
		handle_frame(hub, conn->session, p, n);
		break;
	case CONN_CHECKING:
	case CONN_CLOSING:
		break;		/* the edge does not read these */
	}
	depart_settle(hub);
}

/* An auth frame, or a resume, which may be followed by one if it fails. */
static void
first_frame(struct hub *hub, struct conn *conn, const char *p, size_t n)
{
	if (hello_frame(conn->hello, p, n))
		join_begin(hub, conn);
	else
		conn_close(conn, CLOSING_UNAUTHORIZED);
}

void
hub_alive(struct hub *hub, struct conn *conn)
{
	conn->seen_us = hub->now_us;
	conn->probed = false;
}

void
hub_pong(struct hub *hub, struct conn *conn, const void *payload, size_t n)
{
	hub_alive(hub, conn);
	if (conn->session != NULL)
		session_answered(conn->session, payload, n);
}

void
hub_leave(struct hub *hub, struct conn *conn, int close)
{
	outq_clear(&conn->out, &hub->pool);
	/* 1006 is never sent: a client that does so is not lost */
	conn_close(conn, close == CLOSING_LOST ? CLOSING_CLIENT : close);
	depart_settle(hub);
}

void
hub_lost(struct hub *hub, struct conn **conn)
{
	conn_close(*conn, CLOSING_LOST);
	depart_settle(hub);
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
	case JOB_ADMIT:
		admit_answer(hub, &job->admit);
		break;
	case JOB_TICKET:
		join_ticket(hub, &job->ticket);
		break;
	case JOB_RESUME:
		rejoin_answer(hub, &job->resume);
		break;
	case JOB_EVENTS:
		if (job->result == JOB_DONE)
			deliver_events(hub, job->events.page.first);
		break;
	case JOB_CALL_END:
		calls_tried(hub, job->call_end.meeting_id, job->call_end.call_id);
		break;
	default:
		break;
	}
	depart_settle(hub);
	job_free(&job);
}

/*
 * All are told first: nobody then hears of the others' leaving.  Those of a room come back together; the rooms one
 * after the other, as fast as they can be welcomed or, when there is time, over all of drain_timeout.
 */
void
hub_drain(struct hub *hub, int close)
{
	struct conn		*conn, *next;
	const struct room	*room;
	int64_t			 step_us = BOUND_RETURN_US, window_us = MAX(hub->conf->drain_timeout, US_PER_S);
	int64_t			 told = 0;

	hub->draining = true;
	if (close == CLOSING_DRAINING && hub->sessions > 0)
		step_us = window_us / (int64_t)hub->sessions;
	for (room = hub->rooms; room != NULL; room = room->hh.next) {
		drain_room(room, close, told * step_us, window_us);
		told += (int64_t)room->count;
	}
	HASH_ITER(hh, hub->conns, conn, next)
		conn_close(conn, close);
	end_sessions(hub);
	depart_settle(hub);
}

static void
drain_room(const struct room *room, int close, int64_t wait_us, int64_t window_us)
{
	const struct session *session;

	for (session = room->first; session != NULL; session = session->next) {
		if (session->conn == NULL)
			continue;
		conn_close_later(session->conn, close, wait_us % window_us / US_PER_MS);
		wait_us += BOUND_RETURN_US;
	}
}

struct conn *
hub_next_dirty(struct hub *hub)
{
	struct conn *conn = hub->dirty;

	if (conn == NULL)
		return NULL;
	/* while it is still on the list, and in the same write as what it asks about */
	if (conn->out.count > 0 && conn->session != NULL && resume_ask_due(&conn->session->resume, hub->pool.bytes))
		session_ask(conn->session);
	hub->dirty = conn->next_dirty;
	conn->dirty = false;
	if (hub->dirty != NULL)
		conn_ahead(hub->dirty);
	return conn;
}

struct job *
hub_next_job(struct hub *hub)
{
	return job_pop(&hub->jobs);
}

/* The detached ones, whom nobody can tell. */
static void
end_sessions(struct hub *hub)
{
	struct room	*room;
	struct session	*session;

	for (room = hub->rooms; room != NULL; room = room->hh.next) {
		for (session = room->first; session != NULL; session = session->next) {
			if (session->conn == NULL)
				depart_later(session, CLOSING_RESTARTING);
		}
	}
	depart_settle(hub);
}
