/*
 * store_lease.h: when a signaling daemon was last known to be alive.
 */
#ifndef UNIO_STORE_LEASE_H
#define UNIO_STORE_LEASE_H

#include "base.h"
#include "db.h"
#include "shard.h"

/*
 * When last a daemon, of this number of daemons or of another, served some of the meetings that this one serves,
 * as far as is known; 1/0/-1.
 */
NODISCARD int	store_lease_last(struct db *db, const struct shard *shard, int64_t *renewed_us_r);
/* Takes or renews it; 0/-1. */
NODISCARD int	store_lease_renew(struct db *db, const struct shard *shard, int64_t started_us, int64_t now_us);

#endif
