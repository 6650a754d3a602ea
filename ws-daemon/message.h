/*
 * message.h: one encoded WebSocket frame, shared by all who receive it.
 *
 * A message holds the frame exactly as it goes over the wire (RFC 6455 5.2, a
 * server's frame: unmasked, one fragment).  It never changes after it is made, so
 * one copy serves a whole room.  Counted references; the last one gives the memory
 * back to the pool, which keeps some of it, because a busy relay would
 * otherwise trim and grow the heap at every turn.
 */
#ifndef UNIO_MESSAGE_H
#define UNIO_MESSAGE_H

#include "base.h"

/* Four sizes to each doubling, from 80 bytes to 128 KiB: the largest frame that a client may send, and more. */
enum { MESSAGE_CLASSES = 44 };

struct message {
	struct message	*next;		/* in the pool's free list */
	uint32_t	 refs;
	uint32_t	 len;
	uint32_t	 size;		/* of all of it */
	uint8_t		 size_class;	/* MESSAGE_CLASSES: not pooled */
	bool		 control;	/* a ping, or what answers a resume: no frame of the session */
	unsigned char	 data[];
};

struct message_pool {
	struct message	*free[MESSAGE_CLASSES];
	size_t		 spare;		/* bytes in them */
	size_t		 bytes;		/* in use, each message once */
	size_t		 made;		/* bytes since the edge last wrote */
};

/* A text frame whose payload is the parts, one after the other; one reference, the caller's. */
struct message	*message_text(struct message_pool *pool, const struct slice *parts, size_t n);
/* A ping with that payload, of at most 125 bytes. */
struct message	*message_ping(struct message_pool *pool, const void *payload, size_t n);
struct message	*message_ref(struct message *message);
void		 message_unref(struct message_pool *pool, struct message **message);
void		 message_pool_free(struct message_pool *pool);

#endif
