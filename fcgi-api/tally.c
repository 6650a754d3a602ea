#include <sys/mman.h>
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "mem.h"
#include "tally.h"
#include "tally_table.h"
#include "usage.h"

/* A place begins a page, so that only those in use exist. */
#define PAGE	4096

struct place {
	struct tally_worker	worker;
	char			rest[PAGE - sizeof(struct tally_worker) % PAGE];
};

struct tally {
	int64_t		started_us;		/* wall */
	int64_t		used;			/* places, from the first */
	int64_t		starts;
	int64_t		ends[TALLY_ENDS];
	struct place	place[LIMIT_WORKERS];
};

static void	add_up(const struct tally *tally, struct tally_all *all, struct usage *usage);
static int64_t	size_of(const char *path);

struct tally *
tally_new(void)
{
	struct tally *tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (tally == MAP_FAILED)
		return NULL;
	tally->started_us = clock_wall_us();
	return tally;
}

void
tally_free(struct tally **tally)
{
	if (*tally != NULL)
		munmap(*tally, sizeof(**tally));
	*tally = NULL;
}

struct tally_worker *
tally_worker(struct tally *tally, size_t i)
{
	return tally != NULL ? &tally->place[i].worker : NULL;
}

void
tally_busy(struct tally_worker *worker, bool busy)
{
	if (worker != NULL)
		metric_set(&worker->figures.busy, busy);
}

void
tally_lock(struct tally_worker *worker, int64_t us)
{
	if (worker != NULL)
		metric_observe(&worker->figures.lock, us);
}

void
tally_request(struct tally_worker *worker, const struct route *route, const struct reply *reply, size_t bytes,
    int64_t us)
{
	if (worker == NULL)
		return;
	metric_observe(&worker->figures.requests[tally_table_route(route)], us);
	metric_add(&worker->figures.responses[tally_table_status(reply->status)], 1);
	metric_add(&worker->figures.response_bytes, (int64_t)bytes);
	if (reply->code != NULL)
		metric_add(&worker->figures.errors[tally_table_code(reply->code)], 1);
}

void
tally_started(struct tally *tally, size_t i, pid_t pid)
{
	if (tally == NULL)
		return;
	metric_set(&tally->place[i].worker.pid, pid);
	metric_set(&tally->used, MAX(tally->used, (int64_t)i + 1));
	metric_add(&tally->starts, 1);
}

void
tally_ended(struct tally *tally, size_t i, enum tally_end end)
{
	if (tally == NULL)
		return;
	metric_set(&tally->place[i].worker.pid, 0);
	metric_set(&tally->place[i].worker.figures.busy, 0);
	metric_add(&tally->ends[end], 1);
}

void
tally_write(const struct tally *tally, const struct conf *conf, pid_t master, struct buf *out)
{
	struct tally_all *all = mem_calloc(1, sizeof(*all));
	struct usage usage = { .started_us = tally->started_us };
	char *wal = NULL;

	add_up(tally, all, &usage);
	usage_add(&usage, master);
	all->workers_max = conf->workers;
	all->database_bytes = size_of(conf->database);
	if (asprintf(&wal, "%s-wal", conf->database) != -1)
		all->wal_bytes = size_of(wal);
	free(wal);
	metric_write_build(out);
	tally_table_write(all, out);
	usage_write(&usage, out);
	free(all);
}

static void
add_up(const struct tally *tally, struct tally_all *all, struct usage *usage)
{
	int64_t used = 0;

	metric_sum(&used, &tally->used, 1);
	metric_sum(&all->starts, &tally->starts, 1);
	metric_sum(all->ends, tally->ends, TALLY_ENDS);
	for (int64_t i = 0; i < used; i++) {
		const struct tally_worker *worker = &tally->place[i].worker;
		int64_t pid = 0;

		/* NOLINTNEXTLINE(bugprone-casting-through-void): all its members are of int64_t */
		metric_sum((void *)&all->figures, (const void *)&worker->figures,
		    sizeof(worker->figures) / sizeof(int64_t));
		metric_sum(&pid, &worker->pid, 1);
		if (pid == 0)
			continue;
		all->workers++;
		usage_add(usage, (pid_t)pid);
	}
}

static int64_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : 0;
}
