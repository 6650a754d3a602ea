/*
 * limit.h: how often, and how many: token buckets, and the limits of one client
 * address.
 *
 * A bucket is the time at which it will be full again (the generic cell rate
 * algorithm): eight bytes, no timer.  The address table is bounded; an address
 * that has nothing open and a full bucket is forgotten by limit_sweep().
 */
#ifndef UNIO_LIMIT_H
#define UNIO_LIMIT_H

#include "base.h"

struct limit_bucket {
	int64_t	full_us;
};

/* One of `rate` a second with bursts of `burst`: false when it is too much.  rate 0: no limit. */
NODISCARD bool	limit_take(struct limit_bucket *bucket, int64_t rate, int64_t burst, int64_t now_us);

/* The same for n bytes, of `rate` a second with bursts of `burst`. */
NODISCARD bool	limit_take_bytes(struct limit_bucket *bucket, size_t n, int64_t rate, int64_t burst, int64_t now_us);

/* What was just allowed weighs as much as `more` others. */
void		limit_charge(struct limit_bucket *bucket, int64_t rate, int64_t more, int64_t now_us);

struct limit_address;

struct limit_table {
	struct limit_address	*addresses;
	struct limit_address	*oldest, *newest;	/* of those that have nothing open, by their last attempt */
	int64_t			 rate;		/* new connections a second */
	int64_t			 open;		/* at the same time */
};

enum limit_verdict {
	LIMIT_ALLOWED,
	LIMIT_TOO_FAST,
	LIMIT_TOO_MANY
};

/* May this address open one more?  Counts the attempt, not the connection. */
enum limit_verdict	limit_attempt(struct limit_table *table, const char *address, int64_t now_us);
/* The same, without counting anything. */
enum limit_verdict	limit_peek(const struct limit_table *table, const char *address, int64_t now_us);
/* The connection that was allowed is there; it is gone. */
void			limit_opened(struct limit_table *table, const char *address);
void			limit_closed(struct limit_table *table, const char *address);
void			limit_sweep(struct limit_table *table, int64_t now_us);
void			limit_table_free(struct limit_table *table);

#endif
