#include <sys/eventfd.h>

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "inbox.h"
#include "log.h"

struct inbox {
	pthread_mutex_t	 lock;
	struct job_queue queue;
	int		 fd;
};

struct inbox *
inbox_new(void)
{
	struct inbox *inbox = mem_calloc(1, sizeof(*inbox));

	pthread_mutex_init(&inbox->lock, NULL);
	inbox->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (inbox->fd == -1)
		log_fatal("eventfd: %s", log_errno());
	return inbox;
}

void
inbox_free(struct inbox **inboxp)
{
	struct inbox	*inbox = *inboxp;
	struct job	*job;

	*inboxp = NULL;
	if (inbox == NULL)
		return;
	while ((job = job_pop(&inbox->queue)) != NULL)
		job_free(&job);
	close(inbox->fd);
	pthread_mutex_destroy(&inbox->lock);
	free(inbox);
}

int
inbox_fd(const struct inbox *inbox)
{
	return inbox->fd;
}

/* The loop is woken for the first: it takes all that is there by then. */
void
inbox_put(struct inbox *inbox, struct job_queue *jobs)
{
	bool first;

	pthread_mutex_lock(&inbox->lock);
	first = inbox->queue.count == 0;
	job_move(&inbox->queue, jobs, jobs->count);
	pthread_mutex_unlock(&inbox->lock);
	if (first)
		(void)eventfd_write(inbox->fd, 1);
}

struct job_queue
inbox_take(struct inbox *inbox)
{
	struct job_queue	queue;
	eventfd_t		count;

	(void)eventfd_read(inbox->fd, &count);
	pthread_mutex_lock(&inbox->lock);
	queue = inbox->queue;
	inbox->queue = (struct job_queue){ .first = NULL };
	pthread_mutex_unlock(&inbox->lock);
	return queue;
}
