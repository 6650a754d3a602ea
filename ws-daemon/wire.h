/*
 * wire.h: what RFC 6455 asks of the payloads that clients send, where the library asks for less: text is UTF-8, which
 * is seen as soon as it is not, and a close frame holds nothing, or a code that may be sent and a text.  Pure.
 */
#ifndef UNIO_WIRE_H
#define UNIO_WIRE_H

#include "base.h"

/* How far a character has come that the pieces of a message cut.  A zeroed struct is between two. */
struct wire_text {
	unsigned	missing;	/* bytes of it */
	unsigned char	low, high;	/* what the next of them may be; 0: any continuation byte */
};

/* A piece of a text message goes on, or ends, as UTF-8 (RFC 3629 4); bool. */
NODISCARD bool	wire_text(struct wire_text *text, const char *p, size_t n, bool last);
/* The close code that the payload of a client's close frame must be answered with, 0 if it may stand (5.5.1, 7.4). */
NODISCARD int	wire_close(const unsigned char *p, size_t n);

#endif
