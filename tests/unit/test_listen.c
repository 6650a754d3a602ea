/* listen: the listening socket of a program. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "listen.h"

struct fixture {
	char dir[32];
	char path[64];
	char error[256];
};

static int
setup(void **state)
{
	struct fixture *t = calloc(1, sizeof(*t));

	snprintf(t->dir, sizeof(t->dir), "/tmp/unio-test-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	snprintf(t->path, sizeof(t->path), "%s/a.sock", t->dir);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *t = *state;

	unlink(t->path);
	rmdir(t->dir);
	free(t);
	return 0;
}

static int
listen_there(struct fixture *t)
{
	return listen_unix(t->path, t->error, sizeof(t->error));
}

static bool
can_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool connected;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	connected = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return connected;
}

static void
a_socket_is_for_us_and_our_group_whatever_the_umask(void **state)
{
	struct fixture *t = *state;
	mode_t mask = umask(0);
	struct stat status;
	int fd = listen_there(t);

	assert_int_equal(umask(mask), 0);
	assert_true(fd >= 0);
	assert_int_equal(stat(t->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0660);
	assert_true(can_connect(t->path));
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void
one_that_is_left_over_is_replaced(void **state)
{
	struct fixture *t = *state;
	int fd;

	close(listen_there(t));
	assert_false(can_connect(t->path));
	fd = listen_there(t);
	assert_true(fd >= 0);
	assert_true(can_connect(t->path));
	close(fd);
}

static void
one_that_somebody_listens_on_is_left_alone(void **state)
{
	struct fixture *t = *state;
	int fd = listen_there(t);

	assert_int_equal(listen_there(t), -1);
	assert_non_null(strstr(t->error, "another program listens there"));
	assert_true(can_connect(t->path));
	close(fd);
}

/* A process of its own: waits for the start, says whether it listens, and stays. */
static pid_t
start_one(struct fixture *t, const int start[2], int answer)
{
	pid_t pid = fork();
	char byte;

	if (pid != 0)
		return pid;
	close(start[1]);
	if (read(start[0], &byte, 1) == 0) {
		byte = listen_unix(t->path, t->error, sizeof(t->error)) >= 0 ? 'y' : 'n';
		if (write(answer, &byte, 1) == 1)
			pause();
	}
	_exit(1);
}

static void
of_many_that_start_at_the_same_instant_one_listens(void **state)
{
	struct fixture *t = *state;

	/* from the second round on over the socket that the first one left */
	for (int round = 0; round < 30; round++) {
		int start[2], answer[2], listening = 0;
		pid_t pid[4];
		char byte;

		assert_int_equal(pipe(start), 0);
		assert_int_equal(pipe(answer), 0);
		for (size_t i = 0; i < COUNTOF(pid); i++)
			pid[i] = start_one(t, start, answer[1]);
		close(start[0]);
		close(start[1]);	/* the last writing end: they all go */
		for (size_t i = 0; i < COUNTOF(pid); i++) {
			assert_int_equal(read(answer[0], &byte, 1), 1);
			listening += byte == 'y';
		}
		for (size_t i = 0; i < COUNTOF(pid); i++) {
			kill(pid[i], SIGKILL);
			assert_int_equal(waitpid(pid[i], NULL, 0), pid[i]);
		}
		close(answer[0]);
		close(answer[1]);
		assert_int_equal(listening, 1);
	}
}

static void
a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct fixture *t = *state;

	close(open(t->path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(listen_there(t), -1);
	assert_non_null(strstr(t->error, t->path));
	assert_int_equal(access(t->path, F_OK), 0);
}

static void
a_path_that_is_too_long_is_refused_by_name(void **state)
{
	struct fixture *t = *state;
	char path[256];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(listen_unix(path, t->error, sizeof(t->error)), -1);
	assert_non_null(strstr(t->error, "xxxx"));
}

/* In a process of its own, as a service manager would start it; true if it found the socket. */
static bool
child_inherits(int fd, int as, const char *count, bool right_pid)
{
	char pid_text[16];
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		bool found;

		dup2(fd, as);
		snprintf(pid_text, sizeof(pid_text), "%d", right_pid ? (int)getpid() : 1);
		setenv("LISTEN_PID", pid_text, 1);
		setenv("LISTEN_FDS", count, 1);
		found = listen_inherited() == as && (fcntl(as, F_GETFL) & O_NONBLOCK) != 0;
		_exit(found ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status) == 0;
}

static void
one_that_was_handed_over_is_found(void **state)
{
	struct fixture *t = *state;
	int fd = listen_there(t);

	assert_true(child_inherits(fd, 3, "1", true));
	assert_true(child_inherits(fd, 3, "2", true));
	assert_true(child_inherits(fd, 0, "0", true));
	close(fd);
}

static void
one_that_was_meant_for_another_is_not_taken(void **state)
{
	struct fixture *t = *state;
	int fd = listen_there(t);

	assert_false(child_inherits(fd, 3, "1", false));
	assert_false(child_inherits(fd, 3, "x", true));
	assert_false(child_inherits(fd, 3, "0", true));
	close(fd);
}

static void
what_does_not_listen_is_not_taken(void **state)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_false(child_inherits(fd, 3, "1", true));
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_socket_is_for_us_and_our_group_whatever_the_umask, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_is_left_over_is_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_somebody_listens_on_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(of_many_that_start_at_the_same_instant_one_listens, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_that_is_no_socket_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_path_that_is_too_long_is_refused_by_name, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_was_handed_over_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_was_meant_for_another_is_not_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(what_does_not_listen_is_not_taken, setup, teardown),
	};

	return cmocka_run_group_tests_name("listen", tests, NULL, NULL);
}
