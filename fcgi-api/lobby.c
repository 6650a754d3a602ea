#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "lobby.h"
#include "mem.h"

/* FastCGI 1.0, 3.3 and 8 */
#define HEADER	8		/* bytes of a record's: version, type, id, length, padding, reserved */
#define VERSION	1
#define MANAGEMENT 0		/* for an id */
#define BEGIN	1		/* types */
#define PARAMS	4
#define STDIN	5

/* Those who wait, in the order in which they came. */
struct lobby {
	struct {
		int	fd;
		int64_t	until_us;
	}		place[LOBBY_PLACES];
	size_t		waiting;
	int		epoll_fd;
	int64_t		timeout_us;
	unsigned char	seen[LOBBY_LOOK];
};

static enum lobby_look	judge(const unsigned char *p, size_t n);
static int		take(struct lobby *lobby, size_t i);

struct lobby *
lobby_new(int epoll_fd, int64_t timeout_us)
{
	struct lobby *lobby = mem_calloc(1, sizeof(*lobby));

	lobby->epoll_fd = epoll_fd;
	lobby->timeout_us = timeout_us;
	return lobby;
}

void
lobby_free(struct lobby **lobby)
{
	if (*lobby == NULL)
		return;
	while (lobby_drop(*lobby))
		;
	free(*lobby);
	*lobby = NULL;
}

/* What was seen may have a password in it. */
enum lobby_look
lobby_look(struct lobby *lobby, int fd)
{
	ssize_t n = recv(fd, lobby->seen, sizeof(lobby->seen), MSG_PEEK | MSG_DONTWAIT);
	enum lobby_look look;

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR) ? LOBBY_PART : LOBBY_GONE;
	look = judge(lobby->seen, (size_t)n);
	explicit_bzero(lobby->seen, (size_t)n);
	return look;
}

/*
 * Whole with the records, empty ones, that end the variables and then standard input, of the request that began.  No
 * front server manages us (id 0) or begins a second one here: libfcgi would answer each such record, whether or not
 * anybody reads it, and not free what it has of the former.
 */
static enum lobby_look
judge(const unsigned char *p, size_t n)
{
	int awaited = BEGIN, id = 0;
	size_t at = 0, records;

	for (records = 0; at < n && n - at >= HEADER; records++) {
		size_t length = (size_t)p[at + 4] << 8 | p[at + 5];
		int of = p[at + 2] << 8 | p[at + 3];

		if (p[at] != VERSION || of == MANAGEMENT || (p[at + 1] == BEGIN && awaited != BEGIN))
			return LOBBY_GONE;
		if (p[at + 1] == BEGIN) {
			id = of;
			awaited = PARAMS;
		} else if (p[at + 1] == awaited && of == id && length == 0) {
			if (awaited == STDIN)
				return LOBBY_WHOLE;
			awaited = STDIN;
		}
		at += HEADER + length + p[at + 6];
	}
	return n == LOBBY_LOOK || records > LOBBY_RECORDS ? LOBBY_LARGE : LOBBY_PART;
}

/* Told once of whatever comes, not again and again of the part that is there. */
void
lobby_add(struct lobby *lobby, int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.fd = fd };

	if (lobby->waiting == LOBBY_PLACES)
		lobby_drop(lobby);
	if (epoll_ctl(lobby->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
		close(fd);
		return;
	}
	lobby->place[lobby->waiting].fd = fd;
	lobby->place[lobby->waiting++].until_us = clock_mono_us() + lobby->timeout_us;
}

bool
lobby_has(const struct lobby *lobby, int fd)
{
	for (size_t i = 0; i < lobby->waiting; i++)
		if (lobby->place[i].fd == fd)
			return true;
	return false;
}

void
lobby_remove(struct lobby *lobby, int fd)
{
	for (size_t i = 0; i < lobby->waiting; i++)
		if (lobby->place[i].fd == fd) {
			(void)take(lobby, i);
			return;
		}
}

static int
take(struct lobby *lobby, size_t i)
{
	int fd = lobby->place[i].fd;

	lobby->waiting--;
	memmove(&lobby->place[i], &lobby->place[i + 1], (lobby->waiting - i) * sizeof(lobby->place[0]));
	epoll_ctl(lobby->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	return fd;
}

bool
lobby_drop(struct lobby *lobby)
{
	if (lobby->waiting == 0)
		return false;
	close(take(lobby, 0));
	return true;
}

int
lobby_late(struct lobby *lobby)
{
	if (lobby->waiting == 0 || clock_mono_us() < lobby->place[0].until_us)
		return -1;
	return take(lobby, 0);
}

int
lobby_patience(const struct lobby *lobby)
{
	if (lobby->waiting == 0)
		return -1;
	return (int)(MAX(lobby->place[0].until_us - clock_mono_us(), 0) / US_PER_MS) + 1;
}
