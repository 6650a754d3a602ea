#include <sys/resource.h>
#include <sys/stat.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "metric.h"
#include "usage.h"

#define LINE_SIZE	1024	/* of /proc/PID/stat: 52 numbers and a name of 16 bytes */

static bool	read_stat(pid_t pid, char line[LINE_SIZE]);
static int64_t	count_descriptors(pid_t pid);

/* The descriptors last: they may be unknown. */
static const struct metric table[] = {
	{ "process_start_time_seconds", "When it was started, since 1970.", METRIC_GAUGE, METRIC_MICROSECONDS,
	    offsetof(struct usage, started_us), { NULL }, NULL },
	{ "process_cpu_seconds_total", "Time on a processor.", METRIC_COUNTER, METRIC_MICROSECONDS,
	    offsetof(struct usage, cpu_us), { NULL }, NULL },
	{ "process_resident_memory_bytes", "Resident memory.", METRIC_GAUGE, METRIC_PLAIN,
	    offsetof(struct usage, resident), { NULL }, NULL },
	{ "process_max_fds", "Descriptors that a process may have open.", METRIC_GAUGE, METRIC_PLAIN,
	    offsetof(struct usage, descriptors_max), { NULL }, NULL },
	{ "process_open_fds", "Descriptors that are open.", METRIC_GAUGE, METRIC_PLAIN,
	    offsetof(struct usage, descriptors), { NULL }, NULL },
};

/* The name, which may hold anything, ends with the last bracket of the line. */
void
usage_add(struct usage *usage, pid_t pid)
{
	unsigned long long user, system, old_user, old_system;
	char line[LINE_SIZE], *rest;
	int64_t tick_us = US_PER_S / sysconf(_SC_CLK_TCK), n;
	struct rlimit limit;
	long pages;

	if (!read_stat(pid, line) || (rest = strrchr(line, ')')) == NULL ||
	    sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu "
			 "%*d %*d %*d %*d %*u %*u %ld",
		&user, &system, &old_user, &old_system, &pages) != 5)
		return;
	usage->cpu_us += (int64_t)(user + system + old_user + old_system) * tick_us;
	usage->resident += pages * sysconf(_SC_PAGESIZE);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		usage->descriptors_max = (int64_t)MIN(limit.rlim_cur, (rlim_t)INT64_MAX);
	n = count_descriptors(pid);
	usage->descriptors = n == -1 || usage->descriptors == -1 ? -1 : usage->descriptors + n;
}

static bool
read_stat(pid_t pid, char line[LINE_SIZE])
{
	char path[64];
	FILE *file;
	bool ok;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if ((file = fopen(path, "re")) == NULL)
		return false;
	ok = fgets(line, LINE_SIZE, file) != NULL;
	fclose(file);
	return ok;
}

/* Newer kernels (6.2) tell the number as the directory's size; else the entries are counted, while they are few. */
static int64_t
count_descriptors(pid_t pid)
{
	char path[64];
	struct stat st;
	int64_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	if (stat(path, &st) == 0 && st.st_size > 0)
		return st.st_size;
	if ((dir = opendir(path)) == NULL)
		return -1;
	for (const struct dirent *entry; n <= USAGE_DESCRIPTORS && (entry = readdir(dir)) != NULL;)
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n <= USAGE_DESCRIPTORS ? n : -1;
}

void
usage_write(const struct usage *usage, struct buf *out)
{
	metric_write(table, COUNTOF(table) - (usage->descriptors == -1), usage, out);
}
