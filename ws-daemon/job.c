#include <stdlib.h>
#include <string.h>

#include "closing.h"
#include "job.h"
#include "password.h"

static void	wipe(char **);

static const struct {
	const char	*name;
	bool		 writes;
	bool		 persists;
	bool		 batches;
} kind[JOB_TYPES] = {
	[JOB_ACCESS]   = { "access", false, false, true },
	[JOB_RESUME]   = { "resume", false, false, true },
	[JOB_EVENTS]   = { "events", false, false, true },
	[JOB_KEYS]     = { "keys", false, false, false },
	[JOB_ADMIT]    = { "admit", true, false, false },
	[JOB_TICKET]   = { "ticket", true, false, true },
	[JOB_ATTEND]   = { "attend", true, true, true },
	[JOB_UNATTEND] = { "unattend", true, true, true },
	[JOB_CALL_END] = { "call_end", true, true, true },
	[JOB_LEASE]    = { "lease", true, true, true },
	[JOB_TIDY]     = { "tidy", true, true, false },	/* it is large by itself */
};

struct job *
job_new(enum job_type type)
{
	struct job *job = mem_calloc(1, sizeof(*job));

	job->type = type;
	job->arena = arena_new_small();
	return job;
}

void
job_free(struct job **jobp)
{
	struct job *job = *jobp;

	*jobp = NULL;
	if (job == NULL)
		return;
	if (job->type == JOB_ACCESS)
		wipe(&job->access.token);
	else if (job->type == JOB_TICKET)
		wipe(&job->ticket.text);
	else if (job->type == JOB_KEYS)
		token_ring_free(&job->keys.ring);
	arena_free(&job->arena);
	free(job);
}

static void
wipe(char **secret)
{
	if (*secret == NULL)
		return;
	password_wipe(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

bool
job_writes(const struct job *job)
{
	return kind[job->type].writes;
}

bool
job_persists(const struct job *job)
{
	return kind[job->type].persists;
}

/* All read, or all write; all are tried again, or none. */
bool
job_batches(const struct job *first, const struct job *second)
{
	return kind[first->type].batches && kind[second->type].batches &&
	    kind[first->type].writes == kind[second->type].writes &&
	    kind[first->type].persists == kind[second->type].persists;
}

void
job_refuse(struct job *job)
{
	if (job->type == JOB_ACCESS)
		job->access.refusal = CLOSING_UNAVAILABLE;
	else if (job->type == JOB_ADMIT)
		job->admit.refusal = CLOSING_UNAVAILABLE;
	else if (job->type == JOB_TICKET)
		job->ticket.refusal = CLOSING_UNAVAILABLE;
	else if (job->type == JOB_RESUME)
		job->resume.refusal = CLOSING_UNAVAILABLE;
}

const char *
job_name(const struct job *job)
{
	return job_type_name(job->type);
}

const char *
job_type_name(enum job_type type)
{
	return kind[type].name;
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

void
job_move(struct job_queue *to, struct job_queue *from, size_t n)
{
	struct job	*last = from->last;
	size_t		 i;

	if (n == 0 || from->count == 0)
		return;
	if (n < from->count) {
		for (last = from->first, i = 1; i < n; i++)
			last = last->next;
	}
	*(to->last != NULL ? &to->last->next : &to->first) = from->first;
	to->count += MIN(n, from->count);
	to->last = last;
	from->first = last->next;
	from->last = from->first != NULL ? from->last : NULL;
	from->count -= MIN(n, from->count);
	last->next = NULL;
}
