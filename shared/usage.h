/*
 * usage.h: what the kernel says about processes (proc(5)), as the figures that every
 * Prometheus client tells under these names (process_…).
 */
#ifndef UNIO_USAGE_H
#define UNIO_USAGE_H

#include <sys/types.h>

#include "base.h"
#include "buf.h"

/* Counting the descriptors of a process takes a while for each: beyond this many nothing is said of them. */
#define USAGE_DESCRIPTORS	1024

/* Of several processes together, added up; all of int64_t. */
struct usage {
	int64_t	started_us;		/* wall time, the caller's */
	int64_t	cpu_us;			/* with that of children that have ended */
	int64_t	resident;		/* bytes; what several share is counted for each */
	int64_t	descriptors_max;	/* of one */
	int64_t	descriptors;		/* -1: not counted */
};

/* Adds a process, if there is one. */
void	usage_add(struct usage *usage, pid_t pid);
/* In the text format (metric.h). */
void	usage_write(const struct usage *usage, struct buf *out);

#endif
