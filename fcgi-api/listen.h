/*
 * listen.h: the socket that the front server connects to: inherited, or our own.
 */
#ifndef UNIO_LISTEN_H
#define UNIO_LISTEN_H

#include "base.h"

/* One that the service manager (LISTEN_FDS, sd_listen_fds(3)) or spawn-fcgi (descriptor 0) opened; -1 if there is none. */
int	listen_inherited(void);
/* Binds path, mode 0660, in place of a socket that nobody listens on any more; -1 with errno. */
int	listen_open(const char *path);

#endif
