#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervise_listen.h"

static int	listen_unix(const char *);
static int	listen_tcp(char *);

int
supervise_listen(const char *spec)
{
	char *copy;
	int fd;

	if ((copy = strdup(spec)) == NULL)
		err(1, NULL);
	if (strncmp(copy, "unix:", 5) == 0)
		fd = listen_unix(copy + 5);
	else if (strncmp(copy, "tcp:", 4) == 0)
		fd = listen_tcp(copy + 4);
	else
		errx(1, "%s: neither unix: nor tcp:", spec);
	if (fd == -1 && errno == EADDRINUSE)
		errx(1, "%s is in use", spec);
	if (fd == -1 || listen(fd, SOMAXCONN) == -1)
		err(1, "%s", spec);
	free(copy);
	return fd;
}

/* Whoever starts us holds a lock on the instance, so a socket file that is there is one left behind. */
static int
listen_unix(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, error;

	if (strlen(path) >= sizeof(sun.sun_path))
		errx(1, "%s: longer than a socket address (%zu)", path, sizeof(sun.sun_path) - 1);
	memcpy(sun.sun_path, path, strlen(path) + 1);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return -1;
	(void)unlink(path);
	mask = umask(0117);	/* 0660: for us and for a web server in our group */
	error = bind(fd, (struct sockaddr *)&sun, sizeof(sun));
	umask(mask);
	return error == -1 ? -1 : fd;
}

static int
listen_tcp(char *host)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_PASSIVE, .ai_socktype = SOCK_STREAM };
	struct addrinfo *ai;
	char *port;
	int fd, error, on = 1;

	if ((port = strrchr(host, ':')) == NULL)
		errx(1, "%s: no port", host);
	*port++ = '\0';
	if ((error = getaddrinfo(host, port, &hints, &ai)) != 0)
		errx(1, "%s port %s: %s", host, port, gai_strerror(error));
	if ((fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return -1;
	/* Else a port that has just been served is in use for a minute. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    bind(fd, ai->ai_addr, ai->ai_addrlen) == -1)
		fd = -1;
	freeaddrinfo(ai);
	return fd;
}

void
supervise_listen_end(const char *spec)
{
	if (strncmp(spec, "unix:", 5) == 0)
		(void)unlink(spec + 5);
}
