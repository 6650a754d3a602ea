/*
 * watch.h: the CPU time and the memory of the server's processes, as the kernel counts them.
 */
#ifndef BENCH_WATCH_H
#define BENCH_WATCH_H

#include <stdint.h>

#define WATCH_MAX	32

struct watch {
	int	pid[WATCH_MAX];
	int	n;
};

/* "12,13,14"; exits if that is not a list of processes. */
void	watch_parse(struct watch *watch, const char *pids);
/*
 * Their CPU time so far in seconds, by their CPU clocks; and their ended children's, which the kernel tells in clock
 * ticks only (proc(5), /proc/PID/stat).
 */
double	watch_cpu(const struct watch *watch);
/* This program's. */
double	watch_own_cpu(void);
/* Their private resident memory (RssAnon) in bytes. */
int64_t	watch_memory(const struct watch *watch);

#endif
