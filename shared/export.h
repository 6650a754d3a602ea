/*
 * export.h: everything that is kept about a user, as one JSON object, for the user to
 * have: without secrets and their digests, and without what is about others alone.
 */
#ifndef UNIO_EXPORT_H
#define UNIO_EXPORT_H

#include "base.h"
#include "db.h"
#include "emit.h"
#include "mem.h"
#include "store_user.h"

/* Within a transaction: one snapshot; 0/-1. */
NODISCARD int	export_user(struct db *db, struct arena *arena, const struct user *user, int64_t now_us,
    struct emit *e);

#endif
