/* signaling: what the API makes of the daemon's answers, and of nonsense in their place. */
#include <sys/socket.h>
#include <sys/un.h>
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

#include "../../fcgi-api/signaling.h"
#include "clock.h"
#include "directory.h"

#define LATE_MAX	100	/* answers: that slow is no machine */

struct daemon {
	char		dir[DIRECTORY_SIZE];
	char		path[DIRECTORY_SIZE + 16];
	struct conf	conf;
	struct signaling signaling;
	int		fd;
	pid_t		pid;	/* of the one that answers */
	int		late;	/* answers that came too late */
};

static int
setup(void **state)
{
	struct daemon *t = calloc(1, sizeof(*t));
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	directory_make(t->dir);
	snprintf(t->path, sizeof(t->path), "%s/ctl.sock", t->dir);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", t->path);
	signal(SIGPIPE, SIG_IGN);	/* who asks may have given up before it is answered */
	t->conf.control_socket = t->path;
	t->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(t->fd, (const struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(t->fd, 4), 0);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct daemon *t = *state;

	close(t->fd);
	directory_remove(t->dir);
	free(t);
	return 0;
}

/* In a process of its own: one connection, one line, this answer if the line is the expected one. */
static void
answer(struct daemon *t, const char *expected, const char *reply)
{
	char line[256] = "";
	size_t n = 0;
	int fd;

	t->pid = fork();
	assert_int_not_equal(t->pid, -1);
	if (t->pid != 0)
		return;
	fd = accept(t->fd, NULL, NULL);
	while (n < sizeof(line) - 1 && read(fd, line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	if (strcmp(line, expected) != 0 || write(fd, reply, strlen(reply)) == -1)
		_exit(1);
	_exit(0);
}

/*
 * It was asked what it expected; true if its answer counts, and is not to be asked for
 * again: a slow machine makes it come too late, whatever it is.
 */
static bool
answered(struct daemon *t)
{
	int status = -1;

	assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
	if (t->signaling.late_us[0] != 0) {
		assert_in_range(++t->late, 1, LATE_MAX);
		t->signaling.late_us[0] = 0;
		return false;
	}
	assert_int_equal(status, 0);
	return true;
}

static bool
ready(struct daemon *t, const char *reply)
{
	bool ok;

	do {
		answer(t, "{\"cmd\":\"ready\"}", reply);
		ok = signaling_ready(&t->conf, &t->signaling);
	} while (!answered(t));
	return ok;
}

static enum signaling_entry
enter(struct daemon *t, const char *reply, struct signaling_refusal *refusal_r)
{
	enum signaling_entry entry;

	do {
		answer(t, "{\"cmd\":\"entry\",\"meeting_id\":7,\"user_id\":8,\"address\":\"192.0.2.1\"}", reply);
		entry = signaling_may_enter(&t->conf, &t->signaling, 7, 8, "192.0.2.1", refusal_r);
	} while (!answered(t));
	return entry;
}

static bool
presence(struct daemon *t, const char *reply, struct buf *sessions)
{
	bool ok;

	do {
		answer(t, "{\"cmd\":\"presence\",\"meeting_id\":7}", reply);
		ok = signaling_presence(&t->conf, &t->signaling, 7, sessions);
	} while (!answered(t));
	return ok;
}

static const char *const nonsense[] = {
	"", "\n", "hello\n", "[]\n", "{}\n", "{\"ok\":false,\"error\":\"no\"}\n", "{\"ok\":1,\"sessions\":[]}\n",
};

static void
readiness_is_a_plain_yes(void **state)
{
	struct daemon *t = *state;

	assert_true(ready(t, "{\"ok\":true,\"sessions\":0}\n"));
	for (size_t i = 0; i < COUNTOF(nonsense); i++)
		assert_false(ready(t, nonsense[i]));
}

static void
sessions_come_byte_for_byte(void **state)
{
	struct daemon *t = *state;
	struct buf sessions = { 0 };

	buf_adds(&sessions, "what was there before");
	assert_true(presence(t, "{\"ok\":true, \"sessions\": [ {\"a\":1.50} ] }\n", &sessions));
	assert_string_equal(sessions.data, "[ {\"a\":1.50} ]");
	buf_free(&sessions);
}

static void
what_is_no_answer_is_no_presence(void **state)
{
	struct daemon *t = *state;
	struct buf sessions = { 0 };

	for (size_t i = 0; i < COUNTOF(nonsense); i++)
		assert_false(presence(t, nonsense[i], &sessions));
	assert_false(presence(t, "{\"ok\":true}\n", &sessions));
	assert_null(sessions.data);
}

static void
an_entry_is_open_or_refused_in_the_daemons_words(void **state)
{
	struct daemon *t = *state;
	struct signaling_refusal refusal;

	assert_int_equal(enter(t, "{\"ok\":true}\n", &refusal), SIGNALING_OPEN);
	assert_int_equal(enter(t, "{\"ok\":true,\"code\":\"room_full\",\"message\":\"full\"}\n", &refusal),
	    SIGNALING_REFUSED);
	assert_string_equal(refusal.code, "room_full");
	assert_string_equal(refusal.message, "full");
	for (size_t i = 0; i < COUNTOF(nonsense); i++)
		assert_int_equal(enter(t, nonsense[i], &refusal), SIGNALING_DOWN);
}

static void
without_a_daemon_nobody_answers(void **state)
{
	struct daemon *t = *state;
	struct signaling_refusal refusal;
	struct buf sessions = { 0 };

	unlink(t->path);
	assert_false(signaling_ready(&t->conf, &t->signaling));
	assert_false(signaling_presence(&t->conf, &t->signaling, 7, &sessions));
	assert_int_equal(signaling_may_enter(&t->conf, &t->signaling, 7, 8, "192.0.2.1", &refusal), SIGNALING_DOWN);
}

/* Somebody has come, and waits to be accepted. */
static bool
asked(struct daemon *t)
{
	struct pollfd pfd = { .fd = t->fd, .events = POLLIN };
	int fd;

	if (poll(&pfd, 1, 0) != 1)
		return false;
	fd = accept(t->fd, NULL, NULL);
	assert_int_not_equal(fd, -1);
	close(fd);
	return true;
}

/* It listens, and nobody accepts. */
static void
a_daemon_that_hangs_is_asked_once_a_second(void **state)
{
	struct daemon *t = *state;
	struct signaling_refusal refusal;
	struct buf sessions = { 0 };
	int64_t begin_us = clock_mono_us();

	assert_false(signaling_ready(&t->conf, &t->signaling));
	assert_true(clock_mono_us() - begin_us >= 100 * US_PER_MS);
	assert_true(asked(t));
	assert_int_not_equal(t->signaling.late_us[0], 0);
	t->signaling.late_us[0] = clock_mono_us();	/* just now, however slow the machine is */
	assert_false(signaling_ready(&t->conf, &t->signaling));
	assert_false(signaling_presence(&t->conf, &t->signaling, 7, &sessions));
	assert_int_equal(signaling_may_enter(&t->conf, &t->signaling, 7, 8, "192.0.2.1", &refusal), SIGNALING_DOWN);
	assert_false(asked(t));
	t->signaling.late_us[0] -= SIGNALING_REST;
	assert_true(ready(t, "{\"ok\":true}\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(readiness_is_a_plain_yes, setup, teardown),
		cmocka_unit_test_setup_teardown(sessions_come_byte_for_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_answer_is_no_presence, setup, teardown),
		cmocka_unit_test_setup_teardown(an_entry_is_open_or_refused_in_the_daemons_words, setup, teardown),
		cmocka_unit_test_setup_teardown(a_daemon_that_hangs_is_asked_once_a_second, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_daemon_nobody_answers, setup, teardown),
	};

	return cmocka_run_group_tests_name("api_signaling", tests, NULL, NULL);
}
