/*
 * dispatch.h: one request from its path to its commit.
 *
 * route, size, token, rate, body, prepare, begin, session, handler, events, commit,
 * wake-up: in this order, and the first that fails is the reply.  The reply is sent only
 * after the transaction is over, so that no success is told of a change that was rolled
 * back.
 */
#ifndef UNIO_DISPATCH_H
#define UNIO_DISPATCH_H

#include "service.h"

/* Fills the reply; the caller's user id, 0 if unknown. */
int64_t		dispatch(struct service *service, struct request *request, struct reply *reply);

#endif
