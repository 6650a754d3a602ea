/*
 * bounds.h: what unio-hookd never exceeds, and how often it looks.
 */
#ifndef UNIO_BOUNDS_H
#define UNIO_BOUNDS_H

#include "base.h"

/* Messages under way: every webhook may have one whatever the others have; the rest are shared out. */
#define BOUND_EACH		4	/* of one webhook */
#define BOUND_SHARED		64	/* of all, but for the first of each */

#define BOUND_WAITING		20000	/* deliveries of one webhook; then its events wait in their own table */
#define BOUND_TAKE_EVENTS	200	/* looked at in one transaction, twice that for several webhooks */
#define BOUND_TAKE_BYTES	(1024 * 1024)
#define BOUND_TIDY_ROWS		200	/* in one transaction: they have bodies, and the write lock is short */

#define BOUND_ANSWER		65536	/* bytes of an answer, head and body; nothing in it is of use */
#define BOUND_CONNECT		(5 * US_PER_S)	/* for connection and TLS, if webhook_timeout is not shorter */

#define BOUND_LOOK		(100 * US_PER_MS)	/* for new events, while there are webhooks */
#define BOUND_LOOK_IDLE		(500 * US_PER_MS)	/* for webhooks, while there are none */
#define BOUND_TIDY		(60 * US_PER_S)
#define BOUND_LOCKED		(100 * US_PER_MS)	/* waited for the database's lock; all messages wait then */

#endif
