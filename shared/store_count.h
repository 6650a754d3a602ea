/*
 * store_count.h: how much there is of everything, for whoever looks after the server.
 * Goes through whole tables: not for a request's way.
 */
#ifndef UNIO_STORE_COUNT_H
#define UNIO_STORE_COUNT_H

#include "base.h"
#include "db.h"

/* The i-th count: its name and number; 1, 0 past the last, -1. */
NODISCARD int	store_count(struct db *db, size_t i, const char **name_r, int64_t *number_r);

#endif
