/*
 * idem.h: a request with an Idempotency-Key.
 *
 * Looked up and kept inside the request's own transaction, so that a duplicate waits
 * for the first and then gets its reply again, with Idempotency-Replayed: true.
 * Only a success is kept: an error has changed nothing, and is judged anew, so that a
 * key is not spoilt for a day by a refusal that has been mended.  So that nobody fills
 * the disk with keys, of one user's no more than the newest LIMIT_IDEMPOTENCY_ROWS are
 * kept, and no reply of more than LIMIT_IDEMPOTENCY_BODY.
 */
#ifndef UNIO_IDEM_H
#define UNIO_IDEM_H

#include "route.h"

/* Instead of calling route->handler. */
void		idem_run(const struct route *route, struct context *c, struct reply *r);

#endif
