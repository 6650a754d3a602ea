/*
 * control.h: the control socket (ctl.h has the protocol): unio-api asks it who is in
 * a room and whether the daemon is ready, unioctl which rooms there are.
 *
 * Non-blocking and bounded: few clients at a time, short commands, and each has
 * BOUND_CONTROL_US to be done.
 */
#ifndef UNIO_CONTROL_H
#define UNIO_CONTROL_H

#include "hub.h"
#include "loop.h"

struct control;

/* NULL with a sentence in error_r. */
struct control	*control_new(struct loop *loop, struct hub *hub, char *error_r, size_t error_size);
void		 control_free(struct control **control);

/* The answer to one command line, a JSON object without its newline. */
void		 control_answer(const struct hub *hub, const char *line, size_t n, struct buf *out);

#endif
