#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "accept.h"
#include "bounds.h"
#include "log.h"
#include "mem.h"
#include "ws.h"

struct accept {
	struct ws		*ws;
	int			 fd;
	int			 spare;		/* given up to get out of EMFILE */
	size_t			 max;
	bool			 full;		/* waiting for room */
	struct loop_io		*io;
	struct loop_timer	*pause;
};

static void	on_readable(void *, int);
static void	on_pause_over(void *);
static void	out_of_descriptors(struct accept *);

struct accept *
accept_new(struct loop *loop, struct ws *ws, int fd, size_t max)
{
	struct accept *accept = mem_calloc(1, sizeof(*accept));

	accept->ws = ws;
	accept->fd = fd;
	accept->max = max;
	accept->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	accept->pause = loop_timer_new(loop, on_pause_over, accept);
	accept->io = loop_io_new(loop, fd, LOOP_READ, on_readable, accept);
	return accept;
}

void
accept_resume(struct accept *accept)
{
	if (!accept->full || ws_count(accept->ws) >= accept->max)
		return;
	accept->full = false;
	loop_io_want(accept->io, LOOP_READ);
}

void
accept_free(struct accept **acceptp)
{
	struct accept *accept = *acceptp;

	*acceptp = NULL;
	if (accept == NULL)
		return;
	loop_io_free(&accept->io);
	loop_timer_free(&accept->pause);
	if (accept->spare != -1)
		close(accept->spare);
	close(accept->fd);
	free(accept);
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
		out_of_descriptors(accept);
}

static void
out_of_descriptors(struct accept *accept)
{
	int fd;

	log_error("out_of_descriptors", LOG_ERRNO());
	if (accept->spare != -1) {
		close(accept->spare);
		fd = accept4(accept->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd != -1)
			close(fd);
		accept->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	loop_io_want(accept->io, 0);
	loop_timer_set(accept->pause, BOUND_ACCEPT_PAUSE_US, 0);
}

static void
on_pause_over(void *arg)
{
	struct accept *accept = arg;

	if (!accept->full)
		loop_io_want(accept->io, LOOP_READ);
}
