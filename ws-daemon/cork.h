/*
 * cork.h: TCP alone: what is written waits in the kernel until more has been written, so
 * that the reply to an upgrade and the first frames leave in one segment (tcp(7), TCP_CORK).
 * The kernel itself lets go after a fifth of a second.  Of a unix socket it is refused.
 */
#ifndef UNIO_CORK_H
#define UNIO_CORK_H

#include "base.h"

/* Whether it is held back from now on. */
NODISCARD bool	cork_put(int fd);
/* What has been held back leaves. */
void		cork_pull(int fd);

#endif
