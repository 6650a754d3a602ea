#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "buf.h"
#include "bus.h"
#include "log.h"
#include "mem.h"

#define IPC		"ipc://"
#define QUEUED		8	/* wake-ups kept each way: one says as much as many */
#define RECONNECT_MS	100	/* after a lost daemon; the poll covers the time */
#define RECONNECT_MAX_MS 1000
#define SOCKET_UMASK	0117	/* sockets get 0660: their group may connect */

struct bus {
	void	*context;
	void	**sockets;	/* a receiver has one, a sender one for each daemon; NULL: it could not be had */
	size_t	count;
	int	 lock;		/* a receiver's claim on its ipc path, or -1 */
	char	*path;		/* that path, once the claim is granted, or NULL */
};

static struct bus	*bus_new(int type, const char *endpoint);
static void		 bus_add(struct bus *bus, int type);
static bool		 bus_connect(void *socket, const char *endpoint);
static bool		 bus_option(void *socket, int option, int value);
static bool		 bus_writable(void *socket);
static bool		 bus_lock(struct bus *bus, const char *endpoint, char *error_r, size_t error_size);

struct bus *
bus_sender_open(const char *endpoint)
{
	struct bus	*bus = bus_new(ZMQ_PUSH, endpoint);

	if (bus != NULL && !bus_connect(bus->sockets[0], endpoint))
		bus_close(&bus);
	return (bus);
}

void
bus_sender_add(struct bus *bus, const char *endpoint)
{
	void	**socket;

	bus_add(bus, ZMQ_PUSH);
	socket = &bus->sockets[bus->count - 1];
	if (*socket != NULL && !bus_connect(*socket, endpoint)) {
		zmq_close(*socket);
		*socket = NULL;
	}
}

static bool
bus_connect(void *socket, const char *endpoint)
{
	if (bus_option(socket, ZMQ_SNDHWM, QUEUED) && bus_option(socket, ZMQ_RECONNECT_IVL, RECONNECT_MS) &&
	    bus_option(socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS) && zmq_connect(socket, endpoint) == 0)
		return (true);
	log_warn("bus_connect", LOG_TEXT("endpoint", endpoint), LOG_TEXT("error", zmq_strerror(zmq_errno())));
	return (false);
}

void
bus_wake(struct bus *bus)
{
	for (size_t i = 0; bus != NULL && i < bus->count; i++)
		bus_wake_one(bus, i);
}

void
bus_wake_one(struct bus *bus, size_t i)
{
	if (bus == NULL || i >= bus->count || bus->sockets[i] == NULL)
		return;
	/*
	 * ZeroMQ notes what the other side has taken only now and then while it sends;
	 * asking whether there is room makes it look.  If there is none, the wake-ups
	 * that wait say the same, and the poll covers the rest.
	 */
	if (zmq_send(bus->sockets[i], "", 0, ZMQ_DONTWAIT) == -1 && bus_writable(bus->sockets[i]))
		zmq_send(bus->sockets[i], "", 0, ZMQ_DONTWAIT);
}

struct bus *
bus_receiver_open(const char *endpoint, char *error_r, size_t error_size)
{
	struct bus	*bus = bus_new(ZMQ_PULL, endpoint);
	mode_t		 mask;
	int		 rc = -1;

	if (bus == NULL) {
		snprintf(error_r, error_size, "cannot make a ZeroMQ socket: %s", zmq_strerror(zmq_errno()));
		return (NULL);
	}
	if (!bus_lock(bus, endpoint, error_r, error_size)) {
		bus_close(&bus);
		return (NULL);
	}
	mask = umask(SOCKET_UMASK);
	if (bus_option(bus->sockets[0], ZMQ_RCVHWM, QUEUED))
		rc = zmq_bind(bus->sockets[0], endpoint);
	umask(mask);
	if (rc == -1) {
		snprintf(error_r, error_size, "cannot listen for wake-ups on %s: %s", endpoint,
		    zmq_strerror(zmq_errno()));
		bus_close(&bus);
	}
	return (bus);
}

int
bus_fd(const struct bus *bus)
{
	size_t	size = sizeof(int);
	int	fd;

	return (zmq_getsockopt(bus->sockets[0], ZMQ_FD, &fd, &size) == 0 ? fd : -1);
}

bool
bus_drain(struct bus *bus)
{
	bool	woken = false;
	char	byte;

	/* recv() looks at the socket's own events, which is what arms its edge-triggered descriptor again. */
	for (;;) {
		if (zmq_recv(bus->sockets[0], &byte, sizeof(byte), ZMQ_DONTWAIT) != -1)
			woken = true;
		else if (zmq_errno() != EINTR)
			return (woken);
	}
}

void
bus_close(struct bus **busp)
{
	struct bus	*bus = *busp;

	*busp = NULL;
	if (bus == NULL)
		return;
	for (size_t i = 0; i < bus->count; i++)
		if (bus->sockets[i] != NULL)
			zmq_close(bus->sockets[i]);
	if (bus->context != NULL)
		while (zmq_ctx_term(bus->context) == -1 && zmq_errno() == EINTR)
			;
	/*
	 * ZeroMQ leaves the socket's file behind.  The lock goes last, so that nobody
	 * binds the path before; its file stays: removing that would race.
	 */
	if (bus->path != NULL)
		unlink(bus->path);
	if (bus->lock != -1)
		close(bus->lock);
	free(bus->path);
	free(bus->sockets);
	free(bus);
}

/* A socket that never makes its owner wait, or NULL after a line in the log. */
static struct bus *
bus_new(int type, const char *endpoint)
{
	struct bus	*bus = mem_calloc(1, sizeof(*bus));

	bus->lock = -1;
	bus->context = zmq_ctx_new();
	bus_add(bus, type);
	if (bus->sockets[0] == NULL) {
		log_warn("bus_socket", LOG_TEXT("endpoint", endpoint), LOG_TEXT("error", zmq_strerror(zmq_errno())));
		bus_close(&bus);
	}
	return (bus);
}

static void
bus_add(struct bus *bus, int type)
{
	void	*socket = bus->context != NULL ? zmq_socket(bus->context, type) : NULL;

	if (socket != NULL && !bus_option(socket, ZMQ_LINGER, 0)) {
		zmq_close(socket);
		socket = NULL;
	}
	bus->sockets = mem_realloc(bus->sockets, (bus->count + 1) * sizeof(*bus->sockets));
	bus->sockets[bus->count++] = socket;
}

static bool
bus_option(void *socket, int option, int value)
{
	return (zmq_setsockopt(socket, option, &value, sizeof(value)) == 0);
}

static bool
bus_writable(void *socket)
{
	size_t	size = sizeof(int);
	int	events;

	return (zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLOUT) != 0);
}

/* ZeroMQ would take the path of an ipc socket from a living owner without a word. */
static bool
bus_lock(struct bus *bus, const char *endpoint, char *error_r, size_t error_size)
{
	struct buf	path = { 0 };
	bool		locked;

	if (strncmp(endpoint, IPC, strlen(IPC)) != 0)
		return (true);
	buf_addf(&path, "%s.lock", endpoint + strlen(IPC));
	bus->lock = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
	locked = bus->lock != -1 && flock(bus->lock, LOCK_EX | LOCK_NB) == 0;
	if (!locked && errno == EWOULDBLOCK)
		snprintf(error_r, error_size, "another program listens for wake-ups on %s already", endpoint);
	else if (!locked)
		snprintf(error_r, error_size, "cannot lock %s: %s", path.data, strerror(errno));
	else
		bus->path = mem_strdup(endpoint + strlen(IPC));
	buf_free(&path);
	return (locked);
}
