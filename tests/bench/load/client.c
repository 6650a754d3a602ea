#include <sys/epoll.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "crowd.h"

static void	read_some(struct crowd *, struct client *);
static size_t	take_reply(struct crowd *, struct client *, const char *, size_t);
static size_t	take_frames(struct crowd *, struct client *, const char *, size_t);
static void	take_frame(struct crowd *, struct client *, const struct wire_frame *);
static void	owe_pong(struct crowd *, struct client *, const struct wire_frame *);
static void	send_rest(struct crowd *, struct client *);
static void	want(struct crowd *, struct client *, uint32_t);
static void	gone(struct crowd *, struct client *);

void
client_start(struct crowd *crowd, struct client *client)
{
	struct epoll_event	event = { .events = EPOLLIN, .data.ptr = client };
	char			request[8192];
	size_t			n = wire_request(request, sizeof(request), client->room->name, client->token);

	client->fd = address_connect(&crowd->address);
	client->state = CLIENT_UPGRADING;
	if (epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, client->fd, &event) == -1)
		err(1, "epoll_ctl");
	client_send_raw(crowd, client, (unsigned char *)request, n);
}

void
client_send(struct crowd *crowd, struct client *client, enum wire_opcode opcode, const char *payload, size_t n)
{
	unsigned char frame[WIRE_FRAME + WIRE_HEADER];

	client_send_raw(crowd, client, frame, wire_put(frame, opcode, payload, n, crowd_mask(crowd)));
}

void
client_send_raw(struct crowd *crowd, struct client *client, const unsigned char *p, size_t n)
{
	ssize_t done = 0;

	if (client->out_n == 0) {
		done = send(client->fd, p, n, MSG_NOSIGNAL);
		if (done == -1 && errno != EAGAIN)
			err(1, "room %s: the server does not take what is sent", client->room->name);
		done = done == -1 ? 0 : done;
	}
	if ((size_t)done == n)
		return;
	n -= (size_t)done;
	client->out = realloc(client->out, client->out_n + n);
	if (client->out == NULL)
		err(1, NULL);
	memcpy(client->out + client->out_n, p + done, n);
	client->out_n += n;
	want(crowd, client, EPOLLIN | EPOLLOUT);
}

size_t
client_take_pong(struct client *client, unsigned char *dst)
{
	size_t n = client->pong_n;

	if (n > 0)
		memcpy(dst, client->pong, n);
	client->pong_n = 0;
	return n;
}

void
client_ready(struct crowd *crowd, struct client *client, uint32_t events)
{
	if ((events & EPOLLOUT) != 0)
		send_rest(crowd, client);
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		read_some(crowd, client);
}

void
client_leave(struct crowd *crowd, struct client *client)
{
	static const char normal[] = { 1000 >> 8, (char)(1000 & 0xff) };

	client->state = CLIENT_LEAVING;
	client_send(crowd, client, WIRE_CLOSE, normal, sizeof(normal));
}

bool
client_type_is(const char *p, size_t n, const char *type)
{
	static const char	head[] = "{\"type\":";
	size_t			at = sizeof(head) - 1, length = strlen(type);

	if (n < at + length + 3 || memcmp(p, head, at) != 0)
		return false;
	at += p[at] == ' ';	/* some libraries print one */
	return p[at] == '"' && memcmp(p + at + 1, type, length) == 0 && p[at + 1 + length] == '"';
}

static void
read_some(struct crowd *crowd, struct client *client)
{
	char	*p = crowd->in;
	size_t	 n = client->rest_n, used;
	ssize_t	 got;

	if (n > 0)
		memcpy(p, client->rest, n);
	got = recv(client->fd, p + n, CROWD_IN - n, 0);
	if (got == -1 && errno == EAGAIN)
		return;
	if (got <= 0) {
		gone(crowd, client);
		return;
	}
	n += (size_t)got;
	used = take_reply(crowd, client, p, n);
	used += take_frames(crowd, client, p + used, n - used);
	client->rest_n = client->state == CLIENT_IDLE ? 0 : n - used;
	if (client->rest_n > 0) {
		client->rest = realloc(client->rest, client->rest_n);
		if (client->rest == NULL)
			err(1, NULL);
		memcpy(client->rest, p + used, client->rest_n);
	}
}

static size_t
take_reply(struct crowd *crowd, struct client *client, const char *p, size_t n)
{
	size_t used = 0;

	(void)crowd;
	if (client->state != CLIENT_UPGRADING)
		return 0;
	switch (wire_reply(p, n, &used)) {
	case WIRE_MORE:
		return 0;
	case WIRE_BROKEN:
		errx(1, "room %s: the upgrade is refused: %.*s", client->room->name, (int)(n < 80 ? n : 80), p);
	case WIRE_DONE:
		client->state = CLIENT_ENTERING;
	}
	return used;
}

static size_t
take_frames(struct crowd *crowd, struct client *client, const char *p, size_t n)
{
	struct wire_frame	frame;
	enum wire_result	result;
	size_t			used = 0;

	while (client->state > CLIENT_UPGRADING && used < n) {
		result = wire_get(p + used, n - used, &frame);
		if (result == WIRE_BROKEN)
			errx(1, "room %s: a broken frame", client->room->name);
		if (result == WIRE_MORE)
			break;
		used += frame.used;
		take_frame(crowd, client, &frame);
		if (frame.opcode == WIRE_CLOSE)
			return n;	/* it may be on its next connection already */
	}
	return used;
}

static void
take_frame(struct crowd *crowd, struct client *client, const struct wire_frame *frame)
{
	switch (frame->opcode) {
	case WIRE_TEXT:
		crowd_text(crowd, client, frame->payload, frame->n);
		break;
	case WIRE_PING:
		owe_pong(crowd, client, frame);
		break;
	case WIRE_CLOSE:
		if (client->state != CLIENT_LEAVING)
			errx(1, "room %s: closed by the server: %.*s", client->room->name,
			    (int)(frame->n < 2 ? 0 : frame->n - 2), frame->payload + 2);
		gone(crowd, client);
		break;
	default:
		break;
	}
}

/* Of several pings the last one may be answered alone (RFC 6455 5.5.3). */
static void
owe_pong(struct crowd *crowd, struct client *client, const struct wire_frame *ping)
{
	if (client->state == CLIENT_LEAVING || ping->n > WIRE_CONTROL)
		return;
	if (client->pong == NULL && (client->pong = malloc(WIRE_CONTROL + WIRE_HEADER)) == NULL)
		err(1, NULL);
	client->pong_n = wire_put(client->pong, WIRE_PONG, ping->payload, ping->n, crowd_mask(crowd));
	if (!client->ponging)
		crowd_pong(crowd, client);
	client->ponging = true;
}

static void
send_rest(struct crowd *crowd, struct client *client)
{
	ssize_t done = send(client->fd, client->out, client->out_n, MSG_NOSIGNAL);

	if (done == -1 && errno != EAGAIN)
		err(1, "room %s: the server does not take what is sent", client->room->name);
	if (done <= 0)
		return;
	client->out_n -= (size_t)done;
	memmove(client->out, client->out + done, client->out_n);
	if (client->out_n > 0)
		return;
	free(client->out);
	client->out = NULL;
	want(crowd, client, EPOLLIN);
	crowd_credit(crowd, client);
}

static void
want(struct crowd *crowd, struct client *client, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = client };

	if (client->waiting == ((events & EPOLLOUT) != 0))
		return;
	client->waiting = !client->waiting;
	if (epoll_ctl(crowd->epoll, EPOLL_CTL_MOD, client->fd, &event) == -1)
		err(1, "epoll_ctl");
}

/* By a reset, so that the many short connections of a run leave no port in TIME_WAIT. */
static void
gone(struct crowd *crowd, struct client *client)
{
	static const struct linger now = { .l_onoff = 1 };

	if (client->state != CLIENT_LEAVING)
		errx(1, "room %s: the server has hung up", client->room->name);
	(void)setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(client->fd);
	client->state = CLIENT_IDLE;
	client->rest_n = 0;
	client->out_n = 0;
	client->pong_n = 0;
	client->waiting = false;
	crowd_left(crowd, client);
}
