#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "ready.h"
#include "str.h"

#define PATIENCE	(100 * US_PER_MS)	/* with a manager that does not read: we have clients */
#define STATE_SIZE	512			/* more than any state of ours has */

static void	tell(const char *key, const char *status);
static void	send_state(const char *state, size_t size);
static bool	manager(struct sockaddr_un *address_r, socklen_t *size_r);
static int64_t	number(const char *name);

void
ready_up(const char *status)
{
	tell("READY=1", status);
}

/* The time is what a manager tells this reload from an earlier one by. */
void
ready_reloading(void)
{
	char state[STATE_SIZE];
	int len = snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_mono_us());

	send_state(state, (size_t)len);
}

void
ready_stopping(const char *status)
{
	tell("STOPPING=1", status);
}

void
ready_alive(const char *status)
{
	tell("WATCHDOG=1", status);
}

int64_t
ready_interval(void)
{
	int64_t pid = number("WATCHDOG_PID");

	/* a child inherits the variables, but not the duty */
	return pid != 0 && pid != getpid() ? 0 : number("WATCHDOG_USEC") / 2;
}

static void
tell(const char *key, const char *status)
{
	char state[STATE_SIZE];
	bool shown = status != NULL;
	int len = snprintf(state, sizeof(state), "%s%s%s", key, shown ? "\nSTATUS=" : "", shown ? status : "");

	send_state(state, MIN((size_t)len, sizeof(state) - 1));
}

static void
send_state(const char *state, size_t size)
{
	struct timeval patience = { .tv_usec = PATIENCE };
	struct sockaddr_un address;
	socklen_t address_size;
	int fd;

	if (!manager(&address, &address_size) || (fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	(void)sendto(fd, state, size, MSG_NOSIGNAL, (const struct sockaddr *)&address, address_size);
	close(fd);
}

/* A path, or with an @ before it a name in the abstract namespace (unix(7)), whose length counts. */
static bool
manager(struct sockaddr_un *address_r, socklen_t *size_r)
{
	const char *name = getenv("NOTIFY_SOCKET");

	*address_r = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (name == NULL || (name[0] != '/' && name[0] != '@') ||
	    !str_copy(address_r->sun_path, sizeof(address_r->sun_path), name))
		return false;
	*size_r = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + (name[0] == '/'));
	if (name[0] == '@')
		address_r->sun_path[0] = '\0';
	return true;
}

/* A variable that the manager sets; 0: it does not, or not to a number. */
static int64_t
number(const char *name)
{
	const char *text = getenv(name);
	int64_t value;

	return text != NULL && str_to_int(text, strlen(text), 1, INT64_MAX, &value) ? value : 0;
}
