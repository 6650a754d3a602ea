/*
 * remote.h: who is at the other end of a socket.
 */
#ifndef UNIO_REMOTE_H
#define UNIO_REMOTE_H

#include "base.h"
#include "sizes.h"

/* The client's address by peer.h's rule; forwarded_for NULL: no such header. */
void	remote_client(int fd, const char *trusted_proxies, const char *forwarded_for, char client_r[LIMIT_ADDRESS]);

#endif
