/*
 * store_idem.h: the first replies of requests that carried an Idempotency-Key.
 *
 * Found and added within the transaction that does the work.  Writers begin IMMEDIATE,
 * so a duplicate that comes while the first is running waits for the lock and then
 * finds the first one's row.
 */
#ifndef UNIO_STORE_IDEM_H
#define UNIO_STORE_IDEM_H

#include "base.h"
#include "db.h"
#include "mem.h"

struct idem {
	const char	*request_hash;	/* of method, path and body */
	int		 status;
	const char	*location;	/* NULL: none */
	const char	*body;
};

/* The reply given under this key since since_us; 1/0/-1. */
NODISCARD int	store_idem_find(struct db *db, struct arena *arena, int64_t user_id, const char *key, int64_t since_us,
    struct idem *idem_r);
/* Keeps one, in place of an older one that store_idem_find() would not find any more; 0/-1. */
NODISCARD int	store_idem_add(struct db *db, int64_t user_id, const char *key, const struct idem *idem,
    int64_t now_us);
/* Deletes all of this user's but the newest keep (fewer only if several are of the same microsecond); 0/-1. */
NODISCARD int	store_idem_trim(struct db *db, int64_t user_id, size_t keep);
/* Deletes the oldest of those made before, about limit of them (several may be of one microsecond); how many, or -1. */
NODISCARD int64_t store_idem_purge(struct db *db, int64_t before_us, size_t limit);

#endif
