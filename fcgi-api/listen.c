#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sizes.h"
#include "listen.h"
#include "str.h"

#define BACKLOG		1024	/* what waits here while all workers are busy or being replaced */
#define FIRST_FD	3	/* SD_LISTEN_FDS_START */

static bool	is_listening(int fd);
static bool	env_is(const char *name, int64_t least, int64_t most);
static bool	somebody_answers(const struct sockaddr_un *address);

int
listen_inherited(void)
{
	if (env_is("LISTEN_PID", getpid(), getpid()) && env_is("LISTEN_FDS", 1, INT64_MAX) && is_listening(FIRST_FD))
		return FIRST_FD;
	return is_listening(STDIN_FILENO) ? STDIN_FILENO : -1;
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

int
listen_open(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, rc, saved;

	if (!str_copy(address.sun_path, sizeof(address.sun_path), path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (somebody_answers(&address)) {
		errno = EADDRINUSE;
		return -1;
	}
	if ((unlink(path) != 0 && errno != ENOENT) || (fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	mask = umask(0117);
	rc = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (rc != 0 || listen(fd, BACKLOG) != 0) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* A socket file outlives its process; only a refused connection tells that nobody is there. */
static bool
somebody_answers(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool answered;

	if (fd < 0)
		return false;
	answered = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN;
	close(fd);
	return answered;
}
