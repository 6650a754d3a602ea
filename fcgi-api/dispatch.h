/*
 * dispatch.h: one request from its path to its commit.
 *
 * route, size, token, rate, body, prepare, begin, session, handler, events, commit,
 * wake-up: in this order, and the first that fails is the reply.  The reply is sent only
 * after the transaction is over, so that no success is told of a change that was rolled
 * back.
 *
 * Where requests queue to write, one transaction may be for several: each is a part of it that
 * is kept or taken back by itself, and all are answered after the one commit.
 */
#ifndef UNIO_DISPATCH_H
#define UNIO_DISPATCH_H

#include "service.h"

enum dispatch_as {
	DISPATCH_ALONE,
	DISPATCH_FIRST,		/* others may join its transaction */
	DISPATCH_JOIN		/* it joins */
};

enum dispatch_end {
	DISPATCH_OVER,
	DISPATCH_OPEN,		/* its transaction is open, for others to join it, until dispatch_commit() */
	DISPATCH_UNFIT		/* of one that should join: it cannot, and nothing was done */
};

/* Fills the answer, but for its out. */
enum dispatch_end	dispatch(struct service *service, enum dispatch_as as, struct answer *answer);
/* The end of the service's group: where it cannot be committed, none of it has happened, and each answer says so. */
void			dispatch_commit(struct service *service);

#endif
