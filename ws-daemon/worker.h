/*
 * worker.h: a thread with one database connection, which answers jobs in the order
 * in which they came.
 *
 * There are two: the reader (access, events) and the writer (attendance, ends of
 * calls, the lease), so that a held write lock never delays a join.  Jobs come and go
 * by the turn of the loop: all that have gathered share one transaction, one wake-up
 * there and one back.  The queue is bounded.  A write that meets a busy database is tried again for BOUND_RETRY_US;
 * a read is answered as it is.
 */
#ifndef UNIO_WORKER_H
#define UNIO_WORKER_H

#include "inbox.h"
#include "task.h"

struct worker;

/* The task belongs to the thread from now on, and is closed with it. */
struct worker	*worker_start(struct task *task, struct inbox *inbox);
/* Hands the jobs over; those that would be too many stay in the queue. */
void		 worker_submit(struct worker *worker, struct job_queue *jobs);
/* Finishes what is queued, once each, and ends the thread. */
void		 worker_stop(struct worker **worker);

#endif
