/*
 * tally.h: what the daemon counts, and how it is told (metric.h).
 *
 * Counters stand where the loop's thread adds one to them, in the hub; nothing else writes
 * them.  Gauges are looked up when somebody asks, by tally_write(): rooms and queues
 * know their own size.  Labels are the names of our own tables.
 */
#ifndef UNIO_TALLY_H
#define UNIO_TALLY_H

#include "closing.h"
#include "event.h"
#include "frame.h"
#include "job.h"
#include "metric.h"

struct hub;

/* Why a request never became a WebSocket. */
enum tally_upgrade { TALLY_UPGRADE_BAD, TALLY_UPGRADE_LIMITED, TALLY_UPGRADES };
/* What became of a wish to resume. */
enum tally_resume { TALLY_RESUMED, TALLY_EXPIRED, TALLY_GAP, TALLY_REVOKED, TALLY_RESUMES };
/* The two database threads. */
enum tally_thread { TALLY_READER, TALLY_WRITER, TALLY_THREADS };
enum tally_result { TALLY_DONE, TALLY_BUSY, TALLY_FAILED, TALLY_REFUSED, TALLY_RESULTS };

/* All of int64_t. */
struct tally {
	/* connections and sessions */
	int64_t			upgrades_refused[TALLY_UPGRADES];
	int64_t			opened;
	int64_t			refused[CLOSING_MAX];		/* connections without a session, by close code */
	int64_t			closed[CLOSING_MAX];		/* those with one */
	int64_t			joined;
	int64_t			left;
	int64_t			resumes[TALLY_RESUMES];

	/* frames */
	int64_t			received[FRAME_TYPES + 1];	/* the last: no type of ours */
	int64_t			received_bytes[FRAME_TYPES + 1];
	int64_t			dropped;			/* over the rate */
	int64_t			errors[FRAME_CODES];		/* answered */
	int64_t			sent;
	int64_t			sent_bytes;

	/* events: read, and told to a room */
	int64_t			events[EVENT_UNKNOWN + 1];
	struct metric_histogram	event_lag;
	int64_t			wakes;

	/* questions to the database, and the loop itself */
	int64_t			jobs[JOB_TYPES][TALLY_RESULTS];
	struct metric_histogram	job_time[JOB_TYPES];
	int64_t			waiting[TALLY_THREADS];		/* handed over, not answered */
	struct metric_histogram	late;				/* the loop's tick */

	/* looked up */
	int64_t			rooms, sessions, detached, in_call, calls;
	int64_t			connections, connections_max;
	int64_t			queued, queued_bytes, queued_longest;
	int64_t			message_bytes, message_bytes_max;
	int64_t			event_id;
	int64_t			draining;
};

static inline void
tally_sent(struct tally *tally, size_t frames, size_t bytes)
{
	metric_add(&tally->sent, (int64_t)frames);
	metric_add(&tally->sent_bytes, (int64_t)bytes);
}

void	tally_closed(struct tally *tally, int close, bool had_session);
/* A job came back, or was never taken (refused). */
void	tally_answered(struct tally *tally, const struct job *job, int64_t now_us, bool refused);
/* reason: as the client is told; NULL: it resumed. */
void	tally_resume(struct tally *tally, const char *reason);

/* Everything, in the text format, the process' own figures included. */
void	tally_write(struct hub *hub, struct buf *out);

#endif
