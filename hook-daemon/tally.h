/*
 * tally.h: what unio-hookd counts, and how it is told (metric.h).
 *
 * Counters stand where something happens; gauges are looked up in the database when somebody asks, and cost nothing
 * while nobody does.  Labels are the names of our own tables: never a webhook's id or address.
 */
#ifndef UNIO_TALLY_H
#define UNIO_TALLY_H

#include "db.h"
#include "mem.h"
#include "metric.h"
#include "store_webhook.h"

/* What an attempt came to. */
enum tally_answer {
	TALLY_TAKEN,		/* 2xx */
	TALLY_REFUSED,		/* another status */
	TALLY_UNANSWERED,	/* no connection, no TLS, no answer in time */
	TALLY_UNSENT,		/* the address or the secret is not fit */
	TALLY_ANSWERS
};
/* What a delivery came to. */
enum tally_end { TALLY_DELIVERED, TALLY_FAILED, TALLY_ENDS };

/* All of int64_t. */
struct tally {
	int64_t			made;
	int64_t			lost;			/* events */
	int64_t			attempts[TALLY_ANSWERS];
	struct metric_histogram	attempt_time;		/* of those that were sent */
	int64_t			ends[TALLY_ENDS];
	struct metric_histogram	delivery_time;
	int64_t			database_errors;
	int64_t			under_way;
	int64_t			started_us;		/* wall */

	/* looked up, of webhooks that are in use */
	int64_t			webhooks[WEBHOOK_STATES];	/* of all */
	int64_t			waiting;
	int64_t			oldest_us;		/* how long the oldest of them has waited */
	int64_t			behind;			/* events */
};

/* Everything, in the text format, the process' own figures included. */
void	tally_write(struct tally *tally, struct db *db, struct arena *arena, struct buf *out);

#endif
