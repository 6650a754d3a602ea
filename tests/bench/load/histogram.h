/*
 * histogram.h: how often each latency occurred: exact to 1 in 64, from 1 ns to minutes, in a fixed table.
 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS	64	/* in each power of two */
#define HISTOGRAM_SLOTS	(HISTOGRAM_STEPS * 40)

struct histogram {
	uint64_t	count;
	uint64_t	max;
	uint64_t	slot[HISTOGRAM_SLOTS];
};

void		 histogram_add(struct histogram *histogram, uint64_t value);
/* The value that `share` (0 to 1) of all are not above; 0 if there are none. */
uint64_t	 histogram_at(const struct histogram *histogram, double share);

#endif
