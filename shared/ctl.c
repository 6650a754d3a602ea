#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "ctl.h"
#include "sizes.h"

#define CHUNK	4096	/* bytes asked of the kernel at a time */

static int	ctl_connect(const char *path, int64_t timeout_us);
static int	ctl_send(int fd, const char *p, size_t n, int64_t deadline);
static int	ctl_receive(int fd, struct buf *line, int64_t deadline);
static int	ctl_wait(int fd, short events, int64_t deadline);

int
ctl_request(const char *path, const char *line, int64_t timeout_us, struct buf *reply_r)
{
	int64_t		deadline = clock_mono_us() + timeout_us;
	struct buf	reply = { 0 };
	int		fd, rc, saved;

	if ((fd = ctl_connect(path, timeout_us)) == -1)
		return (-1);
	rc = ctl_send(fd, line, strlen(line), deadline);
	if (rc == 0)
		rc = ctl_send(fd, "\n", 1, deadline);
	if (rc == 0)
		rc = ctl_receive(fd, &reply, deadline);
	saved = errno;
	close(fd);
	if (rc == 0) {
		buf_clear(reply_r);
		buf_add(reply_r, reply.data, reply.len);
	}
	buf_free(&reply);
	errno = saved;
	return (rc);
}

/* A blocking connect waits while the daemon's backlog is full, for as long as SO_SNDTIMEO says. */
static int
ctl_connect(const char *path, int64_t timeout_us)
{
	struct sockaddr_un	sun = { .sun_family = AF_UNIX };
	struct timeval		tv = { .tv_sec = timeout_us / US_PER_S, .tv_usec = timeout_us % US_PER_S };
	int			fd, rc, saved;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	memcpy(sun.sun_path, path, strlen(path));
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return (-1);
	rc = setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	while (rc == 0 && (rc = connect(fd, (const struct sockaddr *)&sun, sizeof(sun))) == -1 && errno == EINTR)
		rc = 0;
	if (rc == 0)
		return (fd);
	saved = errno == EAGAIN ? ETIMEDOUT : errno;
	close(fd);
	errno = saved;
	return (-1);
}

static int
ctl_send(int fd, const char *p, size_t n, int64_t deadline)
{
	ssize_t	sent;

	while (n > 0) {
		sent = send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent > 0) {
			p += sent;
			n -= (size_t)sent;
		} else if (errno == EAGAIN) {
			if (ctl_wait(fd, POLLOUT, deadline) == -1)
				return (-1);
		} else if (errno != EINTR)
			return (-1);
	}
	return (0);
}

/* One line, without its newline; what comes after it is nobody's. */
static int
ctl_receive(int fd, struct buf *line, int64_t deadline)
{
	const char	*end;
	char		*p;
	ssize_t		 n;

	for (;;) {
		p = buf_reserve(line, CHUNK);
		n = recv(fd, p, CHUNK, MSG_DONTWAIT);
		if (n > 0) {
			if ((end = memchr(p, '\n', (size_t)n)) != NULL) {
				line->len += (size_t)(end - p);
				return (0);
			}
			line->len += (size_t)n;
			if (line->len > LIMIT_CTL_LINE) {
				errno = EMSGSIZE;
				return (-1);
			}
		} else if (n == 0) {
			errno = EPROTO;
			return (-1);
		} else if (errno == EAGAIN) {
			if (ctl_wait(fd, POLLIN, deadline) == -1)
				return (-1);
		} else if (errno != EINTR)
			return (-1);
	}
}

static int
ctl_wait(int fd, short events, int64_t deadline)
{
	struct pollfd	pfd = { .fd = fd, .events = events };
	int64_t		left;
	int		n;

	do {
		left = deadline - clock_mono_us();
		if (left <= 0) {
			errno = ETIMEDOUT;
			return (-1);
		}
		n = poll(&pfd, 1, (int)MIN(left / US_PER_MS + 1, INT32_MAX));
	} while (n == 0 || (n == -1 && errno == EINTR));
	return (n == -1 ? -1 : 0);
}
