/* tally: what the workers count, each in its place, and what is told of all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../fcgi-api/tally.h"

static const struct conf conf = { .database = (char[]){ "/nowhere/unio.db" }, .workers = 3 };

static struct buf
told(const struct tally *tally)
{
	struct buf out = { 0 };

	tally_write(tally, &conf, getpid(), &out);
	return out;
}

static void
expect(const struct tally *tally, const char *line)
{
	struct buf out = told(tally);

	if (strstr(out.data, line) == NULL)
		fail_msg("not told: %s", line);
	buf_free(&out);
}

static void
count(struct tally *tally, size_t worker, size_t route, int status, const char *code)
{
	const struct reply reply = { .status = status, .code = code };

	tally_request(tally_worker(tally, worker), route_at(route), &reply, 10, 2000);
}

static void
there_is_a_place_for_every_route(void **state)
{
	(void)state;
	assert_true(route_count() < TALLY_ROUTES);
	assert_null(route_at(route_count()));
}

static void
all_workers_are_added_up(void **state)
{
	struct tally *tally = tally_new();

	(void)state;
	tally_started(tally, 0, getpid());
	tally_started(tally, 2, getpid());
	count(tally, 0, 0, 200, NULL);
	count(tally, 2, 0, 200, NULL);
	count(tally, 2, 1, 503, "database_busy");
	tally_busy(tally_worker(tally, 2), true);
	tally_lock(tally_worker(tally, 0), 400);
	expect(tally, "unio_api_request_duration_seconds_count{method=\"GET\",route=\"/api/health\"} 2\n");
	expect(tally, "unio_api_request_duration_seconds_sum{method=\"GET\",route=\"/api/health\"} 0.004000\n");
	expect(tally, "unio_api_responses_total{status=\"200\"} 2\n");
	expect(tally, "unio_api_errors_total{code=\"database_busy\"} 1\n");
	expect(tally, "unio_api_response_bytes_total 30\n");
	expect(tally, "unio_api_workers 2\n");
	expect(tally, "unio_api_workers_busy 1\n");
	expect(tally, "unio_api_database_lock_seconds_count 1\n");
	tally_free(&tally);
}

static void
what_has_no_name_of_its_own_is_other(void **state)
{
	struct tally *tally = tally_new();

	(void)state;
	tally_started(tally, 0, getpid());
	count(tally, 0, route_count(), 418, "no_such_code");
	expect(tally, "unio_api_request_duration_seconds_count{method=\"other\",route=\"other\"} 1\n");
	expect(tally, "unio_api_responses_total{status=\"other\"} 1\n");
	expect(tally, "unio_api_errors_total{code=\"other\"} 1\n");
	tally_free(&tally);
}

static void
a_worker_that_is_killed_takes_nothing_with_it(void **state)
{
	struct tally *tally = tally_new();
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		tally_busy(tally_worker(tally, 0), true);
		count(tally, 0, 0, 200, NULL);
		raise(SIGKILL);
	}
	tally_started(tally, 0, pid);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	tally_ended(tally, 0, TALLY_KILLED);
	expect(tally, "unio_api_responses_total{status=\"200\"} 1\n");
	expect(tally, "unio_api_workers_busy 0\n");
	expect(tally, "unio_api_workers 0\n");
	expect(tally, "unio_api_worker_ends_total{reason=\"killed\"} 1\n");
	tally_started(tally, 0, getpid());
	count(tally, 0, 0, 200, NULL);
	expect(tally, "unio_api_responses_total{status=\"200\"} 2\n");
	tally_free(&tally);
}

static void
without_a_tally_nothing_is_counted(void **state)
{
	(void)state;
	assert_null(tally_worker(NULL, 5));
	count(NULL, 0, 0, 200, NULL);
	tally_busy(NULL, true);
	tally_lock(NULL, 1);
	tally_started(NULL, 0, 1);
	tally_ended(NULL, 0, TALLY_EXITED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_a_place_for_every_route),
		cmocka_unit_test(all_workers_are_added_up),
		cmocka_unit_test(what_has_no_name_of_its_own_is_other),
		cmocka_unit_test(a_worker_that_is_killed_takes_nothing_with_it),
		cmocka_unit_test(without_a_tally_nothing_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
