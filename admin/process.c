#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "process.h"

static int64_t	count_descriptors(pid_t);
static bool	find_number(pid_t, const char *, const char *, int64_t *);

bool
process_look(pid_t pid, struct process *process_r)
{
	struct process process = { .descriptors = count_descriptors(pid) };
	int64_t kib = 0;

	if (process.descriptors < 0 || !find_number(pid, "limits", "Max open files", &process.descriptors_max))
		return false;
	/* since Linux 4.5; without it nothing is said */
	if (find_number(pid, "status", "RssAnon:", &kib))
		process.memory = kib * 1024;
	*process_r = process;
	return true;
}

static int64_t
count_descriptors(pid_t pid)
{
	char path[64];
	int64_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	if ((dir = opendir(path)) == NULL)
		return -1;
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* The first number of the line that begins like this. */
static bool
find_number(pid_t pid, const char *name, const char *begin, int64_t *number_r)
{
	char path[64], line[256];
	long long number;
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	if ((file = fopen(path, "re")) == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), file) != NULL)
		found = strncmp(line, begin, strlen(begin)) == 0 && sscanf(line + strlen(begin), " %lld", &number) == 1;
	fclose(file);
	if (found)
		*number_r = number;
	return found;
}
