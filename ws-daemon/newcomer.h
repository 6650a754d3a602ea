/*
 * newcomer.h: a connection that is no WebSocket yet: how long it may take to become one, and whose it is.
 */
#ifndef UNIO_NEWCOMER_H
#define UNIO_NEWCOMER_H

#include "hub.h"

struct newcomer {
	struct wheel_timer	timer;
	char			address[LIMIT_ADDRESS];	/* of its client; "": not asked yet */
	bool			corked;			/* what it is told first leaves with what follows (cork.h) */
};

/* late: called with the owner when handshake_timeout is over. */
struct newcomer	*newcomer_new(struct hub *hub, void (*late)(void *context, void *owner), void *owner);
void		 newcomer_free(struct newcomer **newcomer);

#endif
