/*
 * outq.h: what is waiting to be sent to one connection: a bounded queue of
 * references to messages.
 *
 * A zeroed struct is an empty queue that holds no memory.  The bound is the
 * caller's (configuration), who asks outq_fits() before outq_push(): what does not fit
 * makes the connection a slow consumer.  A control frame (ping) always fits.
 */
#ifndef UNIO_OUTQ_H
#define UNIO_OUTQ_H

#include "message.h"

/* The length stands here as well, so that forgetting an old message does not wait for its memory. */
struct outq_item {
	struct message	*message;
	size_t		 len;
};

struct outq {
	struct outq_item *ring;
	unsigned	  cap;		/* a power of two */
	unsigned	  head;
	unsigned	  count;
	size_t		  bytes;
};

struct outq_bound {
	size_t	bytes;
	size_t	frames;
};

bool		outq_fits(const struct outq *q, const struct message *message, const struct outq_bound *bound);
/* Takes a reference of its own. */
void		outq_push(struct outq *q, struct message *message);
/* Moves whole messages into dst while they fit, and forgets them; the number of bytes. */
size_t		outq_gather(struct outq *q, struct message_pool *pool, unsigned char *dst, size_t size);
/* The oldest message, whose reference is now the caller's; NULL if empty. */
struct message	*outq_pop(struct outq *q);
/* The oldest will soon be popped. */
void		outq_ahead(const struct outq *q);
/* The i-th oldest of what is there; it stays the queue's. */
struct message	*outq_at(const struct outq *q, unsigned i);
/* How many are frames of the session: pings and what answers a resume are not. */
size_t		outq_frames(const struct outq *q);
void		outq_clear(struct outq *q, struct message_pool *pool);
/* outq_clear(), and the memory. */
void		outq_free(struct outq *q, struct message_pool *pool);

#endif
