/*
 * listen.h: the listening unix socket of a program: handed over by whoever started
 * it, or its own.
 */
#ifndef UNIO_LISTEN_H
#define UNIO_LISTEN_H

#include "base.h"

/*
 * The socket that the service manager opened (descriptor 3 with LISTEN_PID and
 * LISTEN_FDS, sd_listen_fds(3)), or spawn-fcgi or inetd (descriptor 0); non-blocking,
 * closed on exec.  -1: none.
 */
int		listen_inherited(void);
/*
 * Binds path, mode 0660, non-blocking, closed on exec.  A socket that is left over is
 * replaced, but only if nobody listens on it.  The descriptor, or -1 with a sentence
 * in error_r.
 */
NODISCARD int	listen_unix(const char *path, char *error_r, size_t error_size);

#endif
