#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bounds.h"
#include "conf.h"
#include "control.h"
#include "listen.h"
#include "log.h"
#include "mem.h"

struct client {
	struct client		*next;
	struct control		*control;
	int			 fd;
	struct loop_io		*io;
	struct loop_timer	*deadline;
	struct buf		 in;
	struct buf		 out;
};

struct control {
	struct loop		*loop;
	struct control_host	 host;
	char			*path;		/* of the socket; a reload does not move it */
	int			 fd;
	struct loop_io		*io;
	struct loop_timer	*pause;
	struct client		*clients;
	size_t			 count;
};

static void	on_connect(void *, int);
static void	on_pause_over(void *);
static void	on_client(void *, int);
static void	on_deadline(void *);
static void	end(struct client *);
static bool	receive(struct client *);
static bool	answer_line(struct client *);
static bool	send_reply(struct client *);

struct control *
control_new(struct loop *loop, const struct control_host *host, char *error_r, size_t error_size)
{
	const char	*path = host->hub->conf->control_socket;
	struct control	*control;
	int		 fd = listen_unix(path, error_r, error_size);

	if (fd == -1)
		return NULL;
	control = mem_calloc(1, sizeof(*control));
	control->loop = loop;
	control->host = *host;
	control->path = mem_strdup(path);
	control->fd = fd;
	control->io = loop_io_new(loop, fd, LOOP_READ, on_connect, control);
	control->pause = loop_timer_new(loop, on_pause_over, control);
	return control;
}

void
control_free(struct control **controlp)
{
	struct control *control = *controlp;

	*controlp = NULL;
	if (control == NULL)
		return;
	while (control->clients != NULL)
		end(control->clients);
	loop_io_free(&control->io);
	loop_timer_free(&control->pause);
	unlink(control->path);
	free(control->path);
	close(control->fd);
	free(control);
}

static void
on_connect(void *arg, int events)
{
	struct control	*control = arg;
	struct client	*client;
	int		 fd;

	(void)events;
	fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1) {
		/* out of descriptors, say: looking again at once would help nobody */
		loop_io_want(control->io, 0);
		loop_timer_set(control->pause, BOUND_ACCEPT_WATCH_US, 0);
		return;
	}
	if (control->count == BOUND_CONTROL_CLIENTS) {
		log_warn("control_full");
		close(fd);
		return;
	}
	client = mem_calloc(1, sizeof(*client));
	client->control = control;
	client->fd = fd;
	client->next = control->clients;
	control->clients = client;
	control->count++;
	client->io = loop_io_new(control->loop, fd, LOOP_READ, on_client, client);
	client->deadline = loop_timer_new(control->loop, on_deadline, client);
	loop_timer_set(client->deadline, BOUND_CONTROL_US, 0);
}

static void
on_pause_over(void *arg)
{
	struct control *control = arg;

	loop_io_want(control->io, LOOP_READ);
}

static void
on_client(void *arg, int events)
{
	struct client	*client = arg;
	bool		 there = (events & LOOP_READ) == 0 || receive(client);

	/* what is left of the last answer; then as many commands as have come and it takes the answers of */
	there = there && send_reply(client);
	while (there && client->out.len == 0 && answer_line(client))
		there = send_reply(client);
	if (!there)
		end(client);
}

static void
on_deadline(void *arg)
{
	end(arg);
}

static void
end(struct client *client)
{
	struct client **link;

	for (link = &client->control->clients; *link != client; link = &(*link)->next)
		continue;
	*link = client->next;
	client->control->count--;
	loop_io_free(&client->io);
	loop_timer_free(&client->deadline);
	close(client->fd);
	buf_free(&client->in);
	buf_free(&client->out);
	free(client);
}

/* false: it has gone, or talks too much. */
static bool
receive(struct client *client)
{
	ssize_t n;

	n = recv(client->fd, buf_reserve(&client->in, BOUND_CONTROL_COMMAND), BOUND_CONTROL_COMMAND, 0);
	if (n == -1)
		return errno == EAGAIN || errno == EINTR;
	client->in.len += (size_t)n;
	if (n == 0)
		return false;
	return client->in.len <= BOUND_CONTROL_COMMAND || memchr(client->in.data, '\n', client->in.len) != NULL;
}

/* The next command, if it is whole; false if it is not. */
static bool
answer_line(struct client *client)
{
	const char	*newline = client->in.len > 0 ? memchr(client->in.data, '\n', client->in.len) : NULL;
	size_t		 n;

	if (newline == NULL)
		return false;
	n = (size_t)(newline - client->in.data);
	control_answer(&client->control->host, client->in.data, n, &client->out);
	buf_addc(&client->out, '\n');
	buf_consume(&client->in, n + 1);
	return true;
}

static bool
send_reply(struct client *client)
{
	ssize_t n;

	if (client->out.len > 0) {
		n = send(client->fd, client->out.data, client->out.len, MSG_NOSIGNAL);
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return false;
		if (n > 0)
			buf_consume(&client->out, (size_t)n);
	}
	loop_io_want(client->io, client->out.len > 0 ? LOOP_WRITE : LOOP_READ);
	return true;
}
