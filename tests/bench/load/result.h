/*
 * result.h: what was done in the measured time, what it cost, and how long each took.
 */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include <stdint.h>

#include "histogram.h"
#include "watch.h"

struct result {
	uint64_t		count;		/* messages that arrived, each receiver's counting; or joins */
	double			seconds;
	double			cpu;		/* seconds of the server */
	double			own_cpu;	/* and of this program */
	struct histogram	latency;	/* ns */
};

/* The clocks start, and stop; `count` is how many there are since the beginning of the run. */
void	result_begin(struct result *result, const struct watch *server, uint64_t count);
void	result_end(struct result *result, const struct watch *server, uint64_t count);
/* As a member of a JSON object, with a comma before it. */
void	result_print(const struct result *result, const char *name);

#endif
