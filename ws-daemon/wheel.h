/*
 * wheel.h: deadlines, any number of them, set and moved in constant time.
 *
 * A hashed wheel: a timer lies in the slot of its tick, and one that is further
 * away than a revolution stays there until its time has come.  A timer is embedded
 * in what it belongs to, which sets fire and owner once.  It fires at most a tick
 * late, never early, and is off the wheel when it does.
 */
#ifndef UNIO_WHEEL_H
#define UNIO_WHEEL_H

#include "base.h"

#define WHEEL_TICK_US	(50 * US_PER_MS)
#define WHEEL_SLOTS	1024

struct wheel_timer {
	struct wheel_timer	 *next;
	struct wheel_timer	**link;		/* what points here; NULL: not set */
	int64_t			  due_us;
	void			(*fire)(void *context, void *owner);
	void			 *owner;
};

struct wheel {
	void			*context;	/* handed to every fire */
	int64_t			 tick;		/* the last one done */
	struct wheel_timer	*slot[WHEEL_SLOTS];
};

void	wheel_init(struct wheel *wheel, void *context, int64_t now_us);
/* Sets the timer, or moves it. */
void	wheel_set(struct wheel *wheel, struct wheel_timer *timer, int64_t due_us);
/* Also when it is not set. */
void	wheel_cancel(struct wheel_timer *timer);
/* Fires what is due; a fire may set and cancel any timer. */
void	wheel_advance(struct wheel *wheel, int64_t now_us);

#endif
