/*
 * rate.h: how many requests a second one user may make, and how many attempts at a
 * password one client address, counted over all workers.
 *
 * A small mapping that the workers share, made before they are forked: one time per
 * slot, changed by compare-and-swap, so that a worker that dies holds nothing.  Users
 * whose ids are RATE_SLOTS apart share a slot, and so do addresses that are hashed to
 * the same one (differently after each start), which can only make the limit stricter.
 * A plain CGI process has no such mapping (NULL) and no limit.
 */
#ifndef UNIO_RATE_H
#define UNIO_RATE_H

#include "base.h"

#define RATE_SLOTS	65536	/* of each kind: 512 KiB, of which only the pages in use exist */

struct rate;

/* Shared with every process forked later; NULL if there is no memory. */
struct rate	*rate_new(void);
void		 rate_free(struct rate **rate);
/* Takes one request of user_id at per_second (and as many at once); false when there is none left.  0 = no limit. */
NODISCARD bool	 rate_take(struct rate *rate, int64_t user_id, int64_t per_second, int64_t mono_us);
/* The same for one attempt from a client address; those of an IPv6 site count together. */
NODISCARD bool	 rate_take_address(struct rate *rate, const char *address, int64_t per_second, int64_t mono_us);

#endif
