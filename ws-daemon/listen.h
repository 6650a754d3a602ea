/*
 * listen.h: the daemon's listening sockets: one that was inherited, or a unix socket
 * of its own.
 */
#ifndef UNIO_LISTEN_H
#define UNIO_LISTEN_H

#include "base.h"

/* The socket handed over by whoever started us (LISTEN_PID and LISTEN_FDS, sd_listen_fds(3)), non-blocking; -1: none. */
int		listen_inherited(void);
/*
 * Binds path, mode 0660, non-blocking.  A file that is left over is replaced, but
 * only if nobody listens on it.  The descriptor, or -1 with a sentence in error_r.
 */
NODISCARD int	listen_unix(const char *path, char *error_r, size_t error_size);

#endif
