/*
 * store_delivery.h: what has been and has to be sent to the webhooks (store_webhook.h).
 *
 * Invariant: of the waiting deliveries of one webhook and one meeting (a lane) the oldest has its time, next_at;
 * those behind it have none, until it is delivered or given up.  So what is due is found without a look at what is
 * not, and a meeting's order is kept without a look at what comes before.  Every function here keeps that; each is
 * to be called in a transaction that writes, but for those that only read.
 */
#ifndef UNIO_STORE_DELIVERY_H
#define UNIO_STORE_DELIVERY_H

#include "base.h"
#include "db.h"
#include "mem.h"

struct delivery {
	int64_t		 id;
	int64_t		 webhook_id;
	const char	*message_id;
	int64_t		 event_id;	/* 0: a test */
	int64_t		 meeting_id;	/* 0: none */
	const char	*type;
	const char	*body;		/* not read by store_delivery_list(): NULL */
	const char	*status;	/* waiting, delivered, failed */
	int64_t		 attempts;
	int64_t		 next_at;	/* 0: behind another one, or final */
	int64_t		 give_up_at;
	int64_t		 last_status;	/* 0: no answer */
	const char	*last_error;	/* NULL: none */
	int64_t		 created_at;
	int64_t		 queued_at;	/* created, or repeated */
	int64_t		 done_at;	/* 0: not yet */
};

/* How an attempt ended. */
struct delivery_end {
	int64_t		 last_status;	/* 0: no answer */
	const char	*last_error;	/* NULL: it was taken */
	int64_t		 next_at;	/* 0: this was the last attempt */
};

/* Some of them. */
struct delivery_ids {
	const int64_t	*id;
	size_t		 n;
};

/* webhook_id, message_id, event_id, meeting_id, type, body and give_up_at; 0/-1. */
NODISCARD int	store_delivery_add(struct db *db, const struct delivery *delivery, int64_t now_us, int64_t *id_r);
/* Those of a webhook whose time has come, the most urgent first, at most limit; reads; 0/-1. */
NODISCARD int	store_delivery_due(struct db *db, struct arena *arena, int64_t webhook_id, int64_t now_us, size_t limit,
    struct delivery **deliveries_r, size_t *n_r);
/* One that is gone meanwhile is no error; 0/-1. */
NODISCARD int	store_delivery_end(struct db *db, const struct delivery *delivery, const struct delivery_end *end,
    int64_t now_us);
/*
 * What has been put off beyond that time is due: the receiver is there again, or the clock went back; and what was
 * never tried, since only a clock that went back has put it off.  0/-1.
 */
NODISCARD int	store_delivery_hurry(struct db *db, int64_t webhook_id, int64_t beyond_us, int64_t now_us);
/* Once more, with the same message_id, until give_up_at; 1/0 there is none that is final/-1. */
NODISCARD int	store_delivery_repeat(struct db *db, int64_t id, int64_t give_up_at, int64_t now_us);

/*
 * Fails at most limit whose time was over before, of webhooks that are disabled or whose receivers do not answer: those
 * are not reached one by one.  An attempt that is under way decides by itself: those are spared.  How many, or -1.
 */
NODISCARD int64_t store_delivery_give_up(struct db *db, int64_t before_us, size_t limit,
    const struct delivery_ids *spared, int64_t now_us);
/* Deletes at most limit that became final before; how many, or -1. */
NODISCARD int64_t store_delivery_purge(struct db *db, int64_t before_us, size_t limit);

/* With its body; 1/0/-1. */
NODISCARD int	store_delivery_by_id(struct db *db, struct arena *arena, int64_t id, struct delivery *delivery_r);
/* Newest first, below an id: of one webhook (0: all), of one status ("": all); 0/-1. */
NODISCARD int	store_delivery_list(struct db *db, struct arena *arena, int64_t webhook_id, const char *status,
    int64_t before_id, size_t limit, struct delivery **deliveries_r, size_t *n_r);
/* How many of a webhook wait, and since when the first of them does (0: none, or not known); 0/-1. */
NODISCARD int	store_delivery_waiting(struct db *db, int64_t webhook_id, int64_t *n_r, int64_t *since_r);

#endif
