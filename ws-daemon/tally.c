#include <string.h>
#include <unistd.h>

#include "hub.h"
#include "tally.h"
#include "tally_table.h"
#include "usage.h"

static void	look_at_queues(const struct hub *, struct tally *);

void
tally_closed(struct tally *tally, int close, bool had_session)
{
	size_t i = (size_t)(closing_find(close) - closing_at(0));

	metric_add(had_session ? &tally->closed[i] : &tally->refused[i], 1);
}

void
tally_answered(struct tally *tally, const struct job *job, int64_t now_us, bool refused)
{
	static const enum tally_result result[] = {
		[JOB_DONE] = TALLY_DONE, [JOB_BUSY] = TALLY_BUSY, [JOB_FAILED] = TALLY_FAILED,
	};

	metric_add(&tally->jobs[job->type][refused ? TALLY_REFUSED : result[job->result]], 1);
	if (refused)
		return;
	metric_observe(&tally->job_time[job->type], now_us - job->asked_us);
	metric_add(&tally->waiting[job_writes(job) ? TALLY_WRITER : TALLY_READER], -1);
}

void
tally_resume(struct tally *tally, const char *reason)
{
	size_t i = TALLY_RESUMED;

	/* the reason is one of that table, or the client would not know it */
	while (reason != NULL && ++i < TALLY_RESUMES - 1)
		if (strcmp(reason, tally_table_resume[i]) == 0)
			break;
	metric_add(&tally->resumes[i], 1);
}

void
tally_write(struct hub *hub, struct buf *out)
{
	struct tally	*tally = &hub->tally;
	struct usage	 usage = { .started_us = hub->started_us };

	tally->sessions = (int64_t)hub->sessions;
	tally->rooms = HASH_COUNT(hub->rooms);
	tally->calls = HASH_COUNT(hub->calls);
	tally->connections = HASH_COUNT(hub->conns);
	tally->connections_max = hub->conf->max_connections;
	tally->message_bytes = (int64_t)hub->pool.bytes;
	tally->message_bytes_max = hub->conf->resume_memory;
	tally->event_id = hub->event_id;
	tally->draining = hub->draining;
	tally->wakes = hub->wakes;
	tally->in_call = (int64_t)hub->in_call;
	tally->detached = (int64_t)hub->detached;
	look_at_queues(hub, tally);
	metric_write_build(out);
	tally_table_write(tally, out);
	usage_add(&usage, getpid());
	usage_write(&usage, out);
}

/* Each time somebody asks: a quarter of a millisecond with 10,000 connections. */
static void
look_at_queues(const struct hub *hub, struct tally *tally)
{
	const struct conn *conn;

	tally->queued = tally->queued_bytes = tally->queued_longest = 0;
	for (conn = hub->conns; conn != NULL; conn = conn->hh.next) {
		tally->queued += conn->out.count;
		tally->queued_bytes += (int64_t)conn->out.bytes;
		tally->queued_longest = MAX(tally->queued_longest, (int64_t)conn->out.count);
	}
}
