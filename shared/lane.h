/*
 * lane.h: processes that write to the database queue, and write in the order in which they came.
 *
 * SQLite lets one write at a time; the others sleep, ever longer, and look again, while
 * nobody writes and those who come later overtake.  Those of one program (the workers of
 * unio-api) therefore queue before they ask it: a mutex in a mapping that they share, made
 * before they are forked, which the kernel hands to the next of them, and takes back from one
 * that dies.  It is a waiting room and no more: who may write is decided by SQLite, for other
 * programs write as well.
 * NULL is a lane where nobody queues.
 */
#ifndef UNIO_LANE_H
#define UNIO_LANE_H

#include "base.h"

struct lane;

/* Shared with every process forked later; NULL if that cannot be had. */
struct lane	*lane_new(void);
void		 lane_free(struct lane **lane);
/* Waits for the turn: 1 it has come, 0 it has not in that time, -1 there is no lane, or it is out of order, or ours. */
NODISCARD int	 lane_enter(struct lane *lane, int64_t timeout_us);
/* The next one's turn; nothing, if it was not ours. */
void		 lane_leave(struct lane *lane);

#endif
