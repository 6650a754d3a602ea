#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "bounds.h"
#include "clock.h"
#include "log.h"
#include "mem.h"
#include "worker.h"

struct worker {
	pthread_t	 thread;
	pthread_mutex_t	 lock;
	pthread_cond_t	 changed;	/* a job, or the end */
	struct job_queue queue;
	bool		 stopping;
	struct task	*task;
	struct inbox	*inbox;
};

static void	*work(void *);
static bool	 next_batch(struct worker *, struct job_queue *);
static void	 answer(struct worker *, struct job_queue *);
static void	 put_back(struct worker *, struct job_queue *);
static enum job_result	try_until_free(struct worker *, const struct job_queue *);
static bool	 pause_unless_stopping(struct worker *);

/* Signals are the loop's: the thread blocks them all. */
struct worker *
worker_start(struct task *task, struct inbox *inbox)
{
	struct worker		*worker = mem_calloc(1, sizeof(*worker));
	pthread_condattr_t	 attr;
	sigset_t		 all, old;

	worker->task = task;
	worker->inbox = inbox;
	pthread_mutex_init(&worker->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&worker->changed, &attr);
	pthread_condattr_destroy(&attr);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&worker->thread, NULL, work, worker) != 0)
		log_fatal("a database thread cannot be started");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return worker;
}

/* Signalled after the lock is free: or else the thread, woken, would first sleep at the lock. */
void
worker_submit(struct worker *worker, struct job_queue *jobs)
{
	if (jobs->count == 0)
		return;
	pthread_mutex_lock(&worker->lock);
	job_move(&worker->queue, jobs, BOUND_JOBS - MIN(worker->queue.count, BOUND_JOBS));
	pthread_mutex_unlock(&worker->lock);
	pthread_cond_signal(&worker->changed);
}

void
worker_stop(struct worker **workerp)
{
	struct worker *worker = *workerp;

	*workerp = NULL;
	if (worker == NULL)
		return;
	pthread_mutex_lock(&worker->lock);
	worker->stopping = true;
	pthread_cond_signal(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
	pthread_join(worker->thread, NULL);
	pthread_cond_destroy(&worker->changed);
	pthread_mutex_destroy(&worker->lock);
	task_close(&worker->task);
	free(worker);
}

static void *
work(void *arg)
{
	struct worker		*worker = arg;
	struct job_queue	 batch;

	while (next_batch(worker, &batch))
		answer(worker, &batch);
	return NULL;
}

/* The next job, with those behind it that may share its transaction; false at the end, when nothing is left. */
static bool
next_batch(struct worker *worker, struct job_queue *batch_r)
{
	struct job_queue	 batch = { .count = 0 };
	const struct job_queue	*queue = &worker->queue;

	pthread_mutex_lock(&worker->lock);
	while (queue->count == 0 && !worker->stopping)
		pthread_cond_wait(&worker->changed, &worker->lock);
	while (queue->count > 0 && (batch.count == 0 || (batch.count < BOUND_BATCH &&
	    job_batches(batch.first, queue->first))))
		job_push(&batch, job_pop(&worker->queue));
	pthread_mutex_unlock(&worker->lock);
	*batch_r = batch;
	return batch.count > 0;
}

/* Together if that works, else each by itself, so that one that cannot be done takes no other with it. */
static void
answer(struct worker *worker, struct job_queue *batch)
{
	struct job_queue one = { .count = 0 };

	if (try_until_free(worker, batch) != JOB_FAILED || batch->count == 1) {
		put_back(worker, batch);
		return;
	}
	while (batch->count > 0) {
		job_move(&one, batch, 1);
		(void)try_until_free(worker, &one);
		put_back(worker, &one);
	}
}

static void
put_back(struct worker *worker, struct job_queue *jobs)
{
	const struct job *job;

	for (job = jobs->first; job != NULL; job = job->next) {
		if (job->result != JOB_DONE && job_persists(job))
			log_error("write_lost", LOG_TEXT("job", job_name(job)));
	}
	inbox_put(worker->inbox, jobs);
}

static enum job_result
try_until_free(struct worker *worker, const struct job_queue *batch)
{
	int64_t		give_up_us = clock_mono_us() + BOUND_RETRY_US;
	enum job_result	result;

	do
		result = task_run(worker->task, batch);
	while (result == JOB_BUSY && job_persists(batch->first) && clock_mono_us() < give_up_us &&
	    pause_unless_stopping(worker));
	return result;
}

static bool
pause_unless_stopping(struct worker *worker)
{
	struct timespec	until;
	int64_t		until_us = clock_mono_us() + BOUND_RETRY_PAUSE_US;
	bool		go_on;

	until.tv_sec = until_us / US_PER_S;
	until.tv_nsec = until_us % US_PER_S * 1000;
	pthread_mutex_lock(&worker->lock);
	while (!worker->stopping && clock_mono_us() < until_us)
		pthread_cond_timedwait(&worker->changed, &worker->lock, &until);
	go_on = !worker->stopping;
	pthread_mutex_unlock(&worker->lock);
	return go_on;
}
