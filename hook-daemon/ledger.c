#include <stdlib.h>

#include "bounds.h"
#include "event.h"
#include "ledger.h"
#include "log.h"
#include "schedule.h"
#include "str.h"
#include "webhook.h"

static int	choose(struct db *db, struct webhook *webhooks, size_t *n, int64_t newest_id, bool *more_r);
static int	by_cursor(const void *a, const void *b);
static int	take_all(struct db *db, const struct conf *conf, struct arena *arena, const struct webhook *webhooks,
    size_t n, int64_t now_us, struct ledger_done *done);
static int	take_page(struct db *db, struct arena *arena, struct webhook *webhook, int64_t give_up_us,
    int64_t now_us, struct ledger_done *done);
static int	add(struct db *db, const struct webhook *webhook, const struct event *event, int64_t give_up_us,
    int64_t now_us);
static int64_t	warn_lost(const struct webhook *webhook, int64_t oldest_id);
static int	end_one(struct db *db, const struct conf *conf, struct arena *arena, struct ledger_entry *entry,
    int64_t now_us);
static int	end_webhook(struct db *db, const struct conf *conf, const struct webhook *webhook,
    const struct ledger_entry *entry, int64_t now_us);
static int	mend_clock(struct db *db, const struct conf *conf, struct arena *arena, int64_t now_us);
static int	finish(struct db *db, int rc);
static uint32_t	chance(void);

struct db *
ledger_open(const struct conf *conf, char *error_r, size_t error_size)
{
	const struct db_options options = {
		.path = conf->database,
		.busy_timeout = conf->database_busy_timeout,
		.full_sync = conf->synchronous == CONF_SYNCHRONOUS_FULL,
		.create = true,
	};
	struct db *db = db_open(&options, error_r, error_size);

	if (db != NULL && db_migrate(db, error_r, error_size) == -1)
		db_close(&db);
	if (db != NULL)
		db_set_busy_timeout(db, BOUND_LOCKED);
	return db;
}

/* The lock is asked for only if there is something to take, and room for it. */
int
ledger_take(struct db *db, const struct conf *conf, struct arena *arena, int64_t now_us, struct ledger_done *done_r)
{
	struct ledger_done done = { .more = false };
	struct webhook *webhooks;
	int64_t oldest_id, newest_id;
	size_t n;

	if (store_webhook_all(db, arena, true, &webhooks, &n) == -1 ||
	    event_bounds(db, &oldest_id, &newest_id) == -1 || choose(db, webhooks, &n, newest_id, &done.more) == -1)
		return -1;
	if (n > 0 && (db_begin(db, true) == -1 ||
	    finish(db, take_all(db, conf, arena, webhooks, n, now_us, &done)) == -1))
		return -1;
	*done_r = done;
	return 0;
}

/*
 * Those that are behind, and may have more waiting: the furthest first, and no more of them than make one page or so,
 * so that the lock is held as short for many as for one.
 */
static int
choose(struct db *db, struct webhook *webhooks, size_t *n, int64_t newest_id, bool *more_r)
{
	int64_t waiting, since, events = 0;
	size_t chosen = 0;

	if (*n > 0)
		qsort(webhooks, *n, sizeof(*webhooks), by_cursor);
	for (size_t i = 0; i < *n && webhooks[i].cursor_id < newest_id; i++) {
		if (events >= BOUND_TAKE_EVENTS) {
			*more_r = true;
			break;
		}
		if (store_delivery_waiting(db, webhooks[i].id, &waiting, &since) == -1)
			return -1;
		if (waiting >= BOUND_WAITING)
			continue;
		events += newest_id - webhooks[i].cursor_id;
		webhooks[chosen++] = webhooks[i];
	}
	*n = chosen;
	return 0;
}

static int
by_cursor(const void *a, const void *b)
{
	int64_t x = ((const struct webhook *)a)->cursor_id, y = ((const struct webhook *)b)->cursor_id;

	return (x > y) - (x < y);
}

static int
take_all(struct db *db, const struct conf *conf, struct arena *arena, const struct webhook *webhooks, size_t n,
    int64_t now_us, struct ledger_done *done)
{
	int64_t oldest_id, newest_id, give_up_us = now_us + conf->webhook_retry_for;
	struct webhook webhook;
	int found;

	if (event_bounds(db, &oldest_id, &newest_id) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		/* it may have been changed before the lock was ours */
		if ((found = store_webhook_by_id(db, arena, webhooks[i].id, &webhook)) == -1)
			return -1;
		if (found == 0 || webhook.disabled_at != 0)
			continue;
		if (webhook.cursor_id < oldest_id - 1)
			done->lost += warn_lost(&webhook, oldest_id);
		if (take_page(db, arena, &webhook, give_up_us, now_us, done) == -1)
			return -1;
	}
	return 0;
}

static int
take_page(struct db *db, struct arena *arena, struct webhook *webhook, int64_t give_up_us, int64_t now_us,
    struct ledger_done *done)
{
	const struct event_bound bound = { .count = BOUND_TAKE_EVENTS, .bytes = BOUND_TAKE_BYTES };
	struct event_page page;

	if (event_after(db, arena, webhook->cursor_id, &bound, &page) == -1)
		return -1;
	for (const struct event *event = page.first; event != NULL; event = event->next) {
		webhook->cursor_id = event->id;
		if (!webhook_events_have(webhook->events, event->type))
			continue;
		if (add(db, webhook, event, give_up_us, now_us) == -1)
			return -1;
		done->made++;
	}
	done->more = done->more || page.more;
	return store_webhook_advance(db, webhook->id, webhook->cursor_id);
}

static int
add(struct db *db, const struct webhook *webhook, const struct event *event, int64_t give_up_us, int64_t now_us)
{
	struct delivery delivery = {
		.webhook_id = webhook->id,
		.event_id = event->id,
		.meeting_id = event->meeting_id,
		.type = event_type_name(event->type),
		.give_up_at = give_up_us,
	};
	char id[WEBHOOK_ID_SIZE];
	struct buf body = { 0 };
	int rc;

	webhook_id_make(id);
	webhook_message(event, &body);
	delivery.message_id = id;
	delivery.body = body.data;
	rc = store_delivery_add(db, &delivery, now_us, &delivery.id);
	buf_free(&body);
	return rc;
}

/* Ids have no holes, so it can be told how many have gone before anybody took them up. */
static int64_t
warn_lost(const struct webhook *webhook, int64_t oldest_id)
{
	int64_t lost = oldest_id - 1 - webhook->cursor_id;

	log_warn("events_lost", LOG_INT("webhook", webhook->id), LOG_INT("events", lost),
	    LOG_TEXT("reason", "older than event_keep"));
	return lost;
}

int
ledger_end(struct db *db, const struct conf *conf, struct arena *arena, struct ledger_entry *entries, int64_t now_us)
{
	int rc = 0;

	if (db_begin(db, true) == -1)
		return -1;
	for (struct ledger_entry *entry = entries; entry != NULL && rc == 0; entry = entry->next)
		rc = end_one(db, conf, arena, entry, now_us);
	return finish(db, rc);
}

static int
end_one(struct db *db, const struct conf *conf, struct arena *arena, struct ledger_entry *entry, int64_t now_us)
{
	struct delivery_end end = { .last_status = entry->status, .last_error = entry->error };
	struct webhook webhook;
	int found;

	if (entry->error != NULL)
		end.next_at = schedule_next(conf->webhook_retry_delay, entry->delivery.attempts + 1, entry->retry_after,
		    entry->delivery.give_up_at, now_us, chance());
	entry->last = entry->error != NULL && end.next_at == 0;
	if (store_delivery_end(db, &entry->delivery, &end, now_us) == -1 ||
	    (found = store_webhook_by_id(db, arena, entry->delivery.webhook_id, &webhook)) == -1)
		return -1;
	return found == 1 ? end_webhook(db, conf, &webhook, entry, now_us) : 0;
}

static int
end_webhook(struct db *db, const struct conf *conf, const struct webhook *webhook, const struct ledger_entry *entry,
    int64_t now_us)
{
	int64_t failures = entry->error != NULL ? webhook->failures + 1 : 0;

	if (entry->status == SCHEDULE_GONE && store_webhook_disable(db, webhook->id, "gone", now_us) == -1)
		return -1;
	if (failures == 0 && schedule_is_alone(webhook->failures) &&
	    store_delivery_hurry(db, webhook->id, now_us, now_us) == -1)
		return -1;
	if (failures == 0 && webhook->failures == 0)
		return 0;
	return store_webhook_fared(db, webhook->id, failures,
	    schedule_alone(conf->webhook_retry_delay, failures, now_us, chance()));
}

int
ledger_tidy(struct db *db, const struct conf *conf, struct arena *arena, const struct delivery_ids *under_way,
    int64_t now_us, struct ledger_done *done_r)
{
	int64_t given_up, old, deleted;

	if (db_begin(db, true) == -1)
		return -1;
	if (mend_clock(db, conf, arena, now_us) == -1 ||
	    (given_up = store_delivery_give_up(db, now_us, BOUND_TIDY_ROWS, under_way, now_us)) == -1 ||
	    (old = store_delivery_purge(db, now_us - conf->webhook_keep, BOUND_TIDY_ROWS)) == -1 ||
	    (deleted = store_webhook_purge(db, BOUND_TIDY_ROWS)) == -1)
		return finish(db, -1);
	if (finish(db, 0) == -1)
		return -1;
	*done_r = (struct ledger_done){
		.given_up = given_up,
		.more = given_up == BOUND_TIDY_ROWS || old == BOUND_TIDY_ROWS || deleted == BOUND_TIDY_ROWS,
	};
	return 0;
}

/* A clock that went back has put everything off: no repetition waits longer than the longest pause, twice over. */
static int
mend_clock(struct db *db, const struct conf *conf, struct arena *arena, int64_t now_us)
{
	int64_t beyond_us = now_us + 2 * conf->webhook_retry_delay * SCHEDULE_LONGEST;
	struct webhook *webhooks;
	size_t n;

	if (store_webhook_all(db, arena, true, &webhooks, &n) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (store_delivery_hurry(db, webhooks[i].id, beyond_us, now_us) == -1)
			return -1;
	return 0;
}

/* The end of a transaction: all of it, or nothing. */
static int
finish(struct db *db, int rc)
{
	if (rc == 0 && db_commit(db) == 0)
		return 0;
	db_rollback(db);
	return -1;
}

static uint32_t
chance(void)
{
	uint32_t number;

	str_random_bytes(&number, sizeof(number));
	return number;
}
