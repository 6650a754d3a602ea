/*
 * commits: how often a second SQLite alone can do what the start and the end of a call change: the same rows in the
 * same database, two transactions, and nothing else.
 *
 *	commits DATABASE full|normal SECONDS
 */
#include <err.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BEGIN, CALL, ONGOING, EVENT, STATUS, AUDIT, COMMIT, END, COMPLETED, STATEMENTS };

#define STEPS	14	/* of a start and an end */

#define BODY "'{\"call\":{\"id\":123456,\"meeting\":1000,\"caller\":{\"id\":1,\"email\":\"user1@example.org\"," \
	"\"full_name\":\"User 1\"},\"status\":\"active\",\"started_at\":\"2026-01-01T00:00:00.000000Z\"," \
	"\"ended_at\":null,\"duration\":null,\"ended_reason\":null}}'"

static const char *const sql[STATEMENTS] = {
	[BEGIN]     = "BEGIN IMMEDIATE",
	[CALL]	    = "INSERT INTO call (meeting_id, caller_id, started_at) VALUES (1000, 1, 1)",
	[ONGOING]   = "UPDATE meeting SET status = 'ongoing', updated_at = updated_at + 1 WHERE id = 1000",
	[EVENT]	    = "INSERT INTO event (meeting_id, type, body, created_at)"
		      " VALUES (1000, 'call_started', " BODY ", 1)",
	[STATUS]    = "INSERT INTO event (meeting_id, type, body, created_at) VALUES (1000, 'meeting_status',"
		      " '{\"meeting_id\":1000,\"status\":\"ongoing\",\"previous_status\":\"completed\"}', 1)",
	[AUDIT]	    = "INSERT INTO audit (created_at, action, actor_id, origin, request_id, meeting_id, object_id)"
		      " VALUES (1, 'call_start', 1, '127.0.0.1', 'abcdefghijklmnopqrstuv', 1000, 123456)",
	[COMMIT]    = "COMMIT",
	[END]	    = "UPDATE call SET status = 'ended', ended_reason = 'ended', ended_at = 2"
		      " WHERE meeting_id = 1000 AND status = 'active'",
	[COMPLETED] = "UPDATE meeting SET status = 'completed', updated_at = updated_at + 1 WHERE id = 1000",
};

static void	synchronous(sqlite3 *, const char *);
static long	run(sqlite3_stmt *const *, sqlite3 *, double);
static double	now(clockid_t);

int
main(int argc, char **argv)
{
	sqlite3_stmt		*st[STATEMENTS];
	sqlite3			*db;
	double			 began, cpu;
	long			 count;
	size_t			 i;

	/* as unio-api has it: one thread, and no sums of memory */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (argc != 4 ||
	    sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		errx(2, "usage: commits DATABASE full|normal SECONDS");
	synchronous(db, "off");
	for (i = 0; i < STATEMENTS; i++) {
		if (sqlite3_prepare_v2(db, sql[i], -1, &st[i], NULL) != SQLITE_OK)
			errx(1, "%s", sqlite3_errmsg(db));
	}
	/* the log first grows to the size that it keeps, which costs more */
	run(st, db, strtod(argv[3], NULL) / 4);
	synchronous(db, argv[2]);
	run(st, db, strtod(argv[3], NULL) / 4);
	began = now(CLOCK_MONOTONIC);
	cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	count = run(st, db, strtod(argv[3], NULL));
	printf("{\"count\":%ld,\"seconds\":%.3f,\"cpu\":%.3f}\n", count, now(CLOCK_MONOTONIC) - began,
	    now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	return 0;
}

static void
synchronous(sqlite3 *db, const char *how)
{
	char pragma[80];

	snprintf(pragma, sizeof(pragma), "PRAGMA synchronous = %.8s; PRAGMA foreign_keys = ON", how);
	if (sqlite3_exec(db, pragma, NULL, NULL, NULL) != SQLITE_OK)
		errx(1, "%s", sqlite3_errmsg(db));
}

static long
run(sqlite3_stmt *const *st, sqlite3 *db, double seconds)
{
	static const int	step[STEPS] = {
		BEGIN, CALL, ONGOING, EVENT, STATUS, AUDIT, COMMIT, BEGIN, END, COMPLETED, EVENT, STATUS, AUDIT, COMMIT,
	};
	double			until = now(CLOCK_MONOTONIC) + seconds;
	long			count;
	int			i;

	for (count = 0; now(CLOCK_MONOTONIC) < until; count++) {
		for (i = 0; i < STEPS; i++) {
			sqlite3_stmt *one = st[step[i]];

			if (sqlite3_step(one) != SQLITE_DONE || sqlite3_reset(one) != SQLITE_OK)
				errx(1, "%s", sqlite3_errmsg(db));
		}
	}
	return count;
}

static double
now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}
