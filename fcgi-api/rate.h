/*
 * rate.h: how many requests a second one user may make, counted over all workers.
 *
 * A small mapping that the workers share, made before they are forked: one time per
 * slot, changed by compare-and-swap, so that a worker that dies holds nothing.  Users
 * whose ids are RATE_SLOTS apart share a slot, which can only make the limit stricter.
 * A plain CGI process has no such mapping (NULL) and no limit.
 */
#ifndef UNIO_RATE_H
#define UNIO_RATE_H

#include "base.h"

#define RATE_SLOTS	65536	/* 512 KiB, of which only the pages in use exist */

struct rate;

/* Shared with every process forked later; NULL if there is no memory. */
struct rate	*rate_new(void);
void		 rate_free(struct rate **rate);
/* Takes one request of user_id at per_second (and as many at once); false when there is none left.  0 = no limit. */
NODISCARD bool	 rate_take(struct rate *rate, int64_t user_id, int64_t per_second, int64_t mono_us);

#endif
