/*
 * inbox.h: where the database threads lay down finished jobs for the loop.
 * Any thread may put; the loop takes when the descriptor is readable.  In the order
 * in which they were put.
 */
#ifndef UNIO_INBOX_H
#define UNIO_INBOX_H

#include "job.h"

struct inbox;

struct inbox	*inbox_new(void);
/* Frees what nobody took. */
void		 inbox_free(struct inbox **inbox);
/* Readable while there is something (eventfd(2)). */
int		 inbox_fd(const struct inbox *inbox);
/* All of them; the queue is empty then. */
void		 inbox_put(struct inbox *inbox, struct job_queue *jobs);
/* All of it. */
struct job_queue inbox_take(struct inbox *inbox);

#endif
