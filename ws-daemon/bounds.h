/*
 * bounds.h: the daemon's fixed sizes and times, each with its reason.
 * What an administrator may want to change is a configuration key (conf.h).
 */
#ifndef UNIO_BOUNDS_H
#define UNIO_BOUNDS_H

#include "base.h"

/* A connection's output is gathered into one write of at most this: a socket buffer's worth. */
#define BOUND_GATHER		(64 * 1024)
/* Writes to one connection in one turn of the loop, so that a fast reader starves nobody. */
#define BOUND_WRITES_A_TURN	8

/* What is read from a connection at a time; several SDP.  It is one buffer for all of them (wsmem.h). */
#define BOUND_RECEIVE		(16 * 1024)
/* Bytes of new messages, each once, after which they are written before more is read: a part of a core's own cache. */
#define BOUND_MADE		(256 * 1024)
/* All request headers together: a token of LIMIT_TOKEN twice over, as the front servers allow. */
#define BOUND_HEADERS		16384
/* Upgrade requests that are read at the same time; each holds BOUND_HEADERS. */
#define BOUND_HEADER_POOL	1024

/* How long a connection that was told why may take to read it, before it is cut. */
#define BOUND_CLOSE_US		(3 * US_PER_S)
/* The same while we end: whoever connects waits in the backlog meanwhile, two seconds at most. */
#define BOUND_DRAIN_CLOSE_US	US_PER_S
/* Dropped frames that end a session, and the time in which they count (docs/PROTOCOL.md: close codes). */
#define BOUND_DROPPED		200
#define BOUND_DROPPED_US	(10 * US_PER_S)
#define BOUND_RATE_NOTICE_US	US_PER_S

/* Joining or leaving the call is a frame that becomes a row of the database: it weighs as much as this many more. */
#define BOUND_CALL_WEIGHT	9

/* Addresses remembered for the per-address limits; more than that at once is an attack, and is refused. */
#define BOUND_ADDRESSES		65536
#define BOUND_SWEEP_US		(5 * US_PER_S)
/* Sessions and connections that must have gone for their memory, some KiB each, to be worth giving back. */
#define BOUND_EBB		500

/* Characters of a resume token: 132 bits, like a ticket's. */
#define BOUND_RESUME_TOKEN	22
/* Ended sessions of which it is remembered why; more than that at once are merely unknown. */
#define BOUND_CLAIMS_ENDED	16384
/* While too much is kept for all together (resume_memory), how often connected sessions give up half of theirs. */
#define BOUND_SHED_US		US_PER_S
/* Clients that are all told to come back do so one after the other: what a core can welcome in a second. */
#define BOUND_RETURN_US		US_PER_MS

/* Jobs waiting for a database thread: a second of SQLite at full sync, several times over. */
#define BOUND_JOBS		8192
/* Jobs in one transaction: one fsync for all writes, a lock or a snapshot that is held for milliseconds. */
#define BOUND_BATCH		256
/* Connections for another daemon's meetings that share one line in the log. */
#define BOUND_MISDIRECTED	100
/* Events read at a time; more are read at once after these. */
#define BOUND_EVENTS		200
/*
 * What is delivered at a time is one of so many parts of a connection's output queue, so that a reader at full
 * speed does not look like a slow one (more comes with the next poll); what is replayed to one who returns is all
 * of them but one, which is for the welcome.
 */
#define BOUND_QUEUE_PARTS	4
/* What a frame has beside an event's body: its type, id and time. */
#define BOUND_EVENT_HEAD	128
/* With nobody connected, how often events are read (they start and end the timers of calls). */
#define BOUND_IDLE_POLL_US	US_PER_S
/* A write that meets a busy database is tried again for this long, then given up and logged. */
#define BOUND_RETRY_US		(60 * US_PER_S)
#define BOUND_RETRY_PAUSE_US	(500 * US_PER_MS)
/*
 * What is over is forgotten (purge.h), and the WAL is moved into the database, soon after the start and this often;
 * while there is more it goes on after a pause in which others have the lock.
 */
#define BOUND_TIDY_FIRST_US	US_PER_S
#define BOUND_TIDY_US		(60 * US_PER_S)
/* A call that could not be ended is tried again after this. */
#define BOUND_CALL_RETRY_US	(5 * US_PER_S)

/* Control clients at a time, the length of a command, and how long one may take. */
#define BOUND_CONTROL_CLIENTS	32
#define BOUND_CONTROL_COMMAND	4096
#define BOUND_CONTROL_US	(5 * US_PER_S)

/* connect()s that wait while the daemon is busy or being replaced. */
#define BOUND_BACKLOG		1024
/* Connections accepted in one turn of the loop. */
#define BOUND_ACCEPT_BATCH	64
/* How often it is looked whether there are descriptors left. */
#define BOUND_ACCEPT_WATCH_US	(100 * US_PER_MS)
/* Held back for what must never meet EMFILE: ZeroMQ ends the process when its listener does. */
#define BOUND_SPARE_FDS		16
/* Descriptors beside the connections: databases, logs, control clients, libraries. */
#define BOUND_RESERVE_FDS	256

#endif
