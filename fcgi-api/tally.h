/*
 * tally.h: what the workers count, and how it is told (metric.h).
 *
 * A small mapping that they share with their master, made before they are forked.  Each
 * worker adds to a place of its own, which its successor goes on with: nothing is locked, a
 * worker that is killed takes nothing with it, and no figure goes back.  Who tells them adds
 * the places up.  A plain CGI process, and one without a master, has no such mapping (NULL) and
 * counts nothing.
 *
 * Labels are the names of our own tables.
 */
#ifndef UNIO_TALLY_H
#define UNIO_TALLY_H

#include <sys/types.h>

#include "conf.h"
#include "metric.h"
#include "reply.h"
#include "route.h"
#include "sizes.h"

#define TALLY_ROUTES	96	/* in the table of routes, at most, and one for what is none */
#define TALLY_STATUSES	24
#define TALLY_CODES	64

/* How a worker ended. */
enum tally_end { TALLY_STOPPED, TALLY_EXITED, TALLY_KILLED, TALLY_ENDS };

/* All of int64_t. */
struct tally_figures {
	struct metric_histogram	requests[TALLY_ROUTES];
	int64_t			responses[TALLY_STATUSES];
	int64_t			errors[TALLY_CODES];
	int64_t			response_bytes;
	struct metric_histogram	lock;			/* waiting for the write lock */
	int64_t			busy;			/* 1: a request is under way */
};

struct tally_worker {
	struct tally_figures	figures;
	int64_t			pid;			/* the master's to set; 0: nobody */
};

struct tally;

/* Shared with every process forked later; NULL if there is no memory. */
struct tally		*tally_new(void);
void			 tally_free(struct tally **tally);
/* The i-th worker's place; NULL if there is no tally. */
struct tally_worker	*tally_worker(struct tally *tally, size_t i);

/* The worker's; nothing, if it is NULL. */
void	tally_busy(struct tally_worker *worker, bool busy);
void	tally_lock(struct tally_worker *worker, int64_t us);
/* A request has been answered with so many bytes; route NULL: there is none for it. */
void	tally_request(struct tally_worker *worker, const struct route *route, const struct reply *reply, size_t bytes,
    int64_t us);

/* The master's; nothing, if there is no tally. */
void	tally_started(struct tally *tally, size_t i, pid_t pid);
void	tally_ended(struct tally *tally, size_t i, enum tally_end end);

/* Everything, in the text format, the figures of the master's and the workers' processes included. */
void	tally_write(const struct tally *tally, const struct conf *conf, pid_t master, struct buf *out);

#endif
