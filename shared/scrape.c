#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "listen.h"
#include "local.h"
#include "mem.h"
#include "scrape.h"

#define LOOK_EVERY	(250 * US_PER_MS)	/* for who is late, while there is anybody */
#define EVENTS		8			/* taken at a time; the rest follows in the next turn */

struct client {
	int		 fd;		/* -1: a free place */
	int64_t		 until_us;
	bool		 answered;
	struct buf	 in;
	struct buf	 out;
};

struct scrape {
	scrape_text	*text;
	void		*arg;
	char		*path;		/* of the unix socket, ours to remove; NULL: none */
	int		 epoll_fd;
	int		 listen_fd;
	int		 timer_fd;
	size_t		 count;
	bool		 paused;	/* nobody new is taken: there is no place, or no descriptor */
	bool		 timed;		/* the timer runs */
	struct client	 client[SCRAPE_CLIENTS];
};

/* What stands in place of the figures, and what else the head says. */
static const struct {
	int		 status;
	const char	*reason;
	const char	*body;
	const char	*header;
} replies[] = {
	{ 200, "OK", NULL, "" },
	{ 400, "Bad Request", "this is no HTTP request\n", "" },
	{ 404, "Not Found", "the figures are at /metrics\n", "" },
	{ 405, "Method Not Allowed", "GET alone\n", "Allow: GET\r\n" },
};

static int	listen_at(const char *address, char *error_r, size_t error_size);
static int	listen_tcp(const struct local *local);
static bool	watch(struct scrape *s, int fd, uint32_t events, void *of);
static void	take_clients(struct scrape *s);
static void	pause_listening(struct scrape *s, bool paused);
static void	follow_timer(struct scrape *s);
static void	end_late(struct scrape *s);
static void	end(struct scrape *s, struct client *client);
static bool	go_on(struct scrape *s, struct client *client, uint32_t events);
static bool	receive(struct client *client);
static void	answer(const struct scrape *s, struct client *client, int status);
static bool	send_rest(struct client *client);

struct scrape *
scrape_new(const char *address, scrape_text *text, void *arg, char *error_r, size_t error_size)
{
	struct scrape *s = mem_calloc(1, sizeof(*s));

	s->text = text;
	s->arg = arg;
	for (size_t i = 0; i < SCRAPE_CLIENTS; i++)
		s->client[i].fd = -1;
	s->epoll_fd = s->timer_fd = -1;
	if ((s->listen_fd = listen_at(address, error_r, error_size)) == -1) {
		scrape_free(&s);
		return NULL;
	}
	s->path = *address == '/' ? mem_strdup(address) : NULL;
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	s->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (s->epoll_fd == -1 || s->timer_fd == -1 || !watch(s, s->listen_fd, EPOLLIN, &s->listen_fd) ||
	    !watch(s, s->timer_fd, EPOLLIN, &s->timer_fd)) {
		snprintf(error_r, error_size, "%s: %s", address, strerror(errno));
		scrape_free(&s);
	}
	return s;
}

void
scrape_free(struct scrape **sp)
{
	struct scrape *s = *sp;

	*sp = NULL;
	if (s == NULL)
		return;
	for (size_t i = 0; i < SCRAPE_CLIENTS; i++)
		if (s->client[i].fd != -1)
			end(s, &s->client[i]);
	if (s->path != NULL)
		unlink(s->path);
	free(s->path);
	if (s->listen_fd != -1)
		close(s->listen_fd);
	if (s->timer_fd != -1)
		close(s->timer_fd);
	if (s->epoll_fd != -1)
		close(s->epoll_fd);
	free(s);
}

int
scrape_fd(const struct scrape *s)
{
	return s->epoll_fd;
}

static int
listen_at(const char *address, char *error_r, size_t error_size)
{
	struct local local;
	int fd;

	if (*address == '/')
		return listen_unix(address, error_r, error_size);
	if (!local_parse(address, &local)) {
		snprintf(error_r, error_size, "%s: no loopback address with a port, and no path", address);
		return -1;
	}
	if ((fd = listen_tcp(&local)) == -1)
		snprintf(error_r, error_size, "%s: %s", address, strerror(errno));
	return fd;
}

static int
listen_tcp(const struct local *local)
{
	int fd = socket(local->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, saved;

	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&local->address, local->size) == 0 && listen(fd, SCRAPE_CLIENTS) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static bool
watch(struct scrape *s, int fd, uint32_t events, void *of)
{
	struct epoll_event event = { .events = events, .data.ptr = of };

	return epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

void
scrape_turn(struct scrape *s)
{
	struct epoll_event event[EVENTS];
	int n = epoll_wait(s->epoll_fd, event, EVENTS, 0);
	bool connects = false, ticks = false;
	uint64_t expired;

	for (int i = 0; i < n; i++) {
		if (event[i].data.ptr == &s->timer_fd)
			ticks = read(s->timer_fd, &expired, sizeof(expired)) > 0;
		else if (event[i].data.ptr == &s->listen_fd)
			connects = true;
		else if (!go_on(s, event[i].data.ptr, event[i].events))
			end(s, event[i].data.ptr);
	}
	end_late(s);
	if (ticks && s->paused && s->count < SCRAPE_CLIENTS)
		pause_listening(s, false);
	/* afterwards: whoever gets a place anew has no event of its former client to come */
	if (connects)
		take_clients(s);
	follow_timer(s);
}

/* Whoever finds no place waits in the backlog. */
static void
take_clients(struct scrape *s)
{
	for (size_t i = 0; i < SCRAPE_CLIENTS; i++) {
		struct client *client = &s->client[i];

		if (client->fd != -1)
			continue;
		client->fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (client->fd == -1 && errno == EAGAIN)
			return;
		if (client->fd == -1)
			break;	/* out of descriptors, say: to look again at once would help nobody */
		s->count++;
		client->until_us = clock_mono_us() + SCRAPE_TIME;
		if (!watch(s, client->fd, EPOLLIN, client))
			end(s, client);
	}
	pause_listening(s, true);
}

static void
pause_listening(struct scrape *s, bool paused)
{
	struct epoll_event event = { .events = paused ? 0 : EPOLLIN, .data.ptr = &s->listen_fd };

	s->paused = paused;
	(void)epoll_ctl(s->epoll_fd, EPOLL_CTL_MOD, s->listen_fd, &event);
}

/* It looks for who is late, and whether there is room again, while there is somebody or a pause. */
static void
follow_timer(struct scrape *s)
{
	bool wanted = s->count > 0 || s->paused;
	const struct timespec every = { 0, wanted ? LOOK_EVERY * 1000 : 0 };
	const struct itimerspec spec = { .it_interval = every, .it_value = every };

	if (wanted == s->timed)
		return;
	s->timed = wanted;
	(void)timerfd_settime(s->timer_fd, 0, &spec, NULL);
}

static void
end_late(struct scrape *s)
{
	int64_t now_us = clock_mono_us();

	for (size_t i = 0; i < SCRAPE_CLIENTS; i++)
		if (s->client[i].fd != -1 && now_us >= s->client[i].until_us)
			end(s, &s->client[i]);
}

static void
end(struct scrape *s, struct client *client)
{
	close(client->fd);
	buf_free(&client->in);
	buf_free(&client->out);
	*client = (struct client){ .fd = -1 };
	s->count--;
}

/* False when it has been served, has gone, or has broken off. */
static bool
go_on(struct scrape *s, struct client *client, uint32_t events)
{
	struct epoll_event event = { .events = EPOLLOUT, .data.ptr = client };
	int status = 0;

	if (!client->answered) {
		if ((events & EPOLLIN) == 0 || !receive(client))
			return false;
		if ((status = scrape_status(client->in.data, client->in.len)) == 0)
			return true;
		answer(s, client, status);
		(void)epoll_ctl(s->epoll_fd, EPOLL_CTL_MOD, client->fd, &event);
	}
	return (events & (EPOLLHUP | EPOLLERR)) == 0 && send_rest(client);
}

static bool
receive(struct client *client)
{
	ssize_t n = recv(client->fd, buf_reserve(&client->in, SCRAPE_REQUEST), SCRAPE_REQUEST, 0);

	if (n > 0)
		client->in.len += (size_t)n;
	return client->in.len > 0 && (n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR)));
}

static void
answer(const struct scrape *s, struct client *client, int status)
{
	struct buf body = { 0 };
	size_t i = 0;

	while (replies[i].status != status)
		i++;
	if (replies[i].body == NULL)
		s->text(s->arg, &body);
	else
		buf_adds(&body, replies[i].body);
	buf_addf(&client->out, "HTTP/1.1 %d %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
	    "Content-Length: %zu\r\nCache-Control: no-store\r\n%sConnection: close\r\n\r\n",
	    status, replies[i].reason, body.len, replies[i].header);
	buf_add(&client->out, body.data, body.len);
	buf_free(&body);
	client->answered = true;
}

/* False when there is no more. */
static bool
send_rest(struct client *client)
{
	ssize_t n = send(client->fd, client->out.data, client->out.len, MSG_NOSIGNAL);

	if (n == -1)
		return errno == EAGAIN || errno == EINTR;
	buf_consume(&client->out, (size_t)n);
	return client->out.len > 0;
}
