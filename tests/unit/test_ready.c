/* ready: what the service manager is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "ready.h"

/* A manager: its socket, and what was said to it last. */
struct fixture {
	char	dir[32];
	char	path[64];
	int	fd;
	char	said[1024];
};

static int
setup(void **state)
{
	struct fixture *t = calloc(1, sizeof(*t));

	snprintf(t->dir, sizeof(t->dir), "/tmp/unio-test-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	snprintf(t->path, sizeof(t->path), "%s/notify", t->dir);
	t->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *t = *state;

	close(t->fd);
	unlink(t->path);
	rmdir(t->dir);
	free(t);
	return 0;
}

static void
listen_at(struct fixture *t, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = strlen(name);

	memcpy(address.sun_path, name, n);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(t->fd, (struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), 0);
	setenv("NOTIFY_SOCKET", name, 1);
}

static const char *
said(struct fixture *t)
{
	ssize_t n = recv(t->fd, t->said, sizeof(t->said) - 1, 0);

	t->said[n < 0 ? 0 : n] = '\0';
	return t->said;
}

static void
test_says_what_happens(void **state)
{
	struct fixture *t = *state;

	listen_at(t, t->path);
	ready_up("4 workers");
	assert_string_equal(said(t), "READY=1\nSTATUS=4 workers");
	ready_alive(NULL);
	assert_string_equal(said(t), "WATCHDOG=1");
	ready_stopping("going");
	assert_string_equal(said(t), "STOPPING=1\nSTATUS=going");
	assert_string_equal(said(t), "");
}

static void
test_a_reload_has_its_time(void **state)
{
	struct fixture *t = *state;
	int64_t before_us = clock_mono_us();
	long long at_us;

	listen_at(t, t->path);
	ready_reloading();
	assert_int_equal(sscanf(said(t), "RELOADING=1\nMONOTONIC_USEC=%lld", &at_us), 1);
	assert_in_range((uint64_t)at_us, (uint64_t)before_us, (uint64_t)clock_mono_us());
}

static void
test_the_abstract_namespace(void **state)
{
	struct fixture *t = *state;
	char name[64];

	snprintf(name, sizeof(name), "@unio-test-%d", (int)getpid());
	listen_at(t, name);
	ready_up(NULL);
	assert_string_equal(said(t), "READY=1");
}

static void
test_a_status_that_is_too_long_is_cut(void **state)
{
	struct fixture *t = *state;
	char status[2000];

	memset(status, 'x', sizeof(status) - 1);
	status[sizeof(status) - 1] = '\0';
	listen_at(t, t->path);
	ready_up(status);
	assert_memory_equal(said(t), "READY=1\nSTATUS=", strlen("READY=1\nSTATUS="));
	assert_in_range(strspn(t->said + strlen("READY=1\nSTATUS="), "x"), 100, sizeof(t->said) / 2);
}

static void
test_without_a_manager_nothing_happens(void **state)
{
	struct fixture *t = *state;

	ready_up("nobody listens");
	for (size_t i = 0; i < 3; i++) {
		setenv("NOTIFY_SOCKET", (const char *[]){ "", "vsock:2:1", "/nowhere/at/all" }[i], 1);
		ready_up("nobody listens");
		ready_reloading();
	}
	assert_string_equal(said(t), "");
}

static void
test_the_watchdog_is_fed_by_the_process_it_means(void **state)
{
	char pid[24];

	(void)state;
	assert_int_equal(ready_interval(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(ready_interval(), 15 * US_PER_S);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(ready_interval(), 15 * US_PER_S);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(ready_interval(), 0);
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", "soon", 1);
	assert_int_equal(ready_interval(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_says_what_happens, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_reload_has_its_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_abstract_namespace, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_status_that_is_too_long_is_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_a_manager_nothing_happens, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_watchdog_is_fed_by_the_process_it_means, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
