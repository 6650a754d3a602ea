/*
 * joins.h: somebody is in each room; others enter and leave it, over and over, as fast as the server lets them.
 *
 * A join is the whole way: connect, upgrade, token, access, user_joined to all, welcome; and then the close handshake.
 * Whoever is in the room must be told of each coming and going, in turn.  A latency is that from connect() to the
 * welcome.
 */
#ifndef BENCH_JOINS_H
#define BENCH_JOINS_H

#include "crowd.h"
#include "result.h"

/* The first of each room must be in. */
void	joins_run(struct crowd *crowd, double warm_up, double seconds, const struct watch *server,
	    struct result *result_r);

#endif
