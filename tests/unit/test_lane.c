/* lane: one at a time, in their order, whoever dies; and what db_begin() makes of it. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "database.h"
#include "lane.h"

#define SHORT	(20 * US_PER_MS)
#define LONG	(10 * SECOND)

static int
setup(void **state)
{
	*state = lane_new();
	return *state == NULL;
}

static int
teardown(void **state)
{
	lane_free((struct lane **)state);
	assert_null(*state);
	return 0;
}

/* The process sleeps in a futex: it waits in the lane. */
static void
await_waiting(pid_t pid)
{
	int64_t deadline_us = clock_mono_us() + LONG;
	char path[64], call[32] = "";

	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	while (strncmp(call, "202 ", 4) != 0 && strncmp(call, "98 ", 3) != 0) {	/* futex on x86-64, on arm64 */
		FILE *file = fopen(path, "r");

		assert_non_null(file);
		if (fgets(call, sizeof(call), file) == NULL)
			call[0] = '\0';
		fclose(file);
		assert_true(clock_mono_us() < deadline_us);
		usleep(1000);
	}
}

static void
await_end(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
there_is_never_more_than_one_in_it(void **state)
{
	struct lane *lane = *state;
	int volatile *inside = mmap(NULL, sizeof(*inside), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[4];

	assert_true(inside != MAP_FAILED);
	for (size_t i = 0; i < COUNTOF(pids); i++) {
		if ((pids[i] = fork()) != 0)
			continue;
		for (int n = 0; n < 2000; n++) {
			if (lane_enter(lane, LONG) != 1 || *inside != 0)
				_exit(1);
			*inside = 1;
			for (volatile int pause = 0; pause < 100; pause++)
				;
			*inside = 0;
			lane_leave(lane);
		}
		_exit(0);
	}
	for (size_t i = 0; i < COUNTOF(pids); i++)
		await_end(pids[i]);
	munmap((void *)(uintptr_t)inside, sizeof(*inside));
}

static void
who_came_first_is_next(void **state)
{
	struct lane *lane = *state;
	char order[5] = "";
	pid_t pids[3];
	int out[2];

	assert_int_equal(pipe(out), 0);
	assert_int_equal(lane_enter(lane, LONG), 1);
	for (size_t i = 0; i < COUNTOF(pids); i++) {
		if ((pids[i] = fork()) == 0) {
			if (lane_enter(lane, LONG) != 1 || write(out[1], &"abc"[i], 1) != 1)
				_exit(1);
			lane_leave(lane);
			_exit(0);
		}
		await_waiting(pids[i]);
	}
	lane_leave(lane);
	assert_int_equal(lane_enter(lane, LONG), 1);	/* who leaves may come again, behind the others */
	assert_int_equal(write(out[1], "d", 1), 1);
	lane_leave(lane);
	for (size_t i = 0; i < COUNTOF(pids); i++)
		await_end(pids[i]);
	assert_int_equal(read(out[0], order, 4), 4);
	assert_string_equal(order, "abcd");
	close(out[0]);
	close(out[1]);
}

static void
without_a_lane_nobody_waits(void **state)
{
	(void)state;
	assert_int_equal(lane_enter(NULL, LONG), -1);
	lane_leave(NULL);
}

/* A second connection of the same process would wait for the first for ever. */
static void
who_is_inside_does_not_queue_again(void **state)
{
	struct lane *lane = *state;

	assert_int_equal(lane_enter(lane, LONG), 1);
	assert_int_equal(lane_enter(lane, LONG), -1);
	lane_leave(lane);
	assert_int_equal(lane_enter(lane, LONG), 1);
	lane_leave(lane);
}

/* Nobody gives away a turn that is another's. */
static void
who_is_not_inside_cannot_leave(void **state)
{
	struct lane *lane = *state;
	pid_t pid;

	lane_leave(lane);
	assert_int_equal(lane_enter(lane, LONG), 1);
	if ((pid = fork()) == 0) {
		int turn = lane_enter(lane, SHORT);

		lane_leave(lane);
		_exit(turn == 0 && lane_enter(lane, SHORT) == 0 ? 0 : 1);
	}
	await_end(pid);
	lane_leave(lane);
}

/* A process that has the lane, until it is killed. */
static pid_t
occupy(struct lane *lane)
{
	pid_t pid;
	int in[2];
	char c;

	assert_int_equal(pipe(in), 0);
	if ((pid = fork()) == 0) {
		if (lane_enter(lane, LONG) != 1 || write(in[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(in[1]);
	assert_int_equal(read(in[0], &c, 1), 1);
	close(in[0]);
	return pid;
}

static void
kill_and_bury(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
who_waits_in_vain_is_told_so(void **state)
{
	struct lane *lane = *state;
	pid_t pid = occupy(lane);
	int64_t begin_us = clock_mono_us();

	assert_int_equal(lane_enter(lane, SHORT), 0);
	assert_true(clock_mono_us() - begin_us >= SHORT - US_PER_MS);
	kill_and_bury(pid);
}

static void
whoever_dies_in_it_leaves_it(void **state)
{
	struct lane *lane = *state;

	for (int i = 0; i < 3; i++) {
		kill_and_bury(occupy(lane));
		assert_int_equal(lane_enter(lane, LONG), 1);
		lane_leave(lane);
	}
}

/* ---- in front of the database ---- */

static struct db *
connect_with(const struct database *t, struct lane *lane, int64_t busy_timeout)
{
	struct db_options options = database_options(t);
	char error[256] = "";
	struct db *db;

	options.lane = lane;
	options.busy_timeout = busy_timeout;
	db = db_open(&options, error, sizeof(error));
	if (db == NULL)
		fail_msg("%s", error);
	return db;
}

static void
a_writer_whose_turn_does_not_come_is_busy_and_readers_do_not_queue(void **state)
{
	struct database *t = *state;
	struct lane *lane = lane_new();
	struct db *db = connect_with(t, lane, SHORT);
	pid_t pid = occupy(lane);

	assert_int_equal(db_begin(db, true), -1);
	assert_int_equal(db_error(db), DB_BUSY);
	assert_int_equal(db_begin(db, false), 0);
	assert_int_equal(db_commit(db), 0);
	kill_and_bury(pid);
	assert_int_equal(db_begin(db, true), 0);
	db_rollback(db);
	db_close(&db);
	lane_free(&lane);
}

/* Three parts of four in the lane, then the last at the database, which somebody else holds. */
static void
what_was_waited_in_the_lane_is_not_waited_again(void **state)
{
	struct database *t = *state;
	struct lane *lane = lane_new();
	struct db *db = connect_with(t, lane, SECOND);
	int64_t begin_us;
	pid_t pid;
	int in[2];
	char c;

	assert_int_equal(pipe(in), 0);
	if ((pid = fork()) == 0) {
		if (lane_enter(lane, LONG) != 1 || write(in[1], "", 1) != 1)
			_exit(1);
		usleep(750 * 1000);
		lane_leave(lane);
		_exit(0);
	}
	assert_int_equal(read(in[0], &c, 1), 1);
	assert_int_equal(db_begin(t->db, true), 0);
	begin_us = clock_mono_us();
	assert_int_equal(db_begin(db, true), -1);
	assert_int_equal(db_error(db), DB_BUSY);
	assert_in_range(clock_mono_us() - begin_us, 600 * US_PER_MS, 1400 * US_PER_MS);
	db_rollback(t->db);
	await_end(pid);
	close(in[0]);
	close(in[1]);
	db_close(&db);
	lane_free(&lane);
}

/* After commit, rollback, a beginning that failed, and the end of the connection. */
static void
the_lane_is_free_whenever_no_transaction_is_open(void **state)
{
	struct database *t = *state;
	struct lane *lane = lane_new();
	struct db *db = connect_with(t, lane, SHORT);

	assert_int_equal(db_begin(db, true), 0);
	assert_true(db_within(db));
	assert_int_equal(db_commit(db), 0);
	assert_int_equal(lane_enter(lane, SHORT), 1);
	lane_leave(lane);

	assert_int_equal(db_begin(db, true), 0);
	db_rollback(db);
	assert_false(db_within(db));
	assert_int_equal(lane_enter(lane, SHORT), 1);
	lane_leave(lane);

	assert_int_equal(db_begin(t->db, true), 0);	/* which knows nothing of the lane */
	assert_int_equal(db_begin(db, true), -1);
	assert_int_equal(db_error(db), DB_BUSY);
	db_rollback(t->db);
	assert_int_equal(lane_enter(lane, SHORT), 1);
	lane_leave(lane);

	assert_int_equal(db_begin(db, true), 0);
	db_close(&db);
	assert_int_equal(lane_enter(lane, SHORT), 1);
	lane_leave(lane);
	lane_free(&lane);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(there_is_never_more_than_one_in_it, setup, teardown),
		cmocka_unit_test_setup_teardown(who_came_first_is_next, setup, teardown),
		cmocka_unit_test(without_a_lane_nobody_waits),
		cmocka_unit_test_setup_teardown(who_is_inside_does_not_queue_again, setup, teardown),
		cmocka_unit_test_setup_teardown(who_is_not_inside_cannot_leave, setup, teardown),
		cmocka_unit_test_setup_teardown(who_waits_in_vain_is_told_so, setup, teardown),
		cmocka_unit_test_setup_teardown(whoever_dies_in_it_leaves_it, setup, teardown),
		cmocka_unit_test_setup_teardown(a_writer_whose_turn_does_not_come_is_busy_and_readers_do_not_queue,
		    database_setup, database_teardown),
		cmocka_unit_test_setup_teardown(what_was_waited_in_the_lane_is_not_waited_again, database_setup,
		    database_teardown),
		cmocka_unit_test_setup_teardown(the_lane_is_free_whenever_no_transaction_is_open, database_setup,
		    database_teardown),
	};

	return cmocka_run_group_tests_name("lane", tests, NULL, NULL);
}
