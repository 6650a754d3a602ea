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

enum { BEGIN, CALL, ONGOING, EVENT, COMMIT, END, COMPLETED, STATEMENTS };

#define BODY "'{\"call\":{\"id\":123456,\"meeting\":1000,\"caller\":{\"id\":1,\"email\":\"user1@example.org\"," \
	"\"full_name\":\"User 1\"},\"status\":\"active\",\"started_at\":\"2026-01-01T00:00:00.000000Z\"," \
	"\"ended_at\":null,\"duration\":null,\"ended_reason\":null}}'"

static const char *const sql[STATEMENTS] = {
	[BEGIN]     = "BEGIN IMMEDIATE",
	[CALL]	    = "INSERT INTO call (meeting_id, caller_id, started_at) VALUES (1000, 1, 1)",
	[ONGOING]   = "UPDATE meeting SET status = 'ongoing', updated_at = updated_at + 1 WHERE id = 1000",
	[EVENT]	    = "INSERT INTO event (meeting_id, type, body, created_at)"
		      " VALUES (1000, 'call_started', " BODY ", 1)",
	[COMMIT]    = "COMMIT",
	[END]	    = "UPDATE call SET status = 'ended', ended_reason = 'ended', ended_at = 2"
		      " WHERE meeting_id = 1000 AND status = 'active'",
	[COMPLETED] = "UPDATE meeting SET status = 'completed', updated_at = updated_at + 1 WHERE id = 1000",
};

static double	now(clockid_t);

int
main(int argc, char **argv)
{
	static const int	 start[] = { BEGIN, EVENT, EVENT, ONGOING, CALL, COMMIT };
	static const int	 end[] = { BEGIN, END, COMPLETED, EVENT, EVENT, COMMIT };
	sqlite3_stmt		*st[STATEMENTS];
	sqlite3			*db;
	char			 pragma[64];
	double			 until, began, cpu;
	long			 count = 0;
	size_t			 i;

	if (argc != 4 || sqlite3_open(argv[1], &db) != SQLITE_OK)
		errx(2, "usage: commits DATABASE full|normal SECONDS");
	snprintf(pragma, sizeof(pragma), "PRAGMA synchronous = %.8s; PRAGMA foreign_keys = ON", argv[2]);
	if (sqlite3_exec(db, pragma, NULL, NULL, NULL) != SQLITE_OK)
		errx(1, "%s", sqlite3_errmsg(db));
	for (i = 0; i < STATEMENTS; i++) {
		if (sqlite3_prepare_v2(db, sql[i], -1, &st[i], NULL) != SQLITE_OK)
			errx(1, "%s", sqlite3_errmsg(db));
	}
	began = now(CLOCK_MONOTONIC);
	cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	for (until = began + strtod(argv[3], NULL); now(CLOCK_MONOTONIC) < until; count++) {
		for (i = 0; i < 12; i++) {
			sqlite3_stmt *one = st[i < 6 ? start[i] : end[i - 6]];

			if (sqlite3_step(one) != SQLITE_DONE || sqlite3_reset(one) != SQLITE_OK)
				errx(1, "%s", sqlite3_errmsg(db));
		}
	}
	printf("{\"count\":%ld,\"seconds\":%.3f,\"cpu\":%.3f}\n", count, now(CLOCK_MONOTONIC) - began,
	    now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	return 0;
}

static double
now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}
