/*
 * address.h: where the server is: tcp:HOST:PORT (numeric) or unix:PATH.
 */
#ifndef BENCH_ADDRESS_H
#define BENCH_ADDRESS_H

#include <sys/socket.h>

struct address {
	struct sockaddr_storage	sockaddr;
	socklen_t		n;
};

/* Exits if it is none. */
void	address_parse(struct address *address, const char *text);
/* A connected socket that does not block; exits if nobody listens there. */
int	address_connect(const struct address *address);
/* A socket that listens there, blocking, and inherited by children; exits on failure. */
int	address_listen(const struct address *address);

#endif
