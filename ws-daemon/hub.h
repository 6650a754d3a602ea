/*
 * hub.h: the core: all connections, rooms and calls of one daemon, and what they
 * want from the outside.
 *
 * Pure: it knows no socket, no library handle, no thread, and no clock but the one
 * that hub_tick() is told.  The edge calls in; the core never calls out.  What the
 * core wants done lies in two places that the edge empties every turn: the dirty
 * list (connections with something to write, to pause or to end) and the queue of
 * jobs for the database threads.
 *
 * Every function below leaves the hub settled: who had to go has gone, and the rooms
 * have been told.  Nothing else frees a session, so none disappears in a fan-out.
 */
#ifndef UNIO_HUB_H
#define UNIO_HUB_H

#include "buf.h"
#include "calls.h"
#include "conf.h"
#include "conn.h"
#include "ebb.h"
#include "job.h"
#include "limit.h"
#include "message.h"
#include "outq.h"
#include "people.h"
#include "room.h"
#include "shard.h"
#include "tally.h"
#include "turn.h"
#include "wheel.h"

struct hub {
	const struct conf	*conf;
	const struct turn	*turn;		/* NULL: no ICE servers */
	struct shard		 shard;		/* whose meetings are served here */
	int64_t			 now_us;	/* monotonic */
	int64_t			 wall_us;
	int64_t			 started_us;	/* wall */
	struct conn		*conns;		/* by id */
	struct room		*rooms;		/* by meeting */
	struct calls_entry	*calls;		/* by meeting */
	struct people		 people;	/* sessions by user */
	struct claim		*claims;	/* by digest of the resume token */
	size_t			 claims_ended;
	struct limit_table	 addresses;
	struct message_pool	 pool;
	struct outq_bound	 out_bound;
	struct wheel		 wheel;
	struct buf		 scratch;	/* a frame in the making */
	struct message		*ping;
	char			*epoch;
	int64_t			 event_id;	/* all events up to this one are dealt with */
	uint64_t		 next_conn_id;
	uint64_t		 joined_seq;
	size_t			 sessions;
	size_t			 detached;	/* of them, without a connection */
	size_t			 in_call;	/* and in their room's call */
	int64_t			 misdirected;	/* connections for other daemons' meetings */
	int64_t			 wakes;		/* wake-ups received, for who asks whether any arrive */
	struct tally		 tally;
	int64_t			 swept_us;
	struct ebb		 ebb;
	bool			 draining;
	int64_t			 shed_us;
	struct session		*lost_first, *lost_last;	/* detached, by the time of their loss */
	struct conn		*leaving;
	struct session		*ending;
	/* for the edge */
	struct conn		*dirty;
	struct job_queue	 jobs;
};

struct hub	*hub_new(const struct conf *conf, int64_t now_us, int64_t wall_us);
/* Another configuration from now on; the bounds of output queues stay. */
void		 hub_configure(struct hub *hub, const struct conf *conf);
void		 hub_free(struct hub **hub);
/* Where the database stands: the first event to come is the one after event_id. */
void		 hub_start(struct hub *hub, const char *epoch, int64_t event_id);

/* The time, before anything else of a turn; fires what is due. */
void		 hub_clock(struct hub *hub, int64_t now_us, int64_t wall_us);
void		 hub_tick(struct hub *hub);

/* A connection whose upgrade is done; the hello's credential now belongs to the hub. */
struct conn	*hub_open(struct hub *hub, struct hello *hello, const char *address, void *edge);
/* A whole text frame. */
void		 hub_input(struct hub *hub, struct conn *conn, const char *p, size_t n);
/* Any byte has come from it. */
void		 hub_alive(struct hub *hub, struct conn *conn);
/* A pong, which is a sign of life as well. */
void		 hub_pong(struct hub *hub, struct conn *conn, const void *payload, size_t n);
/* Its client said goodbye, or broke the protocol: the session leaves at once, the socket follows. */
void		 hub_leave(struct hub *hub, struct conn *conn, int close);
/* Its socket is gone: frees it.  Its session may stay, detached. */
void		 hub_lost(struct hub *hub, struct conn **conn);
/* An answer of a database thread; frees the job. */
void		 hub_answer(struct hub *hub, struct job *job);
/*
 * Tells everyone that the server ends (CLOSING_RESTARTING: and is back at once; CLOSING_DRAINING:
 * and is in no hurry), and when to come back: room by room.  Nothing new is let in.
 */
void		 hub_drain(struct hub *hub, int close);

/* The next connection that the edge must look at, and write all that waits for it; or NULL. */
struct conn	*hub_next_dirty(struct hub *hub);
/* The next job to be carried to a thread, or NULL. */
struct job	*hub_next_job(struct hub *hub);

#endif
