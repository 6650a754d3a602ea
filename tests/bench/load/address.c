#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>

#include <err.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

void
address_parse(struct address *address, const char *text)
{
	struct sockaddr_un	*sun = (struct sockaddr_un *)&address->sockaddr;
	struct sockaddr_in	*sin = (struct sockaddr_in *)&address->sockaddr;
	const char		*colon = strrchr(text, ':');
	char			 host[64] = "";

	memset(address, 0, sizeof(*address));
	if (strncmp(text, "unix:", 5) == 0 && strlen(text + 5) < sizeof(sun->sun_path)) {
		sun->sun_family = AF_UNIX;
		strcpy(sun->sun_path, text + 5);
		address->n = sizeof(*sun);
		return;
	}
	if (strncmp(text, "tcp:", 4) == 0 && colon > text + 4 && (size_t)(colon - text) < sizeof(host)) {
		memcpy(host, text + 4, (size_t)(colon - text - 4));
		sin->sin_family = AF_INET;
		sin->sin_port = htons((uint16_t)atoi(colon + 1));
		address->n = sizeof(*sin);
		if (inet_pton(AF_INET, host, &sin->sin_addr) == 1)
			return;
	}
	errx(2, "%s: neither tcp:HOST:PORT nor unix:PATH", text);
}

int
address_connect(const struct address *address)
{
	const struct sockaddr	*sockaddr = (const struct sockaddr *)&address->sockaddr;
	int			 fd = socket(sockaddr->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd == -1 || connect(fd, sockaddr, address->n) == -1)
		err(1, "the server cannot be reached");
	if (sockaddr->sa_family == AF_INET)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		err(1, "fcntl");
	return fd;
}

int
address_listen(const struct address *address)
{
	const struct sockaddr	*sockaddr = (const struct sockaddr *)&address->sockaddr;
	int			 fd = socket(sockaddr->sa_family, SOCK_STREAM, 0), on = 1;

	if (fd == -1)
		err(1, "socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, sockaddr, address->n) == -1 || listen(fd, 4096) == -1)
		err(1, "listen");
	return fd;
}
