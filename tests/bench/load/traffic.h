/*
 * traffic.h: everybody sends to all others of the room.
 *
 * Closed loop: each sender has `window` messages on their way; that finds the throughput. Open loop: `rate` messages a
 * second in all, whatever comes of them; the latency of each counts from the time when it was due, so that a server
 * that is late with one message is late with those behind it as well (no coordinated omission).
 *
 * Every message is checked (stamp.h), and at the end each must have arrived everywhere.
 */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include "crowd.h"
#include "result.h"
#include "text.h"

struct traffic_plan {
	struct text	text;
	double		warm_up, seconds;
	uint32_t	window;		/* closed loop; 0: open */
	double		rate;		/* open loop: messages sent a second */
};

void	traffic_run(struct crowd *crowd, const struct traffic_plan *plan, const struct watch *server,
	    struct result *result_r);
/* Everybody sends one message, and all arrive. */
void	traffic_round(struct crowd *crowd, struct text text);

#endif
