#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bounds.h"
#include "listen.h"
#include "str.h"

#define FIRST_FD	3	/* SD_LISTEN_FDS_START */

static bool	is_served(const struct sockaddr_un *);
static int	bind_there(int, const struct sockaddr_un *);

int
listen_inherited(void)
{
	const char	*pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	int64_t		 number;

	if (pid == NULL || count == NULL || !str_to_int(pid, strlen(pid), 1, INT32_MAX, &number) ||
	    number != getpid() || !str_to_int(count, strlen(count), 1, 1, &number))
		return -1;
	if (fcntl(FIRST_FD, F_SETFL, fcntl(FIRST_FD, F_GETFL) | O_NONBLOCK) == -1 ||
	    fcntl(FIRST_FD, F_SETFD, FD_CLOEXEC) == -1)
		return -1;
	return FIRST_FD;
}

int
listen_unix(const char *path, char *error_r, size_t error_size)
{
	struct sockaddr_un	addr = { .sun_family = AF_UNIX };
	int			fd;

	if (!str_copy(addr.sun_path, sizeof(addr.sun_path), path)) {
		snprintf(error_r, error_size, "%s: the path is too long for a socket", path);
		return -1;
	}
	if (is_served(&addr)) {
		snprintf(error_r, error_size, "%s: another program listens there", path);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1 || bind_there(fd, &addr) == -1 || listen(fd, BOUND_BACKLOG) == -1) {
		snprintf(error_r, error_size, "%s: %s", path, strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	return fd;
}

static bool
is_served(const struct sockaddr_un *addr)
{
	bool	served;
	int	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return false;
	/* a full backlog is somebody who listens, too */
	served = connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0 || errno == EAGAIN;
	close(fd);
	return served;
}

/* The mode is right from the first moment on, whatever the umask was. */
static int
bind_there(int fd, const struct sockaddr_un *addr)
{
	struct stat	st;
	mode_t		old;
	int		rc;

	if (lstat(addr->sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(addr->sun_path);
	old = umask(0117);
	rc = bind(fd, (const struct sockaddr *)addr, sizeof(*addr));
	umask(old);
	return rc;
}
