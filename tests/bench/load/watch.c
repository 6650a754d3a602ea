#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "watch.h"

static double	read_clock(clockid_t);
static void	read_proc(int, const char *, char *, size_t);

void
watch_parse(struct watch *watch, const char *pids)
{
	char *end;

	for (watch->n = 0; *pids != '\0'; watch->n++) {
		if (watch->n == WATCH_MAX)
			errx(2, "more than %d processes", WATCH_MAX);
		watch->pid[watch->n] = (int)strtol(pids, &end, 10);
		if (end == pids || (*end != ',' && *end != '\0'))
			errx(2, "%s: no process ids", pids);
		pids = *end == ',' ? end + 1 : end;
	}
}

double
watch_cpu(const struct watch *watch)
{
	char		 text[1024];
	const char	*p;
	uint64_t	 ended_user, ended_system;
	clockid_t	 clock;
	double		 sum = 0;
	int		 i;

	for (i = 0; i < watch->n; i++) {
		read_proc(watch->pid[i], "stat", text, sizeof(text));
		p = strrchr(text, ')');		/* the name may hold anything */
		if (p == NULL || sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %" SCNu64
		    " %" SCNu64, &ended_user, &ended_system) != 2 || clock_getcpuclockid(watch->pid[i], &clock) != 0)
			errx(1, "the CPU time of process %d cannot be read", watch->pid[i]);
		sum += (double)(ended_user + ended_system) / (double)sysconf(_SC_CLK_TCK) + read_clock(clock);
	}
	return sum;
}

double
watch_own_cpu(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

static double
read_clock(clockid_t clock)
{
	struct timespec time;

	if (clock_gettime(clock, &time) == -1)
		err(1, "a CPU clock");
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int64_t
watch_memory(const struct watch *watch)
{
	char		 text[4096];
	const char	*p;
	int64_t		 sum = 0;
	int		 i;

	for (i = 0; i < watch->n; i++) {
		read_proc(watch->pid[i], "status", text, sizeof(text));
		p = strstr(text, "RssAnon:");
		sum += p == NULL ? 0 : strtoll(p + 8, NULL, 10) * 1024;
	}
	return sum;
}

static void
read_proc(int pid, const char *name, char *text, size_t size)
{
	char	 path[64];
	FILE	*file;
	size_t	 n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	if ((file = fopen(path, "r")) == NULL)
		err(1, "the server has ended: %s", path);
	n = fread(text, 1, size - 1, file);
	text[n] = '\0';
	fclose(file);
}
