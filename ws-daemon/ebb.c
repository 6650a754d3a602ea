#include <malloc.h>

#include "bounds.h"
#include "clock.h"
#include "ebb.h"
#include "log.h"

/* The part of the peak that may come or go in a sweep for a moment to be a quiet one. */
#define QUIET_PART	8

bool
ebb_due(struct ebb *ebb, size_t count, int64_t now_us)
{
	size_t	change = count > ebb->last ? count - ebb->last : ebb->last - count;
	bool	due;

	ebb->peak = MAX(ebb->peak, count);
	if (now_us - ebb->swept_us < BOUND_SWEEP_US)
		return false;
	ebb->swept_us = now_us;
	ebb->last = count;
	due = ebb->peak - count >= MAX(BOUND_EBB, ebb->peak / 2) && change <= ebb->peak / QUIET_PART;
	if (due)
		ebb->peak = count;
	return due;
}

void
ebb_trim(struct message_pool *pool)
{
	int64_t began_us = clock_mono_us();

	message_pool_free(pool);
	(void)malloc_trim(0);
	log_info("trim", LOG_INT("us", clock_mono_us() - began_us));
}
