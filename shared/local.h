/*
 * local.h: an address that only this machine can reach: a loopback address with a port
 * ("127.0.0.1:9465", "[::1]:9465"), or the absolute path of a unix socket.
 * Names are not looked up: what they mean is not ours to know.  Pure.
 */
#ifndef UNIO_LOCAL_H
#define UNIO_LOCAL_H

#include <sys/socket.h>

#include "base.h"

struct local {
	struct sockaddr_storage	address;
	socklen_t		size;
};

/* False if the text is anything else. */
NODISCARD bool	local_parse(const char *text, struct local *local_r);

#endif
