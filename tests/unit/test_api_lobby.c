/* lobby: who is not whole yet waits, and is told apart from who is, from who is too long, and from who is gone. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../fcgi-api/lobby.h"
#include "clock.h"

#define TIMEOUT	(40 * US_PER_MS)
#define BEGIN	1, 1, 0, 7, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
#define PARAMS	1, 4, 0, 7, 0, 3, 5, 0, 1, 0, 'A', 0, 0, 0, 0, 0	/* one variable, and padding */
#define NO_MORE	1, 4, 0, 7, 0, 0, 0, 0
#define BODY	1, 5, 0, 7, 0, 1, 0, 0, 'x'
#define END	1, 5, 0, 7, 0, 0, 0, 0

struct room {
	struct lobby	*lobby;
	int		 epoll_fd;
	int		 ours, theirs;
};

static int
setup(void **state)
{
	struct room *t = calloc(1, sizeof(*t));
	int fd[2];

	t->epoll_fd = epoll_create1(0);
	t->lobby = lobby_new(t->epoll_fd, TIMEOUT);
	if (t->epoll_fd < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)
		return -1;
	t->ours = fd[0];
	t->theirs = fd[1];
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct room *t = *state;

	lobby_free(&t->lobby);
	close(t->ours);		/* once more, where the lobby had it */
	close(t->theirs);
	close(t->epoll_fd);
	free(t);
	return 0;
}

/* At each length, so that no cut is taken for an end. */
static void
a_request_is_whole_with_its_last_byte_and_not_before(void **state)
{
	static const unsigned char request[] = { BEGIN, PARAMS, NO_MORE, BODY, END };
	struct room *t = *state;

	for (size_t i = 0; i < sizeof(request); i++) {
		assert_int_equal(lobby_look(t->lobby, t->ours), LOBBY_PART);
		assert_int_equal(write(t->theirs, &request[i], 1), 1);
	}
	assert_int_equal(lobby_look(t->lobby, t->ours), LOBBY_WHOLE);
	assert_int_equal(lobby_look(t->lobby, t->ours), LOBBY_WHOLE);	/* nothing was taken */
}

static void
what_ends_without_having_begun_or_is_of_another_request_is_not_whole(void **state)
{
	static const unsigned char requests[][40] = {
		{ END, END, END, END, END },
		{ BEGIN, NO_MORE, 1, 5, 0, 8, 0, 0, 0, 0, 1, 5, 7, 0, 0, 0, 0, 0 },
		{ BEGIN, END, NO_MORE, 1, 9, 0, 7, 0, 0, 0, 0 },
		{ NO_MORE, END, BEGIN, END },
	};
	struct room *t = *state;

	for (size_t i = 0; i < COUNTOF(requests); i++) {
		unsigned char seen[sizeof(requests[i])];

		assert_int_equal(write(t->theirs, requests[i], sizeof(requests[i])), sizeof(requests[i]));
		assert_int_equal(lobby_look(t->lobby, t->ours), LOBBY_PART);
		assert_int_equal(read(t->ours, seen, sizeof(seen)), sizeof(seen));
	}
}

static void
a_part_in_very_many_records_is_large(void **state)
{
	static const unsigned char begin[] = { BEGIN, PARAMS, NO_MORE }, part[] = { 1, 5, 0, 7, 0, 1, 0, 0, 'x' };
	struct room *t = *state;
	size_t i;

	assert_int_equal(write(t->theirs, begin, sizeof(begin)), sizeof(begin));
	for (i = 0; i < LOBBY_RECORDS - 2; i++) {
		assert_int_equal(lobby_look(t->lobby, t->ours), LOBBY_PART);
		assert_int_equal(write(t->theirs, part, sizeof(part)), sizeof(part));
	}
	assert_int_equal(lobby_look(t->lobby, t->ours), LOBBY_LARGE);
}

static void
what_is_no_fastcgi_or_closed_is_gone(void **state)
{
	struct room *t = *state;

	assert_int_equal(write(t->theirs, "GET / HTTP/1.1", 14), 14);
	assert_int_equal(lobby_look(t->lobby, t->ours), LOBBY_GONE);
	assert_int_equal(teardown(state), 0);
	assert_int_equal(setup(state), 0);
	t = *state;
	assert_int_equal(shutdown(t->theirs, SHUT_WR), 0);
	assert_int_equal(lobby_look(t->lobby, t->ours), LOBBY_GONE);
}

static void
what_no_front_server_sends_and_libfcgi_would_answer_is_gone(void **state)
{
	static const unsigned char requests[][32] = { { BEGIN, BEGIN }, { BEGIN, 1, 9, 0, 0, 0, 0, 0, 0, END } };
	struct room *t = *state;

	for (size_t i = 0; i < COUNTOF(requests); i++) {
		unsigned char seen[sizeof(requests[i])];

		assert_int_equal(write(t->theirs, requests[i], sizeof(requests[i])), sizeof(requests[i]));
		assert_int_equal(lobby_look(t->lobby, t->ours), LOBBY_GONE);
		assert_int_equal(read(t->ours, seen, sizeof(seen)), sizeof(seen));
	}
}

static void
what_is_long_is_not_waited_for_to_its_end(void **state)
{
	static const unsigned char head[] = { BEGIN, NO_MORE, 1, 5, 0, 7, 0xff, 0xff, 0, 0 };
	char much[LOBBY_LOOK] = "";
	struct room *t = *state;

	assert_int_equal(write(t->theirs, head, sizeof(head)), sizeof(head));
	assert_int_equal(write(t->theirs, much, sizeof(much) - sizeof(head) - 1), sizeof(much) - sizeof(head) - 1);
	assert_int_equal(lobby_look(t->lobby, t->ours), LOBBY_PART);
	assert_int_equal(write(t->theirs, much, 1), 1);
	assert_int_equal(lobby_look(t->lobby, t->ours), LOBBY_LARGE);
}

static void
who_waits_is_watched_and_handed_back_when_time_is_up(void **state)
{
	struct room *t = *state;
	struct epoll_event event;
	int64_t began_us = clock_mono_us();
	int fd;

	assert_int_equal(lobby_patience(t->lobby), -1);
	lobby_add(t->lobby, t->ours);
	assert_true(lobby_has(t->lobby, t->ours));
	assert_in_range(lobby_patience(t->lobby), 1, TIMEOUT / US_PER_MS + 1);
	assert_int_equal(lobby_late(t->lobby), -1);
	assert_int_equal(write(t->theirs, "x", 1), 1);
	assert_int_equal(epoll_wait(t->epoll_fd, &event, 1, -1), 1);
	assert_int_equal(event.data.fd, t->ours);
	assert_int_equal(epoll_wait(t->epoll_fd, &event, 1, 0), 0);	/* once for what came */
	while ((fd = lobby_late(t->lobby)) == -1)
		epoll_wait(t->epoll_fd, &event, 1, lobby_patience(t->lobby));
	assert_int_equal(fd, t->ours);
	assert_true(clock_mono_us() - began_us >= TIMEOUT);
	assert_false(lobby_has(t->lobby, fd));
	assert_int_equal(write(t->theirs, "x", 1), 1);
	assert_int_equal(epoll_wait(t->epoll_fd, &event, 1, 0), 0);
}

static void
one_too_many_sends_the_oldest_away(void **state)
{
	struct room *t = *state;
	int first = dup(t->ours), fd = -1;
	char c;

	lobby_add(t->lobby, first);
	close(t->ours);
	t->ours = -1;
	for (int i = 0; i < LOBBY_PLACES; i++) {
		int pair[2];

		assert_true(lobby_has(t->lobby, first));
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		lobby_add(t->lobby, fd = pair[0]);
		close(pair[1]);
	}
	assert_int_equal(read(t->theirs, &c, 1), 0);
	lobby_remove(t->lobby, fd);
	assert_false(lobby_has(t->lobby, fd));
	close(fd);
	for (int i = 1; i < LOBBY_PLACES; i++)
		assert_true(lobby_drop(t->lobby));
	assert_false(lobby_drop(t->lobby));
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_is_whole_with_its_last_byte_and_not_before),
		TEST(what_ends_without_having_begun_or_is_of_another_request_is_not_whole),
		TEST(a_part_in_very_many_records_is_large),
		TEST(what_is_no_fastcgi_or_closed_is_gone),
		TEST(what_no_front_server_sends_and_libfcgi_would_answer_is_gone),
		TEST(what_is_long_is_not_waited_for_to_its_end),
		TEST(who_waits_is_watched_and_handed_back_when_time_is_up),
		TEST(one_too_many_sends_the_oldest_away),
	};

	return cmocka_run_group_tests_name("lobby", tests, NULL, NULL);
}
