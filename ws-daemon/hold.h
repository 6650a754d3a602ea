/*
 * hold.h: a daemon's claim on the meetings that it serves: two daemons never serve one meeting, whatever they were
 * started with, or the room would be in two halves.
 *
 * It is a lock on bytes of a file beside the database, FILE-daemons, one for each bucket (shard.h), so that daemons of
 * different numbers of daemons see each other, too.  The kernel takes it back at the process's end, however that ends.
 */
#ifndef UNIO_HOLD_H
#define UNIO_HOLD_H

#include "base.h"
#include "shard.h"

/* A descriptor to keep for as long as the claim shall last; -1 with a sentence. */
int	hold_take(const char *database, const struct shard *shard, char *error_r, size_t error_size);

#endif
