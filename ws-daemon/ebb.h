/*
 * ebb.h: when a crowd has gone, its memory goes back to the system.
 *
 * What a session leaves behind lies scattered between what lives on, so that the
 * allocator by itself keeps nearly all of it.  Giving it back walks the whole heap (tens
 * of milliseconds of the loop after 8,000 sessions): it is done once for a crowd, at a
 * moment when few come and go.
 */
#ifndef UNIO_EBB_H
#define UNIO_EBB_H

#include "message.h"

/* A zeroed struct has seen nobody. */
struct ebb {
	size_t	peak;		/* the most since memory was last given back */
	size_t	last;		/* how many there were a sweep ago */
	int64_t	swept_us;
};

/* At every tick, with the number of those who are there: is it time? */
bool	ebb_due(struct ebb *ebb, size_t count, int64_t now_us);
/* Gives back what is free, the pool's messages as well. */
void	ebb_trim(struct message_pool *pool);

#endif
