/*
 * purge: how long others wait for the write lock while there is much to forget.
 *
 * UNIO_PURGE_ROWS=1000000 measures with as many rows; the test run is content with less, and with a bound that a
 * busy machine and sanitizers keep.
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "database.h"
#include "purge.h"

#define ROWS		"50000"
#define LONGEST_US	(5 * US_PER_S)		/* a machine that is busy lets the one who has the lock wait */
#define LONGEST_CPU_US	(500 * US_PER_MS)	/* valgrind included */
#define SLOW_US		(50 * US_PER_MS)	/* what it should never take, where the machine lets it run */
#define PROBE_US	200

static const char	fill_audit[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
    " INSERT INTO audit (created_at, action, actor_id, origin, request_id, meeting_id)"
    " SELECT i, 'call.start', i % 3 + 1, '192.0.2.7', 'AAAAAAAAAAAAAAAAAAAAAA', i % 1000 FROM n";
static const char	fill_call[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
    " INSERT INTO call (meeting_id, caller_id, status, started_at, ended_at, ended_reason)"
    " SELECT 1, 1, 'ended', i, i + 1, 'ended' FROM n";
static const char	fill_attendance[] = "INSERT INTO attendance (call_id, user_id, session_id, joined_at, left_at)"
    " SELECT c.id, 1 + n.i % 3, 'session' || n.i, c.started_at, c.ended_at FROM call c,"
    " (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n) n";

/* As a killed `unioctl webhook delete` leaves them; one of sixteen with the longest description that there may be. */
static const char	fill_webhook[] = "INSERT INTO webhook (id, url, secret, cursor_id, created_at, deleted_at)"
    " VALUES (1, '', '', 0, 1, 1)";
static const char	fill_delivery[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
    " INSERT INTO delivery (webhook_id, message_id, event_id, meeting_id, type, body, status, give_up_at, created_at,"
    " done_at) SELECT 1, 'msg_' || i, i, i % 1000, 'meeting_updated',"
    " printf('%.*c', CASE WHEN i % 16 = 0 THEN 16000 ELSE 500 END, 'x'), 'delivered', i, i, i FROM n";

/* What transactions took at most, and how many there were. */
struct longest {
	int64_t	cpu_us;
	int64_t	held_us;
	int64_t	steps;
	int64_t	slow;		/* over SLOW_US */
};

static void
fill(struct database *t, int64_t rows)
{
	(void)database_add_meeting(t->db, "M");
	assert_int_equal(db_begin(t->db, true), 0);
	assert_int_not_equal(db_exec(t->db, fill_audit, DB_INT(rows / 2)), -1);
	assert_int_not_equal(db_exec(t->db, fill_call, DB_INT(rows / 22)), -1);
	assert_int_not_equal(db_exec(t->db, fill_attendance), -1);
	assert_int_equal(db_exec(t->db, fill_webhook), 1);
	assert_int_not_equal(db_exec(t->db, fill_delivery, DB_INT(rows / 10)), -1);
	assert_int_equal(db_commit(t->db), 0);
}

/* With fsync at each commit, as in production. */
static struct db *
connect_full(const struct database *t, int64_t busy_timeout)
{
	struct db_options	 options = database_options(t);
	struct db		*db;
	char			 error[256] = "";

	options.full_sync = true;
	options.busy_timeout = busy_timeout;
	if ((db = db_open(&options, error, sizeof(error))) == NULL)
		fail_msg("%s", error);
	return (db);
}

/* As the daemon and unioctl do it; never returns. */
static void
forget_all(const struct database *t, struct longest *longest)
{
	const struct conf	 conf = { .event_keep = SECOND, .call_keep = SECOND, .audit_keep = SECOND };
	const struct timespec	 pause = { .tv_nsec = PURGE_PAUSE_US * 1000 };
	struct db		*db = connect_full(t, 5 * SECOND);
	struct purge		 purge;
	int64_t			 began_us, held_us;
	clock_t			 began;

	purge_plan(&purge, &conf, NOW);
	for (;;) {
		if (db_begin(db, true) == -1)
			_exit(1);
		began_us = clock_mono_us();
		began = clock();
		if (purge_step(db, &purge, PURGE_BUDGET_US) == -1 || db_commit(db) == -1)
			_exit(1);
		held_us = clock_mono_us() - began_us;
		longest->cpu_us = MAX(longest->cpu_us, (int64_t)(clock() - began) * US_PER_S / CLOCKS_PER_SEC);
		longest->held_us = MAX(longest->held_us, held_us);
		longest->slow += held_us > SLOW_US;
		longest->steps++;
		if (!purge.more)
			break;
		nanosleep(&pause, NULL);
	}
	db_close(&db);
	_exit(0);
}

/* The longest time without the lock, while the child lives; with how it ended. */
static int64_t
longest_wait(const struct database *t, pid_t child, int *status_r)
{
	const struct timespec	 nap = { .tv_nsec = PROBE_US * 1000 };
	struct db		*db = connect_full(t, US_PER_MS);
	int64_t			 wanted_us, longest_us = 0;

	while (waitpid(child, status_r, WNOHANG) == 0) {
		wanted_us = clock_mono_us();
		while (db_begin(db, true) != 0)
			nanosleep(&nap, NULL);
		longest_us = MAX(longest_us, clock_mono_us() - wanted_us);
		db_rollback(db);
		nanosleep(&nap, NULL);
	}
	db_close(&db);
	return (longest_us);
}

static void
others_get_the_lock_while_much_is_forgotten(void **state)
{
	struct database	*t = *state;
	const char	*rows = getenv("UNIO_PURGE_ROWS");
	int64_t		 longest_us, began_us;
	struct longest	*longest = mmap(NULL, sizeof(*longest), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	int		 status = -1;
	pid_t		 child;

	fill(t, strtoll(rows != NULL ? rows : ROWS, NULL, 10));
	db_close(&t->db);	/* not across the fork */
	began_us = clock_mono_us();
	if ((child = fork()) == 0)
		forget_all(t, longest);
	longest_us = longest_wait(t, child, &status);
	print_message("# %s rows, %lld ms, %lld transactions: at most %lld us of CPU, %lld us of the lock, %lld us of"
	    " waiting for it; %lld held it for more than %lld ms\n", rows != NULL ? rows : ROWS,
	    (long long)((clock_mono_us() - began_us) / US_PER_MS), (long long)longest->steps,
	    (long long)longest->cpu_us, (long long)longest->held_us, (long long)longest_us, (long long)longest->slow,
	    (long long)(SLOW_US / US_PER_MS));
	assert_int_equal(status, 0);
	t->db = database_connect(t);
	assert_int_equal(database_int(t->db, "SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM call)"
	    " + (SELECT count(*) FROM attendance) + (SELECT count(*) FROM delivery) + (SELECT count(*) FROM webhook)"),
	    0);
	assert_true(longest->cpu_us < LONGEST_CPU_US);
	assert_true(longest->held_us < LONGEST_US);
	munmap(longest, sizeof(*longest));
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, database_setup_users, database_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(others_get_the_lock_while_much_is_forgotten),
	};

	return (cmocka_run_group_tests_name("purge_lock", tests, NULL, NULL));
}
