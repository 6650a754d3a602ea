/*
 * handle.h: what a session's frame does.
 */
#ifndef UNIO_HANDLE_H
#define UNIO_HANDLE_H

#include "base.h"

struct hub;
struct session;

/* One text frame, whole.  Whatever it is, the session gets an answer to it if it asked for one. */
void	handle_frame(struct hub *hub, struct session *session, const char *p, size_t n);

#endif
