/*
 * store_webhook.h: the webhooks: where events are sent, which, and how far each has got.
 *
 * A webhook's cursor is the last event that it was looked at for; it moves in the transaction that makes the
 * deliveries (store_delivery.h), so that each event is taken up once, whenever the sender is killed.
 *
 * One that is deleted is seen by nobody from then on, and its row stays until store_webhook_purge() has thrown away
 * the last of its deliveries: there may be more of them than one transaction should take.
 */
#ifndef UNIO_STORE_WEBHOOK_H
#define UNIO_STORE_WEBHOOK_H

#include "base.h"
#include "db.h"
#include "mem.h"

struct webhook {
	int64_t		 id;
	const char	*url;
	const char	*events;		/* "": all */
	const char	*secret;
	const char	*old_secret;		/* NULL: none */
	int64_t		 old_until;		/* 0: none */
	int64_t		 cursor_id;
	int64_t		 failures;		/* attempts, one after the other */
	int64_t		 retry_at;		/* 0: at any time */
	int64_t		 created_at;
	int64_t		 disabled_at;		/* 0: it is in use */
	const char	*disabled_reason;	/* NULL while in use */
};

/* How it is doing. */
enum webhook_state {
	WEBHOOK_ACTIVE,
	WEBHOOK_FAILING,	/* its last attempt did */
	WEBHOOK_DISABLED,	/* by the operator */
	WEBHOOK_GONE,		/* by its receiver */
	WEBHOOK_STATES
};

/* url, events and secret; it begins with the event that comes next; 0/-1. */
NODISCARD int	store_webhook_add(struct db *db, const struct webhook *webhook, int64_t now_us, int64_t *id_r);
/* 1/0/-1. */
NODISCARD int	store_webhook_by_id(struct db *db, struct arena *arena, int64_t id, struct webhook *webhook_r);
/* All, or those in use, by id; 0/-1. */
NODISCARD int	store_webhook_all(struct db *db, struct arena *arena, bool in_use,
    struct webhook **webhooks_r, size_t *n_r);
NODISCARD int	store_webhook_count(struct db *db, int64_t *n_r);

/* The former secret signs as well until then; 1/0 there is none/-1. */
NODISCARD int	store_webhook_rotate(struct db *db, int64_t id, const char *secret, int64_t old_until_us);
/* reason: operator or gone; 1/0 there is none that is in use/-1. */
NODISCARD int	store_webhook_disable(struct db *db, int64_t id, const char *reason, int64_t now_us);
/* What happened meanwhile is not sent; 1/0 there is none that is disabled/-1. */
NODISCARD int	store_webhook_enable(struct db *db, int64_t id);
/* Its address and its secrets at once; 1/0/-1. */
NODISCARD int	store_webhook_delete(struct db *db, int64_t id, int64_t now_us);
/*
 * Deletes at most limit deliveries of what was deleted, and with the last of them the webhook itself; how many, or -1.
 * It has come to its end when they are fewer than limit.
 */
NODISCARD int64_t store_webhook_purge(struct db *db, size_t limit);

/* 0/-1. */
NODISCARD int	store_webhook_advance(struct db *db, int64_t id, int64_t cursor_id);
/* What an attempt has shown of the receiver: so many have failed now, and it is let alone until then (0: it is not). */
NODISCARD int	store_webhook_fared(struct db *db, int64_t id, int64_t failures, int64_t retry_at_us);

enum webhook_state	store_webhook_state(const struct webhook *webhook);
const char		*store_webhook_state_name(enum webhook_state state);

#endif
