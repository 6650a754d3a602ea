/*
 * joins.h: somebody is in each room; others enter and leave it, over and over, as fast as the server lets them.
 *
 * A join is the whole way: connect, upgrade, token, access, user_joined to all, welcome; and then the close handshake.
 * Whoever is in the room must be told of each coming and going, in turn.
 */
#ifndef BENCH_JOINS_H
#define BENCH_JOINS_H

#include "crowd.h"
#include "histogram.h"
#include "watch.h"

struct joins_result {
	uint64_t		joins;		/* in the measured time */
	double			seconds;
	double			cpu;		/* seconds of the server */
	struct histogram	latency;	/* ns from connect() to the welcome */
};

void	joins_run(struct crowd *crowd, double warm_up, double seconds, const struct watch *server,
	    struct joins_result *result_r);

#endif
