#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "accept.h"
#include "bounds.h"
#include "log.h"
#include "mem.h"
#include "spare.h"
#include "ws.h"

struct accept {
	struct ws		*ws;
	int			 fd;
	size_t			 max;
	bool			 full;		/* waiting for room */
	struct spare		 spare;
	bool			 low;		/* waiting for descriptors */
	struct loop_io		*io;
	struct loop_timer	*watch;
};

static void	send_at_once(int);
static void	on_readable(void *, int);
static void	on_watch(void *);
static void	listen_again(struct accept *);

struct accept *
accept_new(struct loop *loop, struct ws *ws, int fd, size_t max)
{
	struct accept *accept = mem_calloc(1, sizeof(*accept));

	accept->ws = ws;
	accept->fd = fd;
	accept->max = max;
	send_at_once(fd);
	spare_init(&accept->spare);
	accept->watch = loop_timer_new(loop, on_watch, accept);
	loop_timer_set(accept->watch, BOUND_ACCEPT_WATCH_US, BOUND_ACCEPT_WATCH_US);
	accept->io = loop_io_new(loop, fd, LOOP_READ, on_readable, accept);
	return accept;
}

void
accept_resume(struct accept *accept)
{
	if (!accept->full || ws_count(accept->ws) >= accept->max)
		return;
	accept->full = false;
	listen_again(accept);
}

void
accept_free(struct accept **acceptp)
{
	struct accept *accept = *acceptp;

	*acceptp = NULL;
	if (accept == NULL)
		return;
	loop_io_free(&accept->io);
	loop_timer_free(&accept->watch);
	spare_close(&accept->spare);
	close(accept->fd);
	free(accept);
}

/*
 * On TCP, what a turn writes is not held back until what was written before is acknowledged (RFC 9293 3.7.4, Nagle): we
 * gather it ourselves.  Whoever is accepted inherits it (tcp(7)); of a unix socket it is refused, and not needed.
 */
static void
send_at_once(int listener)
{
	const int on = 1;

	(void)setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void
on_readable(void *arg, int events)
{
	struct accept	*accept = arg;
	int		 i, fd;

	(void)events;
	for (i = 0; i < BOUND_ACCEPT_BATCH; i++) {
		if (ws_count(accept->ws) >= accept->max) {
			log_warn("connections_full", LOG_INT("max", (int64_t)accept->max));
			accept->full = true;
			loop_io_want(accept->io, 0);
			return;
		}
		fd = accept4(accept->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd == -1)
			break;
		ws_adopt(accept->ws, fd);
	}
	if (i < BOUND_ACCEPT_BATCH && (errno == EMFILE || errno == ENFILE))
		on_watch(accept);
}

/* While there are hardly any descriptors, whoever connects waits in the backlog. */
static void
on_watch(void *arg)
{
	struct accept	*accept = arg;
	bool		 low = !spare_check(&accept->spare);

	if (low == accept->low)
		return;
	accept->low = low;
	listen_again(accept);
}

static void
listen_again(struct accept *accept)
{
	loop_io_want(accept->io, accept->full || accept->low ? 0 : LOOP_READ);
}
