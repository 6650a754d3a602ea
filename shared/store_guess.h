/*
 * store_guess.h: wrong passwords counted for longer than a window: of one account from everywhere, and from one
 * address for every account.  Beside the count of account and address together (store_login.h), which locks.
 *
 * One failure is forgotten every forget_us; what is left, and when the last one was, says how long the next attempt
 * waits.  Both kinds have a fixed number of slots, which names share by their digest, so that what strangers try
 * takes no more room: sharing one can only make the limit stricter.  Unknown accounts are counted as known ones are.
 */
#ifndef UNIO_STORE_GUESS_H
#define UNIO_STORE_GUESS_H

#include "base.h"
#include "db.h"

enum store_guess_kind { STORE_GUESS_ACCOUNT, STORE_GUESS_ADDRESS };

#define STORE_GUESS_SLOTS	65536	/* of each kind */
#define STORE_GUESS_PLACES	20	/* addresses known of one account */

/* How many are not forgotten yet, and the time of the last (0: none); 0/-1. */
NODISCARD int	store_guess_count(struct db *db, enum store_guess_kind kind, const char *name, int64_t forget_us,
    int64_t now_us, int64_t *failures_r, int64_t *failed_us_r);
NODISCARD int	store_guess_add(struct db *db, enum store_guess_kind kind, const char *name, int64_t forget_us,
    int64_t now_us);

/* The account has been signed in to from that address (of peer_limit_key()) since then; 1/0/-1. */
NODISCARD int	store_guess_is_known(struct db *db, int64_t user_id, const char *address, int64_t since_us);
/* It was now; the places that were used before, beyond STORE_GUESS_PLACES, are forgotten; 0/-1. */
NODISCARD int	store_guess_know(struct db *db, int64_t user_id, const char *address, int64_t now_us);
/* Deletes about limit of the slots that have been quiet since then; how many, or -1. */
NODISCARD int64_t store_guess_purge(struct db *db, int64_t before_us, size_t limit);

#endif
