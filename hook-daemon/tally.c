#include <unistd.h>

#include "clock.h"
#include "event.h"
#include "store_delivery.h"
#include "tally.h"
#include "usage.h"

/* clang-format off */
#define ALONE(kind_, unit_, field, name_, help_) \
	{ .name = "unio_hookd_" name_, .kind = METRIC_##kind_, .unit = METRIC_##unit_, \
	  .offset = offsetof(struct tally, field), .help = (help_) }
#define BY(kind_, field, label_, value_, name_, help_) \
	{ .name = "unio_hookd_" name_, .kind = METRIC_##kind_, .offset = offsetof(struct tally, field), \
	  .label = { label_ }, .value = (value_), .help = (help_) }

static bool	by_answer(size_t, const char *[METRIC_LABELS]);
static bool	by_end(size_t, const char *[METRIC_LABELS]);
static bool	by_state(size_t, const char *[METRIC_LABELS]);

static const struct metric table[] = {
	ALONE(COUNTER, PLAIN, made, "deliveries_made_total", "Deliveries that were made of events."),
	ALONE(COUNTER, PLAIN, lost, "events_lost_total",
	    "Events that were too old (event_keep) before a webhook could take them up."),
	BY(COUNTER, attempts, "answer", by_answer, "attempts_total", "Attempts to deliver, by what came back."),
	ALONE(HISTOGRAM, PLAIN, attempt_time, "attempt_duration_seconds",
	    "From the sending of a message to its answer, or to the end of waiting for it."),
	BY(COUNTER, ends, "outcome", by_end, "deliveries_total", "Deliveries that came to their end."),
	ALONE(HISTOGRAM, PLAIN, delivery_time, "delivery_seconds",
	    "From the taking up of an event, or the word to repeat it, to its delivery; all attempts included."),
	ALONE(GAUGE, PLAIN, under_way, "messages_under_way", "Messages that are sent at this moment."),
	ALONE(GAUGE, PLAIN, waiting, "waiting_deliveries", "Deliveries that wait, of webhooks in use."),
	ALONE(GAUGE, MICROSECONDS, oldest_us, "oldest_waiting_seconds", "How long the oldest of them has waited."),
	ALONE(GAUGE, PLAIN, behind, "events_behind",
	    "Events that have not been looked at for the webhook that is furthest behind."),
	BY(GAUGE, webhooks, "state", by_state, "webhooks",
	    "Webhooks: active, failing, disabled by the operator, gone by their receiver's word."),
	ALONE(COUNTER, PLAIN, database_errors, "database_errors_total",
	    "Transactions that failed, the database being locked or worse; they are tried again."),
};
/* clang-format on */

static int	look_up(struct tally *tally, struct db *db, struct arena *arena);
static bool	name_of(const char *const *names, size_t n, size_t i, const char *value_r[METRIC_LABELS]);

/* What cannot be looked up stays as it was. */
void
tally_write(struct tally *tally, struct db *db, struct arena *arena, struct buf *out)
{
	struct usage usage = { .started_us = tally->started_us };

	if (look_up(tally, db, arena) == -1)
		metric_add(&tally->database_errors, 1);
	metric_write_build(out);
	metric_write(table, COUNTOF(table), tally, out);
	usage_add(&usage, getpid());
	usage_write(&usage, out);
}

static int
look_up(struct tally *tally, struct db *db, struct arena *arena)
{
	int64_t lowest_id, newest_id, n, since, now_us = clock_wall_us();
	int64_t states[WEBHOOK_STATES] = { 0 }, waiting = 0, longest_us = 0, behind = 0;
	struct webhook *webhooks;
	size_t count;

	if (event_bounds(db, &lowest_id, &newest_id) == -1 ||
	    store_webhook_all(db, arena, false, &webhooks, &count) == -1)
		return -1;
	for (const struct webhook *webhook = webhooks; webhook < webhooks + count; webhook++) {
		states[store_webhook_state(webhook)]++;
		if (webhook->disabled_at != 0)
			continue;
		if (store_delivery_waiting(db, webhook->id, &n, &since) == -1)
			return -1;
		waiting += n;
		longest_us = since != 0 ? MAX(longest_us, now_us - since) : longest_us;
		behind = MAX(behind, newest_id - webhook->cursor_id);
	}
	for (size_t i = 0; i < WEBHOOK_STATES; i++)
		metric_set(&tally->webhooks[i], states[i]);
	metric_set(&tally->waiting, waiting);
	metric_set(&tally->oldest_us, longest_us);
	metric_set(&tally->behind, behind);
	return 0;
}

static bool
by_answer(size_t i, const char *value_r[METRIC_LABELS])
{
	static const char *const names[TALLY_ANSWERS] = {
		[TALLY_TAKEN] = "taken",
		[TALLY_REFUSED] = "refused",
		[TALLY_UNANSWERED] = "none",
		[TALLY_UNSENT] = "unsent",
	};

	return name_of(names, COUNTOF(names), i, value_r);
}

static bool
by_end(size_t i, const char *value_r[METRIC_LABELS])
{
	static const char *const names[TALLY_ENDS] = {
		[TALLY_DELIVERED] = "delivered",
		[TALLY_FAILED] = "failed",
	};

	return name_of(names, COUNTOF(names), i, value_r);
}

static bool
by_state(size_t i, const char *value_r[METRIC_LABELS])
{
	if (i >= WEBHOOK_STATES)
		return false;
	value_r[0] = store_webhook_state_name((enum webhook_state)i);
	return true;
}

static bool
name_of(const char *const *names, size_t n, size_t i, const char *value_r[METRIC_LABELS])
{
	if (i >= n)
		return false;
	value_r[0] = names[i];
	return true;
}
