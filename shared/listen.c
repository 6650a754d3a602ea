#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "listen.h"
#include "mem.h"
#include "str.h"

#define BACKLOG		1024	/* what waits while the program is busy or being replaced */
#define FIRST_FD	3	/* SD_LISTEN_FDS_START */

static bool	env_is(const char *name, int64_t least, int64_t most);
static bool	is_listening(int fd);
static int	prepared(int fd);
static int	lock_directory(const char *path);
static int	listen_there(const struct sockaddr_un *address, char *error_r, size_t error_size);
static bool	is_served(const struct sockaddr_un *address);
static int	bind_there(int fd, const struct sockaddr_un *address);

int
listen_inherited(void)
{
	if (env_is("LISTEN_PID", getpid(), getpid()) && env_is("LISTEN_FDS", 1, INT32_MAX) &&
	    is_listening(FIRST_FD))
		return prepared(FIRST_FD);
	return is_listening(STDIN_FILENO) ? prepared(STDIN_FILENO) : -1;
}

static bool
env_is(const char *name, int64_t least, int64_t most)
{
	const char *text = getenv(name);
	int64_t number;

	return text != NULL && str_to_int(text, strlen(text), least, most, &number);
}

static bool
is_listening(int fd)
{
	int listening = 0;
	socklen_t size = sizeof(listening);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening;
}

/* It listens already; from now on it does so in our name (SO_PEERCRED, unix(7)). */
static int
prepared(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return -1;
	return listen(fd, SOMAXCONN) == 0 ? fd : -1;
}

int
listen_unix(const char *path, char *error_r, size_t error_size)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, lock;

	if (!str_copy(address.sun_path, sizeof(address.sun_path), path)) {
		snprintf(error_r, error_size, "%s: the path is too long for a socket", path);
		return -1;
	}
	if ((lock = lock_directory(path)) < 0) {
		snprintf(error_r, error_size, "%s: its directory cannot be locked: %s", path, strerror(errno));
		return -1;
	}
	fd = listen_there(&address, error_r, error_size);
	close(lock);
	return fd;
}

/*
 * Two programs that start at the same instant would each find nobody there and remove the
 * other's socket: they take turns.  The directory itself, so that no file is left; -1.
 */
static int
lock_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash == NULL ? mem_strdup(".") : mem_strndup(path, (size_t)MAX(slash - path, 1));
	int lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(directory);
	while (lock >= 0 && flock(lock, LOCK_EX) != 0)
		if (errno != EINTR) {
			close(lock);
			return -1;
		}
	return lock;
}

static int
listen_there(const struct sockaddr_un *address, char *error_r, size_t error_size)
{
	int fd;

	if (is_served(address)) {
		snprintf(error_r, error_size, "%s: another program listens there", address->sun_path);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind_there(fd, address) != 0 || listen(fd, BACKLOG) != 0) {
		snprintf(error_r, error_size, "%s: %s", address->sun_path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* A socket file outlives its process; only a refused connection tells that nobody is there. */
static bool
is_served(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool served;

	if (fd < 0)
		return false;
	/* a full backlog is somebody who listens, too */
	served = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN;
	close(fd);
	return served;
}

/* The mode is right from the first moment on, whatever the umask was. */
static int
bind_there(int fd, const struct sockaddr_un *address)
{
	struct stat status;
	mode_t mask;
	int rc;

	if (lstat(address->sun_path, &status) == 0 && S_ISSOCK(status.st_mode))
		unlink(address->sun_path);
	mask = umask(0117);
	rc = bind(fd, (const struct sockaddr *)address, sizeof(*address));
	umask(mask);
	return rc;
}
