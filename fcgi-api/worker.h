/*
 * worker.h: one process that serves requests, one after the other.
 *
 * Signals come through a descriptor, beside the listening socket, so that the request
 * under way is always finished.  TERM and INT end the loop, HUP ends it for a reload,
 * USR1 changes the log level.
 */
#ifndef UNIO_WORKER_H
#define UNIO_WORKER_H

#include "conf.h"
#include "lane.h"
#include "rate.h"
#include "tally.h"

enum worker_end {
	WORKER_STOP,
	WORKER_RELOAD,
	WORKER_FAILED		/* could not start, after a line in the log */
};

/* The signals that a worker takes; the caller has them blocked before it forks, so that none comes too early. */
void		worker_block_signals(void);
/* lane: where it queues to write, tally: where it counts; NULL: nowhere. */
enum worker_end	worker_run(const struct conf *conf, struct rate *rate, struct lane *lane, struct tally_worker *tally,
    int listen_fd);

#endif
