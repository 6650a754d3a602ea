/* bus: the wake-up over ZeroMQ. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bus.h"
#include "clock.h"
#include "directory.h"
#include "log.h"

#define PATIENCE	(10 * US_PER_S)

struct wire {
	char		 dir[DIRECTORY_SIZE];
	char		 path[96];
	char		 endpoint[128];
	struct bus	*receiver;
	struct bus	*sender;
};

static struct bus *
receive_on(const struct wire *t)
{
	char		 error[256] = "";
	struct bus	*bus = bus_receiver_open(t->endpoint, error, sizeof(error));

	if (bus == NULL)
		fail_msg("%s", error);
	return (bus);
}

static int
setup(void **state)
{
	struct wire	*t = calloc(1, sizeof(*t));

	log_open("test", LOG_TARGET_STDERR, LOG_FORMAT_KV, LOG_LEVEL_ERROR);
	directory_make(t->dir);
	snprintf(t->path, sizeof(t->path), "%s/wake.sock", t->dir);
	snprintf(t->endpoint, sizeof(t->endpoint), "ipc://%s", t->path);
	*state = t;
	return (0);
}

static int
teardown(void **state)
{
	struct wire	*t = *state;

	bus_close(&t->sender);
	bus_close(&t->receiver);
	directory_remove(t->dir);
	free(t);
	return (0);
}

/* Waits as an event loop does: for the descriptor, then drains; true if woken in that time. */
static bool
woken_within(struct bus *bus, int64_t timeout_us)
{
	struct pollfd	pfd = { .fd = bus_fd(bus), .events = POLLIN };
	int64_t		deadline = clock_mono_us() + timeout_us;

	do {
		if (bus_drain(bus))
			return (true);
		poll(&pfd, 1, 20);
	} while (clock_mono_us() < deadline);
	return (false);
}

/* The sender connects in its own time; until then a wake-up may be lost, as is its right. */
static void
wake_until_woken(struct wire *t)
{
	for (int64_t deadline = clock_mono_us() + PATIENCE; clock_mono_us() < deadline;) {
		bus_wake(t->sender);
		if (woken_within(t->receiver, 50 * US_PER_MS))
			return;
	}
	fail_msg("no wake-up arrived");
}

static void
a_wake_up_arrives(void **state)
{
	struct wire	*t = *state;

	t->receiver = receive_on(t);
	assert_false(bus_drain(t->receiver));
	t->sender = bus_sender_open(t->endpoint);
	assert_non_null(t->sender);
	bus_wake(t->sender);
	assert_true(woken_within(t->receiver, PATIENCE));
}

static void
a_drain_takes_all_and_the_descriptor_tells_of_the_next(void **state)
{
	struct wire	*t = *state;

	t->receiver = receive_on(t);
	t->sender = bus_sender_open(t->endpoint);
	for (int i = 0; i < 5; i++)
		bus_wake(t->sender);
	assert_true(woken_within(t->receiver, PATIENCE));
	while (woken_within(t->receiver, 50 * US_PER_MS))
		;
	for (int i = 0; i < 20; i++) {
		bus_wake(t->sender);
		assert_true(woken_within(t->receiver, PATIENCE));
	}
}

static void
a_sender_without_a_receiver_never_waits(void **state)
{
	struct wire	*t = *state;
	int64_t		 began = clock_mono_us();

	t->sender = bus_sender_open(t->endpoint);
	assert_non_null(t->sender);
	for (int i = 0; i < 1000; i++)
		bus_wake(t->sender);
	bus_close(&t->sender);
	assert_true(clock_mono_us() - began < 2 * US_PER_S);
}

static void
a_sender_that_was_there_first_finds_the_receiver(void **state)
{
	struct wire	*t = *state;

	t->sender = bus_sender_open(t->endpoint);
	bus_wake(t->sender);
	t->receiver = receive_on(t);
	wake_until_woken(t);
}

static void
a_sender_finds_a_receiver_that_came_back(void **state)
{
	struct wire	*t = *state;

	t->receiver = receive_on(t);
	t->sender = bus_sender_open(t->endpoint);
	wake_until_woken(t);
	bus_close(&t->receiver);
	t->receiver = receive_on(t);
	wake_until_woken(t);
}

static void
a_bus_that_is_none_does_nothing(void **state)
{
	struct bus	*none = NULL;

	(void)state;
	bus_wake(none);
	bus_close(&none);
	assert_null(bus_sender_open("no endpoint at all"));
}

static void
the_socket_is_for_its_owner_and_group_alone(void **state)
{
	struct wire	*t = *state;
	struct stat	 st;
	mode_t		 mask = umask(0022);

	t->receiver = receive_on(t);
	assert_int_equal(umask(mask), 0022);
	assert_int_equal(stat(t->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
}

static void
a_second_receiver_is_refused_and_the_first_goes_on(void **state)
{
	struct wire	*t = *state;
	char		 error[256] = "";

	t->receiver = receive_on(t);
	assert_null(bus_receiver_open(t->endpoint, error, sizeof(error)));
	assert_non_null(strstr(error, "another program"));
	assert_int_equal(access(t->path, F_OK), 0);
	t->sender = bus_sender_open(t->endpoint);
	wake_until_woken(t);
}

static void
a_receiver_that_was_killed_leaves_its_place(void **state)
{
	struct wire	*t = *state;
	int		 ready[2], status;
	char		 byte;
	pid_t		 pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		t->receiver = receive_on(t);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(ready[0]);
	close(ready[1]);
	assert_int_equal(access(t->path, F_OK), 0);
	t->receiver = receive_on(t);
	t->sender = bus_sender_open(t->endpoint);
	wake_until_woken(t);
}

static void
a_deleted_socket_breaks_nothing_and_can_be_bound_again(void **state)
{
	struct wire	*t = *state;

	t->receiver = receive_on(t);
	t->sender = bus_sender_open(t->endpoint);
	wake_until_woken(t);
	assert_int_equal(unlink(t->path), 0);
	bus_wake(t->sender);	/* the connection stands */
	assert_true(woken_within(t->receiver, PATIENCE));
	bus_close(&t->receiver);
	t->receiver = receive_on(t);
	assert_int_equal(access(t->path, F_OK), 0);
	wake_until_woken(t);
}

static void
a_place_that_cannot_be_bound_is_said(void **state)
{
	struct wire	*t = *state;
	char		 error[256] = "", endpoint[160];

	snprintf(endpoint, sizeof(endpoint), "ipc://%s/no/such/place.sock", t->dir);
	assert_null(bus_receiver_open(endpoint, error, sizeof(error)));
	assert_non_null(strstr(error, "place.sock"));
	assert_null(bus_receiver_open("carrier-pigeon://here", error, sizeof(error)));
	assert_non_null(strstr(error, "carrier-pigeon"));
}

static void
any_number_of_senders_reach_one_receiver(void **state)
{
	struct wire	*t = *state;
	struct bus	*sender;

	t->receiver = receive_on(t);
	for (int i = 0; i < 10; i++) {
		sender = bus_sender_open(t->endpoint);
		assert_non_null(sender);
		bus_wake(sender);
		assert_true(woken_within(t->receiver, PATIENCE));
		bus_close(&sender);
	}
}

#define T(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		T(a_wake_up_arrives),
		T(a_drain_takes_all_and_the_descriptor_tells_of_the_next),
		T(a_sender_without_a_receiver_never_waits),
		T(a_sender_that_was_there_first_finds_the_receiver),
		T(a_sender_finds_a_receiver_that_came_back),
		T(a_bus_that_is_none_does_nothing),
		T(the_socket_is_for_its_owner_and_group_alone),
		T(a_second_receiver_is_refused_and_the_first_goes_on),
		T(a_receiver_that_was_killed_leaves_its_place),
		T(a_deleted_socket_breaks_nothing_and_can_be_bound_again),
		T(a_place_that_cannot_be_bound_is_said),
		T(any_number_of_senders_reach_one_receiver),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
