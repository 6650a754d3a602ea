/*
 * accept.h: takes connections off the listening socket.
 *
 * Our own loop, not the library's: it takes them in batches, keeps to
 * max_connections (the others wait in the backlog), and pauses where descriptors get
 * scarce (spare.h), so that nothing else of the process meets EMFILE.
 */
#ifndef UNIO_ACCEPT_H
#define UNIO_ACCEPT_H

#include "loop.h"

struct accept;
struct ws;

/* The descriptor is closed by accept_free(). */
struct accept	*accept_new(struct loop *loop, struct ws *ws, int fd, size_t max);
/* A connection has gone: there is room again. */
void		 accept_resume(struct accept *accept);
void		 accept_free(struct accept **accept);

#endif
