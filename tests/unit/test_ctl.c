/* ctl: one line to the daemon's control socket, one line back. */
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "ctl.h"
#include "directory.h"
#include "sizes.h"

#define PATIENCE	(10 * US_PER_S)

struct server {
	char	dir[DIRECTORY_SIZE];
	char	path[96];
	int	fd;
	pid_t	pid;	/* of the one that answers, or 0 */
};

static int
setup(void **state)
{
	struct server		*t = calloc(1, sizeof(*t));
	struct sockaddr_un	 sun = { .sun_family = AF_UNIX };

	directory_make(t->dir);
	snprintf(t->path, sizeof(t->path), "%s/ctl.sock", t->dir);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", t->path);
	t->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(t->fd, (const struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(t->fd, 0), 0);
	*state = t;
	return (0);
}

static int
teardown(void **state)
{
	struct server	*t = *state;

	if (t->pid > 0) {
		kill(t->pid, SIGKILL);
		waitpid(t->pid, NULL, 0);
	}
	close(t->fd);
	directory_remove(t->dir);
	free(t);
	return (0);
}

/* In a process of its own: takes one connection and one line, writes the parts one by one, hangs up. */
static void
answer(struct server *t, const char *const *parts, size_t n)
{
	char	byte = '\0';
	int	fd;

	t->pid = fork();
	assert_int_not_equal(t->pid, -1);
	if (t->pid != 0)
		return;
	fd = accept(t->fd, NULL, NULL);
	while (byte != '\n' && read(fd, &byte, 1) == 1)
		;
	for (size_t i = 0; i < n; i++) {
		if (write(fd, parts[i], strlen(parts[i])) == -1)
			_exit(1);
		usleep(1000);
	}
	_exit(0);
}

static void
assert_request(const struct server *t, const char *expected)
{
	struct buf	reply = { 0 };

	buf_adds(&reply, "what was there before");
	assert_int_equal(ctl_request(t->path, "{\"cmd\":\"ready\"}", PATIENCE, &reply), 0);
	assert_string_equal(reply.data, expected);
	buf_free(&reply);
}

static void
assert_fails(const char *path, int64_t timeout_us, int expected)
{
	struct buf	reply = { 0 };
	int		rc;

	errno = 0;
	rc = ctl_request(path, "{\"cmd\":\"ready\"}", timeout_us, &reply);
	assert_int_equal(rc, -1);
	assert_int_equal(errno, expected);
	assert_null(reply.data);
}

static void
the_reply_is_one_line_without_its_newline(void **state)
{
	answer(*state, (const char *[]){ "{\"ok\":true}\n" }, 1);
	assert_request(*state, "{\"ok\":true}");
}

static void
a_reply_in_pieces_is_put_together(void **state)
{
	answer(*state, (const char *[]){ "{\"ok\"", ":", "true}", "\nrest" }, 4);
	assert_request(*state, "{\"ok\":true}");
}

static void
a_large_reply_arrives_whole(void **state)
{
	struct buf	big = { 0 }, reply = { 0 };

	for (int i = 0; i < 50000; i++)
		buf_adds(&big, "0123456789");
	buf_addc(&big, '\n');
	answer(*state, (const char *[]){ big.data }, 1);
	assert_int_equal(ctl_request(((struct server *)*state)->path, "{}", PATIENCE, &reply), 0);
	assert_int_equal(reply.len, 500000);
	buf_free(&big);
	buf_free(&reply);
}

static void
a_reply_without_end_is_refused_at_the_limit(void **state)
{
	struct buf	big = { 0 };

	for (int i = 0; i < 2 * LIMIT_CTL_LINE / 10; i++)
		buf_adds(&big, "0123456789");
	answer(*state, (const char *[]){ big.data }, 1);
	assert_fails(((struct server *)*state)->path, PATIENCE, EMSGSIZE);
	buf_free(&big);
}

static void
a_server_that_hangs_up_before_the_newline_is_a_protocol_error(void **state)
{
	answer(*state, (const char *[]){ "{\"ok\":" }, 1);
	assert_fails(((struct server *)*state)->path, PATIENCE, EPROTO);
}

static void
a_silent_server_times_out_in_time(void **state)
{
	int64_t	began = clock_mono_us();

	assert_fails(((struct server *)*state)->path, 50 * US_PER_MS, ETIMEDOUT);
	assert_in_range(clock_mono_us() - began, 49 * US_PER_MS, 5 * US_PER_S);
}

static void
a_full_backlog_times_out_too(void **state)
{
	struct server		*t = *state;
	struct sockaddr_un	 sun = { .sun_family = AF_UNIX };
	int			 fd[8], n = 0;

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", t->path);
	do
		fd[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	while (connect(fd[n++], (const struct sockaddr *)&sun, sizeof(sun)) == 0 && n < 8);
	assert_fails(t->path, 50 * US_PER_MS, ETIMEDOUT);
	while (n > 0)
		close(fd[--n]);
}

static void
nobody_there_is_told_apart_from_nobody_listening(void **state)
{
	struct server	*t = *state;
	char		 path[128];

	snprintf(path, sizeof(path), "%s/none.sock", t->dir);
	assert_fails(path, PATIENCE, ENOENT);
	close(t->fd);
	t->fd = -1;
	assert_fails(t->path, PATIENCE, ECONNREFUSED);
}

static void
a_path_too_long_for_a_socket_is_refused(void **state)
{
	char	path[200];

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_fails(path, PATIENCE, ENAMETOOLONG);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		T(the_reply_is_one_line_without_its_newline),
		T(a_reply_in_pieces_is_put_together),
		T(a_large_reply_arrives_whole),
		T(a_reply_without_end_is_refused_at_the_limit),
		T(a_server_that_hangs_up_before_the_newline_is_a_protocol_error),
		T(a_silent_server_times_out_in_time),
		T(a_full_backlog_times_out_too),
		T(nobody_there_is_told_apart_from_nobody_listening),
		T(a_path_too_long_for_a_socket_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
