#include <string.h>

#include "wheel.h"

static void	insert(struct wheel_timer **, struct wheel_timer *);
static void	run_slot(struct wheel *, struct wheel_timer **, int64_t);

void
wheel_init(struct wheel *wheel, void *context, int64_t now_us)
{
	memset(wheel, 0, sizeof(*wheel));
	wheel->context = context;
	wheel->tick = now_us / WHEEL_TICK_US;
}

void
wheel_set(struct wheel *wheel, struct wheel_timer *timer, int64_t due_us)
{
	/* the first tick that begins at or after the time, and none that is already done */
	int64_t tick = MAX((due_us + WHEEL_TICK_US - 1) / WHEEL_TICK_US, wheel->tick + 1);

	wheel_cancel(timer);
	timer->due_us = due_us;
	insert(&wheel->slot[tick % WHEEL_SLOTS], timer);
}

void
wheel_cancel(struct wheel_timer *timer)
{
	if (timer->link == NULL)
		return;
	*timer->link = timer->next;
	if (timer->next != NULL)
		timer->next->link = timer->link;
	timer->next = NULL;
	timer->link = NULL;
}

void
wheel_advance(struct wheel *wheel, int64_t now_us)
{
	int64_t tick = now_us / WHEEL_TICK_US;
	int64_t from = MAX(wheel->tick + 1, tick - WHEEL_SLOTS + 1);	/* a revolution sees every slot */

	for (; from <= tick; from++) {
		wheel->tick = from;
		run_slot(wheel, &wheel->slot[from % WHEEL_SLOTS], now_us);
	}
}

/* The list is taken off first, so that what a fire sets is not met again in this run. */
static void
run_slot(struct wheel *wheel, struct wheel_timer **slot, int64_t now_us)
{
	struct wheel_timer *timer, *list = *slot;

	if (list == NULL)
		return;
	*slot = NULL;
	list->link = &list;
	while ((timer = list) != NULL) {
		wheel_cancel(timer);
		if (timer->due_us <= now_us)
			timer->fire(wheel->context, timer->owner);
		else
			insert(slot, timer);
	}
}

static void
insert(struct wheel_timer **list, struct wheel_timer *timer)
{
	timer->next = *list;
	timer->link = list;
	if (timer->next != NULL)
		timer->next->link = &timer->next;
	*list = timer;
}
