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
/* Their user and system time so far, and their ended children's, in seconds (proc(5), /proc/PID/stat; clock ticks). */
double	watch_cpu(const struct watch *watch);
/* Their private resident memory (RssAnon) in bytes. */
int64_t	watch_memory(const struct watch *watch);

#endif
