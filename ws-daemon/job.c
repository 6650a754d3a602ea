#include <stdlib.h>
#include <string.h>

#include "closing.h"
#include "job.h"
#include "password.h"

static const struct {
	const char	*name;
	bool		 persists;
	bool		 batches;
} kind[JOB_TYPES] = {
	[JOB_ACCESS]   = { "access", false, false },
	[JOB_RESUME]   = { "resume", false, false },
	[JOB_EVENTS]   = { "events", false, false },
	[JOB_ATTEND]   = { "attend", true, true },
	[JOB_UNATTEND] = { "unattend", true, true },
	[JOB_CALL_END] = { "call_end", true, true },
	[JOB_LEASE]    = { "lease", true, true },
	[JOB_TIDY]     = { "tidy", true, false },	/* it is large by itself */
};

struct job *
job_new(enum job_type type)
{
	struct job *job = mem_calloc(1, sizeof(*job));

	job->type = type;
	job->arena = arena_new();
	return job;
}

void
job_free(struct job **jobp)
{
	struct job *job = *jobp;

	*jobp = NULL;
	if (job == NULL)
		return;
	if (job->type == JOB_ACCESS && job->access.credential != NULL) {
		password_wipe(job->access.credential, strlen(job->access.credential));
		free(job->access.credential);
	}
	arena_free(&job->arena);
	free(job);
}

/* A ticket is used up by being shown. */
bool
job_writes(const struct job *job)
{
	return kind[job->type].persists || (job->type == JOB_ACCESS && job->access.ticket);
}

bool
job_persists(const struct job *job)
{
	return kind[job->type].persists;
}

bool
job_batches(const struct job *job)
{
	return kind[job->type].batches;
}

void
job_refuse(struct job *job)
{
	if (job->type == JOB_ACCESS)
		job->access.refusal = CLOSING_UNAVAILABLE;
	else if (job->type == JOB_RESUME)
		job->resume.refusal = CLOSING_UNAVAILABLE;
}

const char *
job_name(const struct job *job)
{
	return kind[job->type].name;
}

void
job_push(struct job_queue *queue, struct job *job)
{
	job->next = NULL;
	if (queue->last != NULL)
		queue->last->next = job;
	else
		queue->first = job;
	queue->last = job;
	queue->count++;
}

struct job *
job_pop(struct job_queue *queue)
{
	struct job *job = queue->first;

	if (job == NULL)
		return NULL;
	queue->first = job->next;
	if (queue->first == NULL)
		queue->last = NULL;
	queue->count--;
	job->next = NULL;
	return job;
}
