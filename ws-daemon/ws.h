/*
 * ws.h: the sockets (the only file that knows libwebsockets).
 *
 * It reads the upgrade, assembles frames for the hub, and writes what the hub has
 * queued: all of a connection's output of one turn in one write, already framed
 * (message.h), so that the library only sends bytes.  It is the only one that ends a
 * socket, and it does so only from the library's own callbacks.
 */
#ifndef UNIO_WS_H
#define UNIO_WS_H

#include "hub.h"
#include "loop.h"

struct ws;

/* gone: called whenever a socket has been closed.  NULL if the library cannot start. */
struct ws	*ws_new(struct loop *loop, struct hub *hub, loop_call *gone, void *arg);
/* Closes every connection at once; they are gone from the hub when it returns. */
void		 ws_free(struct ws **ws);
/* Takes over an accepted socket, or closes it. */
void		 ws_adopt(struct ws *ws, int fd);
/* Does for every dirty connection what it needs; once a turn. */
void		 ws_flush(struct ws *ws);
/* Sockets, whether upgraded or not. */
size_t		 ws_count(const struct ws *ws);

#endif
