/*
 * store_lease.h: when a signaling daemon was last known to be alive.
 */
#ifndef UNIO_STORE_LEASE_H
#define UNIO_STORE_LEASE_H

#include "base.h"
#include "db.h"

/* 1/0/-1. */
NODISCARD int	store_lease_get(struct db *db, const char *daemon, int64_t *renewed_us_r);
/* Takes or renews it; 0/-1. */
NODISCARD int	store_lease_renew(struct db *db, const char *daemon, int64_t started_us, int64_t now_us);

#endif
