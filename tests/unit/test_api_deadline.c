/* deadline: who is too slow is shut down, who is quick is left alone. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../fcgi-api/deadline.h"
#include "clock.h"

#define TIMEOUT	(40 * US_PER_MS)

struct pair {
	struct deadline	*deadline;
	int		 ours, theirs;
};

static int
setup(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));
	int fd[2];

	p->deadline = deadline_new(TIMEOUT);
	if (p->deadline == NULL || socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)
		return -1;
	p->ours = fd[0];
	p->theirs = fd[1];
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct pair *p = *state;

	deadline_free(&p->deadline);
	close(p->ours);
	close(p->theirs);
	free(p);
	return 0;
}

/* Nothing but time passes; signals may come meanwhile. */
static void
let_pass(int64_t us)
{
	int64_t until_us = clock_mono_us() + us, left_us;

	while ((left_us = until_us - clock_mono_us()) > 0)
		poll(NULL, 0, (int)(left_us / US_PER_MS) + 1);
}

/* ThreadSanitizer keeps a signal for later while read(2) or send(2) waits, but not while poll(2) does. */
static void
await(int fd, short events)
{
#if defined(__SANITIZE_THREAD__)
	struct pollfd wanted = { .fd = fd, .events = events };

	while (poll(&wanted, 1, -1) < 0)
		;
#else
	(void)fd;
	(void)events;
#endif
}

static void
a_read_that_takes_too_long_ends_and_something_may_still_be_said(void **state)
{
	struct pair *p = *state;
	int64_t begin_us = clock_mono_us();
	char c;

	deadline_begin(p->deadline, p->ours, SHUT_RD);
	await(p->ours, POLLIN);
	assert_int_equal(read(p->ours, &c, 1), 0);
	assert_true(clock_mono_us() - begin_us >= TIMEOUT);
	deadline_end(p->deadline);
	assert_int_equal(write(p->ours, "x", 1), 1);
	assert_int_equal(read(p->theirs, &c, 1), 1);
}

static void
a_write_that_nobody_takes_ends(void **state)
{
	struct pair *p = *state;
	char much[65536] = "";
	ssize_t n;

	deadline_begin(p->deadline, p->ours, SHUT_RDWR);
	while ((n = send(p->ours, much, sizeof(much), MSG_NOSIGNAL)) > 0)
		await(p->ours, POLLOUT);
	assert_int_equal(n, -1);
	assert_int_equal(errno, EPIPE);
	deadline_end(p->deadline);
}

static void
who_is_done_in_time_is_left_alone(void **state)
{
	struct pair *p = *state;
	char c;

	deadline_begin(p->deadline, p->ours, SHUT_RDWR);
	deadline_end(p->deadline);
	let_pass(2 * TIMEOUT);
	assert_int_equal(write(p->theirs, "x", 1), 1);
	assert_int_equal(read(p->ours, &c, 1), 1);
}

/* The timer is still that of the first: the second has its whole time nevertheless, and no more. */
static void
the_next_one_has_a_time_of_its_own(void **state)
{
	struct pair *p = *state;
	int64_t begin_us;
	char c;

	deadline_begin(p->deadline, p->ours, SHUT_RD);
	deadline_end(p->deadline);
	let_pass(TIMEOUT / 2);
	begin_us = clock_mono_us();
	deadline_begin(p->deadline, p->ours, SHUT_RD);
	await(p->ours, POLLIN);
	assert_int_equal(read(p->ours, &c, 1), 0);
	assert_true(clock_mono_us() - begin_us >= TIMEOUT);
	deadline_end(p->deadline);
}

/* Inherited from whoever started the program: then no time would ever be up. */
static void
a_signal_that_was_blocked_before_comes_all_the_same(void **state)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	assert_int_equal(setup(state), 0);
	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &set), 0);
	assert_int_equal(sigismember(&set, SIGALRM), 0);
	a_read_that_takes_too_long_ends_and_something_may_still_be_said(state);
	teardown(state);
}

static void
a_signal_from_elsewhere_ends_nothing(void **state)
{
	struct pair *p = *state;
	char c;

	deadline_begin(p->deadline, p->ours, SHUT_RD);
	assert_int_equal(kill(getpid(), SIGALRM), 0);
	assert_int_equal(write(p->theirs, "x", 1), 1);
	assert_int_equal(read(p->ours, &c, 1), 1);
	deadline_end(p->deadline);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_read_that_takes_too_long_ends_and_something_may_still_be_said, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(a_write_that_nobody_takes_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(who_is_done_in_time_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(the_next_one_has_a_time_of_its_own, setup, teardown),
		cmocka_unit_test(a_signal_that_was_blocked_before_comes_all_the_same),
		cmocka_unit_test_setup_teardown(a_signal_from_elsewhere_ends_nothing, setup, teardown),
	};

	return cmocka_run_group_tests_name("deadline", tests, NULL, NULL);
}
