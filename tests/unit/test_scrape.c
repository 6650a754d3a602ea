/* scrape: what is answered to whom, and that nobody is waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <sys/socket.h>

#include "clock.h"
#include "directory.h"
#include "local.h"
#include "scrape.h"

#define GET		"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
#define LARGE		(4 * 1024 * 1024)	/* more than a socket takes at once */

struct fixture {
	char		 dir[DIRECTORY_SIZE];
	char		 path[64];
	size_t		 size;		/* of the figures */
	int		 asked;
	struct scrape	*scrape;
};

static void
tell(void *arg, struct buf *out)
{
	struct fixture *t = arg;

	t->asked++;
	memset(buf_reserve(out, t->size), 'x', t->size);
	out->len += t->size;
}

static int
setup(void **state)
{
	struct fixture *t = calloc(1, sizeof(*t));
	char error[256];

	t->size = 100;
	directory_make(t->dir);
	snprintf(t->path, sizeof(t->path), "%s/m.sock", t->dir);
	t->scrape = scrape_new(t->path, tell, t, error, sizeof(error));
	assert_non_null(t->scrape);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *t = *state;

	scrape_free(&t->scrape);
	assert_int_equal(access(t->path, F_OK), -1);
	directory_remove(t->dir);
	free(t);
	return 0;
}

static int
client(const struct fixture *t)
{
	struct local local;
	int fd;

	assert_true(local_parse(t->path, &local));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&local.address, local.size), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Turns until there is nothing to do for a moment. */
static void
turn(struct fixture *t)
{
	struct pollfd watch = { .fd = scrape_fd(t->scrape), .events = POLLIN };

	while (poll(&watch, 1, 20) > 0)
		scrape_turn(t->scrape);
}

/* Reads to the end, turning meanwhile; the bytes of it, the first of them in head_r. */
static size_t
read_all(struct fixture *t, int fd, char head_r[64])
{
	int64_t give_up_us = clock_mono_us() + 5 * US_PER_S;
	struct pollfd watch = { .fd = scrape_fd(t->scrape), .events = POLLIN };
	char part[65536];
	size_t total = 0;
	ssize_t n;

	while ((n = recv(fd, part, sizeof(part), 0)) != 0) {
		assert_true(clock_mono_us() < give_up_us);
		if (n > 0) {
			if (total == 0)
				snprintf(head_r, 64, "%.*s", 40, part);
			total += (size_t)n;
		} else if (poll(&watch, 1, 10) > 0) {
			scrape_turn(t->scrape);
		}
	}
	close(fd);
	return total;
}

static void
the_first_line_decides(void **state)
{
	static const struct {
		int		 status;
		const char	*text;
	} requests[] = {
		{ 200, GET },
		{ 200, "GET /metrics?x=y HTTP/1.0\r\n\r\n" },
		{ 0, "" },
		{ 0, "GET /metrics HTTP/1.1\r\n" },
		{ 0, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r" },
		{ 404, "GET / HTTP/1.1\r\n\r\n" },
		{ 404, "GET /metricsx HTTP/1.1\r\n\r\n" },
		{ 404, "GET /metric HTTP/1.1\r\n\r\n" },
		{ 404, "GET http://x/metrics HTTP/1.1\r\n\r\n" },
		{ 405, "POST /metrics HTTP/1.1\r\n\r\n" },
		{ 405, "HEAD /metrics HTTP/1.1\r\n\r\n" },
		{ 405, "get /metrics HTTP/1.1\r\n\r\n" },
		{ 400, "GET /metrics\r\n\r\n" },
		{ 400, "GET /metrics HTTP/2.0\r\n\r\n" },
		{ 400, "GET /metrics HTTP/1.1 \r\n\r\n" },
		{ 400, " /metrics HTTP/1.1\r\n\r\n" },
		{ 400, "\r\n\r\n" },
		{ 400, "{\"cmd\":\"stats\"}\r\n\r\n" },
	};
	char endless[SCRAPE_REQUEST];

	(void)state;
	for (size_t i = 0; i < COUNTOF(requests); i++)
		if (scrape_status(requests[i].text, strlen(requests[i].text)) != requests[i].status)
			fail_msg("%s: not %d", requests[i].text, requests[i].status);
	assert_int_equal(scrape_status("GET /metrics HTTP/1.1\r\n\0\r\n\r\n", 28), 400);
	memset(endless, 'a', sizeof(endless));
	assert_int_equal(scrape_status(endless, sizeof(endless) - 1), 0);
	assert_int_equal(scrape_status(endless, sizeof(endless)), 400);
}

static void
a_request_in_pieces_is_answered_once(void **state)
{
	struct fixture *t = *state;
	char head[64];
	int fd = client(t);

	for (const char *p = GET; *p != '\0'; p++) {
		assert_int_equal(t->asked, 0);
		say(fd, (char[]){ *p, '\0' });
		turn(t);
	}
	assert_true(read_all(t, fd, head) > t->size);
	assert_memory_equal(head, "HTTP/1.1 200 OK\r\n", 17);
	assert_int_equal(t->asked, 1);
}

static void
what_is_large_comes_whole(void **state)
{
	struct fixture *t = *state;
	char head[64];
	int fd = client(t);

	t->size = LARGE;
	say(fd, GET);
	assert_true(read_all(t, fd, head) > LARGE);
}

static void
others_are_served_while_some_are_slow(void **state)
{
	struct fixture *t = *state;
	int slow[SCRAPE_CLIENTS - 1], fd;
	char head[64];

	t->size = LARGE;
	for (size_t i = 0; i < COUNTOF(slow); i++) {
		slow[i] = client(t);
		if (i % 2 == 0)
			say(slow[i], GET);
		turn(t);
	}
	t->size = 100;
	fd = client(t);
	say(fd, GET);
	assert_in_range(read_all(t, fd, head), 100, 1000);
	for (size_t i = 0; i < COUNTOF(slow); i++)
		close(slow[i]);
}

static void
one_too_many_waits_until_there_is_a_place(void **state)
{
	struct fixture *t = *state;
	int silent[SCRAPE_CLIENTS], fd;
	char head[64], byte;

	for (size_t i = 0; i < COUNTOF(silent); i++)
		silent[i] = client(t);
	fd = client(t);
	say(fd, GET);
	turn(t);
	assert_int_equal(recv(fd, &byte, 1, 0), -1);
	close(silent[3]);
	assert_true(read_all(t, fd, head) > t->size);
	for (size_t i = 0; i < COUNTOF(silent); i++)
		if (i != 3)
			close(silent[i]);
}

static void
who_hangs_up_early_leaves_nothing_behind(void **state)
{
	struct fixture *t = *state;
	char head[64];
	int fd;

	for (int i = 0; i < 5 * SCRAPE_CLIENTS; i++) {
		fd = client(t);
		if (i % 3 > 0)
			say(fd, i % 3 == 1 ? "GET /met" : GET);
		close(fd);
		turn(t);
	}
	fd = client(t);
	say(fd, GET);
	assert_true(read_all(t, fd, head) > t->size);
}

static void
an_address_that_is_taken_or_not_local_is_said(void **state)
{
	struct fixture *t = *state;
	char error[256];

	assert_null(scrape_new(t->path, tell, t, error, sizeof(error)));
	assert_non_null(strstr(error, "another program listens there"));
	assert_null(scrape_new("0.0.0.0:1", tell, t, error, sizeof(error)));
	assert_non_null(strstr(error, "0.0.0.0:1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_line_decides),
		cmocka_unit_test_setup_teardown(a_request_in_pieces_is_answered_once, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_large_comes_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(others_are_served_while_some_are_slow, setup, teardown),
		cmocka_unit_test_setup_teardown(one_too_many_waits_until_there_is_a_place, setup, teardown),
		cmocka_unit_test_setup_teardown(who_hangs_up_early_leaves_nothing_behind, setup, teardown),
		cmocka_unit_test_setup_teardown(an_address_that_is_taken_or_not_local_is_said, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
