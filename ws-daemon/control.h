/*
 * control.h: the control socket (ctl.h has the protocol): unio-api asks it who is in
 * a room and whether the daemon is ready; unioctl which rooms there are and how it is, and
 * has somebody thrown out, a room told something, the daemon drained and its
 * configuration read again.
 *
 * Non-blocking and bounded: few clients at a time, short commands, and each has
 * BOUND_CONTROL_US to be done.
 */
#ifndef UNIO_CONTROL_H
#define UNIO_CONTROL_H

#include "hub.h"
#include "loop.h"

struct control;

/* Whom it asks, and who does what it is told. */
struct control_host {
	struct hub		*hub;
	void			*arg;
	void			(*drain)(void *arg);
	/* false with a sentence in error_r, and nothing has changed. */
	bool			(*reload)(void *arg, char *error_r, size_t error_size);
};

/* The host is copied.  NULL with a sentence in error_r. */
struct control	*control_new(struct loop *loop, const struct control_host *host, char *error_r, size_t error_size);
void		 control_free(struct control **control);

/* The answer to one command line, a JSON object without its newline. */
void		 control_answer(const struct control_host *host, const char *line, size_t n, struct buf *out);

#endif
