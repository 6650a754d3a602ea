/*
 * store_ticket.h: the tickets that were given out and not yet shown.
 *
 * A ticket works once: store_ticket_burn() takes its row away, so of several connections
 * that show the same one the first to get the write lock has it, and after a crash it is
 * either used or not.
 */
#ifndef UNIO_STORE_TICKET_H
#define UNIO_STORE_TICKET_H

#include "base.h"
#include "db.h"
#include "ticket.h"

struct ticket {
	int64_t	user_id;
	int64_t	login_id;
	int64_t	meeting_id;
	int64_t	expires_at;
};

/* Makes one and keeps its hash; 0/-1. */
NODISCARD int	store_ticket_issue(struct db *db, const struct ticket *ticket, char text_r[TICKET_SIZE]);
/*
 * Takes it away, wherever it was shown: 1 and what it says if it was good for this
 * meeting at this time, 0 (used, expired, another meeting's, unknown, no ticket at
 * all), -1.  Writes: in an IMMEDIATE transaction, to be committed after a 0 as well.
 */
NODISCARD int	store_ticket_burn(struct db *db, const char *text, size_t n, int64_t meeting_id, int64_t now_us,
    struct ticket *ticket_r);
/* Deletes at most limit expired ones; how many, or -1. */
NODISCARD int64_t store_ticket_purge(struct db *db, int64_t now_us, size_t limit);

#endif
