#include <stdlib.h>

#include "attend.h"
#include "bounds.h"
#include "calls.h"
#include "conf.h"
#include "hub.h"
#include "log.h"
#include "mem.h"
#include "room.h"

static void		 expire(void *, void *);
static void		 watch(struct calls_entry *);
static const char	*due_reason(const struct calls_entry *);
static void		 everybody_out(struct hub *, int64_t);

void
calls_started(struct hub *hub, int64_t meeting_id, int64_t call_id, int64_t started_us)
{
	struct calls_entry	*call = calls_find(hub, meeting_id);
	struct room		*room = room_find(hub, meeting_id);
	struct session		*session;

	if (call != NULL && call->call_id == call_id)
		return;
	if (call != NULL)
		calls_ended(hub, meeting_id, call->call_id);
	call = mem_calloc(1, sizeof(*call));
	call->hub = hub;
	call->meeting_id = meeting_id;
	call->call_id = call_id;
	call->started_us = started_us;
	call->occupied = room != NULL && room->in_call > 0;
	call->empty_us = hub->now_us;
	call->timer.fire = expire;
	call->timer.owner = call;
	HASH_ADD(hh, hub->calls, meeting_id, sizeof(call->meeting_id), call);
	watch(call);
	if (!call->occupied)
		return;
	/* somebody is in it: NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	for (session = room->first; session != NULL; session = session->next) {
		if (session->in_call)
			attend_record(hub, session, started_us);
	}
}

void
calls_survived(struct hub *hub, int64_t meeting_id, int64_t call_id, int64_t started_us, int64_t alive_us)
{
	struct calls_entry *call;

	calls_started(hub, meeting_id, call_id, started_us);
	call = calls_find(hub, meeting_id);
	call->alive_us = alive_us;
	call->return_us = hub->now_us + hub->conf->call_grace;
	watch(call);
}

void
calls_returned(struct hub *hub, int64_t meeting_id)
{
	struct calls_entry *call = calls_find(hub, meeting_id);

	if (call == NULL || call->alive_us == 0)
		return;
	call->alive_us = 0;
	watch(call);
}

void
calls_ended(struct hub *hub, int64_t meeting_id, int64_t call_id)
{
	struct calls_entry *call = calls_find(hub, meeting_id);

	if (call == NULL || call->call_id != call_id)
		return;
	everybody_out(hub, meeting_id);
	wheel_cancel(&call->timer);
	HASH_DEL(hub->calls, call);
	free(call);
}

void
calls_occupy(struct hub *hub, int64_t meeting_id)
{
	struct calls_entry *call = calls_find(hub, meeting_id);

	if (call == NULL)
		return;
	call->occupied = true;
	watch(call);
}

void
calls_vacate(struct hub *hub, int64_t meeting_id)
{
	struct calls_entry *call = calls_find(hub, meeting_id);

	if (call == NULL)
		return;
	call->occupied = false;
	call->empty_us = hub->now_us;
	watch(call);
}

void
calls_tried(struct hub *hub, int64_t meeting_id, int64_t call_id)
{
	struct calls_entry *call = calls_find(hub, meeting_id);

	if (call == NULL || call->call_id != call_id)
		return;
	call->ending = false;
	wheel_set(&hub->wheel, &call->timer, hub->now_us + BOUND_CALL_RETRY_US);
}

struct calls_entry *
calls_find(struct hub *hub, int64_t meeting_id)
{
	struct calls_entry *call;

	HASH_FIND(hh, hub->calls, &meeting_id, sizeof(meeting_id), call);
	return call;
}

void
calls_free(struct hub *hub)
{
	struct calls_entry *call, *next;

	HASH_ITER(hh, hub->calls, call, next) {
		wheel_cancel(&call->timer);
		/* uthash: NOLINTNEXTLINE(clang-analyzer-core.NullDereference,clang-analyzer-unix.Malloc) */
		HASH_DEL(hub->calls, call);
		free(call);
	}
}

/* Sets the timer to the earlier of its ends. */
static void
watch(struct calls_entry *call)
{
	const struct hub	*hub = call->hub;
	int64_t			 due = hub->now_us + (call->started_us + hub->conf->call_max_duration - hub->wall_us);

	if (call->alive_us != 0)
		due = call->return_us;
	else if (!call->occupied)
		due = MIN(due, call->empty_us + hub->conf->call_empty_timeout);
	if (!call->ending)
		wheel_set(&call->hub->wheel, &call->timer, due);
}

static void
expire(void *context, void *owner)
{
	struct hub		*hub = context;
	struct calls_entry	*call = owner;
	const char		*reason = due_reason(call);
	struct job		*job;

	if (reason == NULL) {
		watch(call);
		return;
	}
	log_info("call_timeout", LOG_INT("call", call->call_id), LOG_INT("meeting", call->meeting_id),
	    LOG_TEXT("reason", reason));
	job = job_new(JOB_CALL_END);
	job->call_end.meeting_id = call->meeting_id;
	job->call_end.call_id = call->call_id;
	job->call_end.reason = reason;
	job->call_end.at_us = call->alive_us != 0 ? call->alive_us : hub->wall_us;
	job_push(&hub->jobs, job);
	call->ending = true;
}

static const char *
due_reason(const struct calls_entry *call)
{
	const struct hub *hub = call->hub;

	if (call->alive_us != 0)
		return hub->now_us >= call->return_us ? "server_restart" : NULL;
	if (hub->wall_us >= call->started_us + hub->conf->call_max_duration)
		return "max_duration";
	if (!call->occupied && hub->now_us >= call->empty_us + hub->conf->call_empty_timeout)
		return "empty";
	return NULL;
}

static void
everybody_out(struct hub *hub, int64_t meeting_id)
{
	struct room	*room = room_find(hub, meeting_id);
	struct session	*session;

	if (room == NULL)
		return;
	for (session = room->first; session != NULL; session = session->next)
		session->in_call = false;
	hub->in_call -= room->in_call;
	room->in_call = 0;
}
