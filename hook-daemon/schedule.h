/*
 * schedule.h: when what is sent again, and what an answer means.  Pure: time and chance are passed in.
 *
 * A failed delivery is tried again after a pause that grows threefold, up to 720 times the first one (5 s, 15 s, 45 s
 * … an hour), each a fifth more or less, so that receivers which failed together are not asked together.  A receiver
 * that fails SCHEDULE_FAILURES times running, whatever the message, is let alone in the same steps: then one message
 * at a time is tried.
 */
#ifndef UNIO_SCHEDULE_H
#define UNIO_SCHEDULE_H

#include "base.h"

#define SCHEDULE_FACTOR		3
#define SCHEDULE_LONGEST	720	/* times the first pause */
#define SCHEDULE_FAILURES	5
#define SCHEDULE_GONE		410	/* the receiver wants no more, ever (Standard Webhooks) */

/* The pause before the n-th repetition, n from 1; chance: any number. */
int64_t	schedule_pause(int64_t first_us, int64_t n, uint32_t chance);
/*
 * When to try a delivery again that has now failed for the attempts-th time, or 0: never.  The last attempt is at
 * give_up_us or soon after.  retry_after_us is what the receiver asks for, 0 nothing; it gets that up to the
 * longest pause.
 */
int64_t	schedule_next(int64_t first_us, int64_t attempts, int64_t retry_after_us, int64_t give_up_us, int64_t now_us,
    uint32_t chance);
/* Until when a receiver that has failed so often running is let alone; 0: it is not. */
int64_t	schedule_alone(int64_t first_us, int64_t failures, int64_t now_us, uint32_t chance);
bool	schedule_is_alone(int64_t failures);

/* Retry-After (RFC 9110 10.2.3) of whole seconds, in microseconds; 0 for anything else, dates included. */
int64_t	schedule_retry_after(struct slice value);

#endif
