#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "watch.h"

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
	uint64_t	 user, system, ended_user, ended_system, ticks = 0;
	int		 i;

	for (i = 0; i < watch->n; i++) {
		read_proc(watch->pid[i], "stat", text, sizeof(text));
		p = strrchr(text, ')');		/* the name may hold anything */
		if (p == NULL || sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
		    " %" SCNu64 " %" SCNu64, &user, &system, &ended_user, &ended_system) != 4)
			errx(1, "the CPU time of process %d cannot be read", watch->pid[i]);
		ticks += user + system + ended_user + ended_system;
	}
	return (double)ticks / (double)sysconf(_SC_CLK_TCK);
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
