#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "audit.h"
#include "bounds.h"
#include "call.h"
#include "clock.h"
#include "closing.h"
#include "identity.h"
#include "log.h"
#include "mem.h"
#include "store_call.h"
#include "store_lease.h"
#include "store_ticket.h"
#include "task.h"

static enum job_result	take_keys(struct task *, struct job *);
static int	run_all(struct task *, const struct job_queue *);
static int	run_access(struct task *, struct job *);
static int	run_admit(struct task *, struct job *);
static int	run_ticket(struct task *, struct job *);
static int	run_resume(struct task *, struct job *);
static int	run_events(struct task *, struct job *);
static int	run_attend(struct task *, struct job *);
static int	run_unattend(struct task *, struct job *);
static int	run_call_end(struct task *, struct job *);
static int	run_lease(struct task *, struct job *);
static int	run_tidy(struct task *, struct job *);
static int	identify(struct task *, struct job *);
static int	identify_external(struct task *, struct job *);
static int	read_picture(struct task *, struct job *);
static int	read_missed(struct task *, struct job *);
static size_t	bytes_of(const struct event_page *);

/* 0/-1, within a transaction. */
static int	(*const run[JOB_TYPES])(struct task *, struct job *) = {
	[JOB_ACCESS]   = run_access,
	[JOB_ADMIT]    = run_admit,
	[JOB_TICKET]   = run_ticket,
	[JOB_RESUME]   = run_resume,
	[JOB_EVENTS]   = run_events,
	[JOB_ATTEND]   = run_attend,
	[JOB_UNATTEND] = run_unattend,
	[JOB_CALL_END] = run_call_end,
	[JOB_LEASE]    = run_lease,
	[JOB_TIDY]     = run_tidy,
};

static const int refusal[] = {
	[ACCESS_GRANTED]      = 0,
	[ACCESS_UNAUTHORIZED] = CLOSING_UNAUTHORIZED,
	[ACCESS_FORBIDDEN]    = CLOSING_FORBIDDEN,
	[ACCESS_BANNED]	      = CLOSING_BANNED,
	[ACCESS_NOT_FOUND]    = CLOSING_NOT_FOUND,
};

struct task *
task_open(const struct conf *conf, struct token_ring *ring, char *error_r, size_t error_size)
{
	struct db_options options = {
		.path = conf->database,
		.busy_timeout = conf->database_busy_timeout,
		.full_sync = conf->synchronous == CONF_SYNCHRONOUS_FULL,
		.create = true,
	};
	struct task *task = mem_calloc(1, sizeof(*task));

	task->ring = ring;
	task->out_bound = (struct event_bound){
		.count = (size_t)conf->outbound_queue_frames, .bytes = (size_t)conf->outbound_queue_bytes,
	};
	task->db = db_open(&options, error_r, error_size);
	if (task->db == NULL || db_migrate(task->db, error_r, error_size) == -1)
		task_close(&task);
	return task;
}

void
task_close(struct task **taskp)
{
	struct task *task = *taskp;

	*taskp = NULL;
	if (task == NULL)
		return;
	db_close(&task->db);
	token_ring_free(&task->ring);
	free(task);
}

enum job_result
task_run(struct task *task, const struct job_queue *batch)
{
	struct db	*db = task->db;
	struct job	*job = batch->first;
	enum job_result	 result = JOB_DONE;

	if (job->type == JOB_KEYS)
		return take_keys(task, job);
	if (db_begin(db, job_writes(job)) == 0 && run_all(task, batch) == 0 && db_commit(db) == 0) {
		if (job->type == JOB_TIDY && !job->tidy.more)
			db_checkpoint(db);
	} else {
		result = db_error(db) == DB_BUSY ? JOB_BUSY : JOB_FAILED;
		log_warn("database", LOG_TEXT("job", job_name(job)), LOG_INT("jobs", (int64_t)batch->count),
		    LOG_TEXT("error", db_error_text(db)));
		db_rollback(db);
	}
	for (; job != NULL; job = job->next) {
		job->result = result;
		if (result != JOB_DONE)
			job_refuse(job);
	}
	return result;
}

/* No matter of the database.  The former ring goes away with the job. */
static enum job_result
take_keys(struct task *task, struct job *job)
{
	struct token_ring *former = task->ring;

	task->ring = job->keys.ring;
	job->keys.ring = former;
	job->result = JOB_DONE;
	return JOB_DONE;
}

static int
run_all(struct task *task, const struct job_queue *batch)
{
	struct job	*job;
	int		 rc = 0;

	for (job = batch->first; job != NULL && rc == 0; job = job->next)
		rc = run[job->type](task, job);
	return rc;
}

int
task_start(struct task *task, struct arena *arena, int64_t now_us, struct task_start *start_r)
{
	struct task_start	start;
	struct db		*db = task->db;
	int64_t			lowest;

	start.alive_us = 0;
	if (db_begin(db, true) == -1 || store_lease_last(db, &task->shard, &start.alive_us) == -1 ||
	    store_call_unattend_all(db, &task->shard, start.alive_us) == -1 ||
	    store_lease_renew(db, &task->shard, now_us, now_us) == -1 ||
	    event_epoch(db, arena, &start.epoch) == -1 || event_bounds(db, &lowest, &start.event_id) == -1 ||
	    store_call_all_active(db, arena, &start.calls, &start.call_count) == -1 || db_commit(db) == -1) {
		db_rollback(db);
		return -1;
	}
	*start_r = start;
	return 0;
}

/* The credential first, then one snapshot: a session enters with a picture that fits together. */
static int
run_access(struct task *task, struct job *job)
{
	struct job_access *access = &job->access;

	/* it may be the second try */
	access->refusal = 0;
	access->stranger = NULL;
	access->call_id = 0;
	if (access->token != NULL && identify(task, job) == -1)
		return -1;
	if (access->refusal != 0 || access->stranger != NULL)
		return 0;
	if (access_check(task->db, job->arena, access->user_id, access->login_id, access->meeting_id,
	    &access->access) == -1)
		return -1;
	access->refusal = refusal[access->access.verdict];
	return access->refusal == 0 ? read_picture(task, job) : 0;
}

static int
identify(struct task *task, struct job *job)
{
	struct job_access	*access = &job->access;
	struct token_claims	 claims;
	enum token_verdict	 verdict;

	if (provider_is_meant(token_ring_provider(task->ring), access->token, strlen(access->token)))
		return identify_external(task, job);
	verdict = token_verify(task->ring, access->token, strlen(access->token), clock_wall_us() / US_PER_S, &claims);
	if (verdict == TOKEN_VALID) {
		access->user_id = claims.user_id;
		access->login_id = claims.session_id;
		return 0;
	}
	log_debug("token", LOG_INT("conn", (int64_t)access->conn_id),
	    LOG_TEXT("verdict", token_verdict_text(verdict)));
	access->refusal = CLOSING_UNAUTHORIZED;
	return 0;
}

/* A login session that is not there yet is the writer's to open. */
static int
identify_external(struct task *task, struct job *job)
{
	const struct identity_rules	 rules = { .keep_us = 0 };
	struct job_access		*access = &job->access;
	struct provider_claims		 claims;
	struct identity			 identity = { 0 };
	enum token_verdict		 verdict;
	int				 known;

	verdict = provider_verify(token_ring_provider(task->ring), job->arena, access->token, strlen(access->token),
	    clock_wall_us() / US_PER_S, &claims);
	if (verdict != TOKEN_VALID) {
		log_debug("token", LOG_INT("conn", (int64_t)access->conn_id),
		    LOG_TEXT("verdict", token_verdict_text(verdict)));
		access->refusal = CLOSING_UNAUTHORIZED;
		return 0;
	}
	known = identity_find(task->db, &claims, &rules, &identity);
	if (known == 0) {
		struct provider_claims *stranger = arena_alloc(job->arena, sizeof(*stranger));

		/* the provider may be another by the time that the answer is read */
		*stranger = provider_claims_copy(job->arena, &claims);
		access->stranger = stranger;
	}
	access->user_id = identity.user_id;
	access->login_id = identity.login_id;
	return known == -1 ? -1 : 0;
}

static int
run_admit(struct task *task, struct job *job)
{
	struct job_admit	*admit = &job->admit;
	const struct audit_from	 from = { .origin = admit->address };
	enum identity_verdict	 verdict;
	struct event_list	 events;
	struct audit_list	 audit;
	int64_t			 now_us = clock_wall_us();

	event_list_init(&events, job->arena);
	audit_list_init(&audit, job->arena);
	if (identity_admit(task->db, job->arena, &events, &audit, &admit->claims, &admit->rules, admit->address, "",
	    now_us, &verdict, &admit->identity) == -1 || audit_store(task->db, &audit, &from, now_us) == -1)
		return -1;
	admit->refusal = verdict == IDENTITY_ADMITTED ? 0 : CLOSING_UNAUTHORIZED;
	if (verdict != IDENTITY_ADMITTED)
		log_info("identity", LOG_TEXT("refused", identity_verdict_text(verdict)));
	return event_store(task->db, &events, now_us);
}

/*
 * No more than that: the picture is the reader's, or it would not stand in line with the
 * events, and what is committed between the two would be missed.
 */
static int
run_ticket(struct task *task, struct job *job)
{
	struct job_ticket	*question = &job->ticket;
	struct ticket		 ticket = { .user_id = 0 };
	int			 found;

	found = store_ticket_burn(task->db, question->text, strlen(question->text), question->meeting_id,
	    clock_wall_us(), &ticket);
	question->refusal = found == 1 ? 0 : CLOSING_TICKET;
	question->user_id = ticket.user_id;
	question->login_id = ticket.login_id;
	return found == -1 ? -1 : 0;
}

static int
read_picture(struct task *task, struct job *job)
{
	struct job_access	*access = &job->access;
	struct call		 call;
	int			 found = store_call_active(task->db, job->arena, access->meeting_id, &call);

	if (found == 1) {
		access->call_id = call.id;
		access->call_started_us = call.started_at;
	}
	if (found == -1 || event_newest_of_meeting(task->db, access->meeting_id, &access->event_id) == -1)
		return -1;
	return read_missed(task, job);
}

/* What a returning client has not seen; or, if that cannot be told without a hole, that it cannot. */
static int
read_missed(struct task *task, struct job *job)
{
	const struct event_bound bound = {
		.count = MIN(LIMIT_EVENT_REPLAY, task->out_bound.count / BOUND_QUEUE_PARTS * (BOUND_QUEUE_PARTS - 1)),
		.bytes = task->out_bound.bytes / BOUND_QUEUE_PARTS * (BOUND_QUEUE_PARTS - 1),
	};
	struct job_access	*access = &job->access;
	struct event_page	 page;
	const char		*epoch;
	int64_t			 lowest;

	if (access->last_event_id == -1)
		return event_highest(task->db, &access->highest_id);
	if (event_bounds(task->db, &lowest, &access->highest_id) == -1 ||
	    event_epoch(task->db, job->arena, &epoch) == -1)
		return -1;
	access->truncated = access->last_event_id < lowest - 1 || access->last_event_id > access->highest_id ||
	    (access->epoch[0] != '\0' && strcmp(access->epoch, epoch) != 0);
	if (access->truncated)
		return 0;
	if (event_of_meeting_after(task->db, job->arena, access->meeting_id, access->last_event_id, &bound,
	    &page) == -1)
		return -1;
	access->truncated = page.more || bytes_of(&page) > bound.bytes;
	access->missed = access->truncated ? NULL : page.first;
	return 0;
}

/* A page may exceed its bound by its last event; who is told more than its queue takes is cut off again and again. */
static size_t
bytes_of(const struct event_page *page)
{
	const struct event	*event;
	size_t			 n = 0;

	for (event = page->first; event != NULL; event = event->next)
		n += strlen(event->body) + BOUND_EVENT_HEAD;
	return n;
}

/* The session is its own credential; what is asked again is whether its login and its meeting still are. */
static int
run_resume(struct task *task, struct job *job)
{
	struct job_resume	*resume = &job->resume;
	struct access		 access;

	if (access_check(task->db, job->arena, resume->user_id, resume->login_id, resume->meeting_id, &access) == -1)
		return -1;
	resume->refusal = refusal[access.verdict];
	return 0;
}

static int
run_events(struct task *task, struct job *job)
{
	const struct event_bound bound = {
		.count = MIN(BOUND_EVENTS, task->out_bound.count / BOUND_QUEUE_PARTS),
		.bytes = task->out_bound.bytes / BOUND_QUEUE_PARTS,
	};
	struct job_events *events = &job->events;

	return event_after(task->db, job->arena, events->after_id, &bound, &events->page);
}

static int
run_attend(struct task *task, struct job *job)
{
	const struct job_attend *attend = &job->attend;

	return store_call_attend(task->db, attend->call_id, attend->user_id, attend->session_id, attend->at_us);
}

static int
run_unattend(struct task *task, struct job *job)
{
	const struct job_attend *attend = &job->attend;

	return store_call_unattend(task->db, attend->call_id, attend->session_id, attend->at_us);
}

/* The change and its events, in one transaction, as everywhere. */
static int
run_call_end(struct task *task, struct job *job)
{
	const struct job_call_end	*end = &job->call_end;
	const struct audit_from		 from = { .origin = "daemon" };
	struct event_list		 events;
	struct audit_list		 audit;
	struct audit			*row;
	struct call			 call;
	enum call_result		 result;

	event_list_init(&events, job->arena);
	audit_list_init(&audit, job->arena);
	result = call_end(task->db, &events, end->call_id, end->reason, end->at_us, &call);
	if (result == CALL_FAILED)
		return -1;
	if (result == CALL_DONE) {
		row = audit_add(&audit, AUDIT_CALL_END);
		row->meeting_id = call.meeting_id;
		row->object_id = call.id;
		audit_note(&audit, row, "reason", end->reason);
	}
	if (audit_store(task->db, &audit, &from, end->at_us) == -1)
		return -1;
	return event_store(task->db, &events, end->at_us);
}

static int
run_lease(struct task *task, struct job *job)
{
	return store_lease_renew(task->db, &task->shard, job->lease.started_us, job->lease.now_us);
}

static int
run_tidy(struct task *task, struct job *job)
{
	return purge_step(task->db, &job->tidy, PURGE_BUDGET_US);
}
