/*
 * ledger.h: what unio-hookd reads from the database and writes to it, each in one transaction.
 *
 * Killed between any two of them, it goes on where the last one ended: an event is taken up once, with its cursor;
 * a message whose end was not written is sent again with the same id.  Nothing waits longer than BOUND_LOCKED for
 * the lock; -1 then, or for any other reason, means that nothing has changed, and db_error() says why.
 */
#ifndef UNIO_LEDGER_H
#define UNIO_LEDGER_H

#include "conf.h"
#include "db.h"
#include "store_delivery.h"
#include "store_webhook.h"

/* One attempt at one delivery. */
struct ledger_entry {
	struct ledger_entry	*next;
	struct delivery		 delivery;	/* ids, attempts, give_up_at alone */
	int64_t			 status;	/* HTTP, 0: no answer */
	int64_t			 retry_after;	/* microseconds, 0: not asked for */
	const char		*error;		/* NULL: taken */
	bool			 last;		/* set by ledger_end(): not taken, and not tried again */
};

/* What has been done. */
struct ledger_done {
	int64_t	made;		/* deliveries, of events */
	int64_t	lost;		/* events, too old before they were taken up */
	int64_t	given_up;	/* deliveries, without a last attempt */
	bool	more;		/* there may be others */
};

/* Opens it, of this program's schema; NULL with a sentence. */
struct db	*ledger_open(const struct conf *conf, char *error_r, size_t error_size);
/* Makes the deliveries of new events, a page of them; 0/-1. */
NODISCARD int	 ledger_take(struct db *db, const struct conf *conf, struct arena *arena, int64_t now_us,
    struct ledger_done *done_r);
/* Writes how attempts have ended, and what follows for their webhooks; 0/-1. */
NODISCARD int	 ledger_end(struct db *db, const struct conf *conf, struct arena *arena,
    struct ledger_entry *entries, int64_t now_us);
/* Gives up and throws away what is too old, and what was deleted, so much of it at a time; 0/-1. */
NODISCARD int	 ledger_tidy(struct db *db, const struct conf *conf, struct arena *arena,
    const struct delivery_ids *under_way, int64_t now_us, struct ledger_done *done_r);

#endif
