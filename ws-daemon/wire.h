/*
 * wire.h: what RFC 6455 asks of clients where the library asks for less: an upgrade is a GET of version 13 with a key;
 * text is UTF-8, which is seen as soon as it is not; a close frame holds nothing, or a code that may be sent and a
 * text.  Pure.
 */
#ifndef UNIO_WIRE_H
#define UNIO_WIRE_H

#include "base.h"

/* How far a character has come that the pieces of a message cut.  A zeroed struct is between two. */
struct wire_text {
	unsigned	missing;	/* bytes of it */
	unsigned char	low, high;	/* what the next of them may be; 0: any continuation byte */
};

/* The HTTP reply to what cannot be an upgrade, by its method, Sec-WebSocket-Version and -Key (4.2.1); NULL: it can. */
const char	*wire_upgrade(bool get, const char *version, const char *key);
/* The HTTP reply to one too many. */
const char	*wire_busy(void);
/* And to a page of an origin that is not allowed. */
const char	*wire_stranger(void);

/* A piece of a text message goes on, or ends, as UTF-8 (RFC 3629 4); bool. */
NODISCARD bool	wire_text(struct wire_text *text, const char *p, size_t n, bool last);
/*
 * Makes of the payload of a client's close frame the one that it is answered with: the same, or what is wrong with it
 * (5.5.1, 7.4).  0, or the code that there is no room for.
 */
NODISCARD int	wire_close(unsigned char *p, size_t n);

#endif
