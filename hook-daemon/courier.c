#include <stdio.h>
#include <stdlib.h>

#include "bounds.h"
#include "clock.h"
#include "courier.h"
#include "ledger.h"
#include "log.h"
#include "mem.h"
#include "post.h"
#include "schedule.h"
#include "webhook.h"

#define COMPLAIN	(10 * US_PER_S)	/* so often that the database cannot be written, at most */

/* A message under way. */
struct flight {
	struct flight	*next;
	struct delivery	 delivery;	/* without its texts */
	int64_t		 sent_us;	/* monotonic */
	bool		 ended;
	struct post_answer answer;
};

struct courier {
	const struct conf	*conf;
	struct db		*db;
	struct tally		*tally;
	struct post		*post;
	struct arena		*arena;		/* of one turn of work */
	struct flight		*flights;
	size_t			 count;
	size_t			 ended;		/* of them, not written yet */
	int64_t			 look_us;	/* monotonic, as the next two: when to look again */
	int64_t			 tidy_us;
	int64_t			 complain_us;
	size_t			 first;		/* which webhook begins: each in its turn */
	bool			 stopping;
};

static void	write_ended(struct courier *courier);
static void	count_ended(struct tally *tally, const struct ledger_entry *entries, int64_t now_us);
static void	forget_ended(struct courier *courier);
static void	take(struct courier *courier);
static void	send_due(struct courier *courier);
static size_t	places(const struct courier *courier, const struct webhook *webhook, int64_t now_us);
static bool	send_some(struct courier *courier, const struct webhook *webhook, size_t limit, int64_t now_us);
static bool	is_under_way(const struct courier *courier, int64_t id);
static void	start(struct courier *courier, const struct webhook *webhook, const struct delivery *delivery,
    int64_t now_us);
static bool	sign(const struct webhook *webhook, const struct delivery *delivery, int64_t now_us, struct buf *out);
static void	collect(struct courier *courier);
static void	count_answer(struct tally *tally, const struct flight *flight, const struct post_answer *answer);
static void	end(struct courier *courier, struct flight *flight, const struct post_answer *answer);
static void	tidy(struct courier *courier);
static struct delivery_ids	under_way(const struct courier *courier);
static void	complain(struct courier *courier, const char *what);

struct courier *
courier_new(const struct conf *conf, struct db *db, struct tally *tally)
{
	struct courier *courier = mem_calloc(1, sizeof(*courier));

	courier->conf = conf;
	courier->db = db;
	courier->tally = tally;
	courier->post = post_new();
	courier->arena = arena_new();
	return courier;
}

void
courier_free(struct courier **courierp)
{
	struct courier *courier = *courierp;
	struct flight *flight;

	*courierp = NULL;
	if (courier == NULL)
		return;
	post_free(&courier->post);
	while ((flight = courier->flights) != NULL) {
		courier->flights = flight->next;
		free(flight);
	}
	arena_free(&courier->arena);
	free(courier);
}

void
courier_configure(struct courier *courier, const struct conf *conf)
{
	courier->conf = conf;
	courier->look_us = 0;
}

void
courier_stop(struct courier *courier)
{
	courier->stopping = true;
}

size_t
courier_count(const struct courier *courier)
{
	return courier->count;
}

/* Ends first: they make room, and the next of their meetings follow in the same turn. */
void
courier_work(struct courier *courier)
{
	int64_t now_us = clock_mono_us();

	collect(courier);
	if (courier->ended == 0 && now_us < courier->look_us)
		return;
	courier->look_us = now_us + BOUND_LOOK;
	if (courier->ended > 0)
		write_ended(courier);
	if (!courier->stopping) {
		take(courier);
		send_due(courier);
	}
	if (now_us >= courier->tidy_us)
		tidy(courier);
	arena_reset(courier->arena);
}

void
courier_wait(struct courier *courier, const int watched[POST_WATCHED], int64_t at_most_us)
{
	int64_t left = courier->look_us - clock_mono_us();

	post_wait(courier->post, watched, MAX(MIN(left, at_most_us), US_PER_MS));
}

static void
write_ended(struct courier *courier)
{
	struct ledger_entry *entries = NULL, *entry;
	int64_t now_us = clock_wall_us();

	for (struct flight *flight = courier->flights; flight != NULL; flight = flight->next) {
		if (!flight->ended)
			continue;
		entry = arena_alloc(courier->arena, sizeof(*entry));
		entry->delivery = flight->delivery;
		entry->status = flight->answer.status;
		entry->retry_after = flight->answer.retry_after;
		entry->error = flight->answer.taken ? NULL : flight->answer.error;
		entry->next = entries;
		entries = entry;
	}
	if (ledger_end(courier->db, courier->conf, courier->arena, entries, now_us) == -1) {
		complain(courier, "end");
		return;
	}
	count_ended(courier->tally, entries, now_us);
	forget_ended(courier);
}

static void
count_ended(struct tally *tally, const struct ledger_entry *entries, int64_t now_us)
{
	for (const struct ledger_entry *entry = entries; entry != NULL; entry = entry->next) {
		if (entry->error == NULL) {
			metric_add(&tally->ends[TALLY_DELIVERED], 1);
			metric_observe(&tally->delivery_time, now_us - entry->delivery.queued_at);
		} else if (entry->last) {
			metric_add(&tally->ends[TALLY_FAILED], 1);
		}
	}
}

static void
forget_ended(struct courier *courier)
{
	struct flight **link = &courier->flights, *flight;

	while ((flight = *link) != NULL) {
		if (!flight->ended) {
			link = &flight->next;
			continue;
		}
		*link = flight->next;
		free(flight);
		courier->count--;
	}
	courier->ended = 0;
	metric_set(&courier->tally->under_way, (int64_t)courier->count);
}

static void
take(struct courier *courier)
{
	struct ledger_done done;

	if (ledger_take(courier->db, courier->conf, courier->arena, clock_wall_us(), &done) == -1) {
		complain(courier, "take");
		return;
	}
	metric_add(&courier->tally->made, done.made);
	metric_add(&courier->tally->lost, done.lost);
	if (done.more)
		courier->look_us = 0;
}

/* Each webhook is the first in its turn, so that the places which all share come round. */
static void
send_due(struct courier *courier)
{
	struct webhook *webhooks;
	int64_t now_us = clock_wall_us();
	size_t n, limit;

	if (store_webhook_all(courier->db, courier->arena, true, &webhooks, &n) == -1) {
		complain(courier, "webhooks");
		return;
	}
	if (n == 0)
		courier->look_us = clock_mono_us() + BOUND_LOOK_IDLE;
	for (size_t i = 0; i < n; i++) {
		const struct webhook *webhook = &webhooks[(courier->first + i) % n];

		limit = places(courier, webhook, now_us);
		if (limit > 0 && !send_some(courier, webhook, limit, now_us))
			complain(courier, "due");
	}
	courier->first++;
}

/* How many more messages may be sent to it. */
static size_t
places(const struct courier *courier, const struct webhook *webhook, int64_t now_us)
{
	/* after the clock went back, its time may be far away */
	int64_t longest = 2 * courier->conf->webhook_retry_delay * SCHEDULE_LONGEST;
	size_t own = 0, limit = schedule_is_alone(webhook->failures) ? 1 : BOUND_EACH;

	if (webhook->retry_at > now_us && webhook->retry_at < now_us + longest)
		return 0;
	for (const struct flight *flight = courier->flights; flight != NULL; flight = flight->next)
		own += flight->delivery.webhook_id == webhook->id;
	if (own == 0 && courier->count >= BOUND_SHARED)
		return 1;
	return own < limit && courier->count < BOUND_SHARED ? limit - own : 0;
}

static bool
send_some(struct courier *courier, const struct webhook *webhook, size_t limit, int64_t now_us)
{
	struct delivery *due;
	size_t n;

	/* what is under way is due as well, as the database sees it */
	if (store_delivery_due(courier->db, courier->arena, webhook->id, now_us, limit + BOUND_EACH, &due, &n) == -1)
		return false;
	for (size_t i = 0; i < n && limit > 0; i++) {
		if (is_under_way(courier, due[i].id))
			continue;
		start(courier, webhook, &due[i], now_us);
		limit--;
	}
	return true;
}

static bool
is_under_way(const struct courier *courier, int64_t id)
{
	for (const struct flight *flight = courier->flights; flight != NULL; flight = flight->next)
		if (flight->delivery.id == id)
			return true;
	return false;
}

static void
start(struct courier *courier, const struct webhook *webhook, const struct delivery *delivery, int64_t now_us)
{
	struct post_request request = {
		.url = webhook->url,
		.id = delivery->message_id,
		.time_s = now_us / US_PER_S,
		.body = str_slice(delivery->body),
		.timeout = courier->conf->webhook_timeout,
	};
	struct flight *flight = mem_calloc(1, sizeof(*flight));
	const char *wrong = webhook_url_wrong(webhook->url, courier->conf->webhook_http);
	struct post_answer refusal = { .status = 0 };
	struct buf signature = { 0 };

	flight->delivery = (struct delivery){
		.id = delivery->id, .webhook_id = delivery->webhook_id, .event_id = delivery->event_id,
		.meeting_id = delivery->meeting_id, .attempts = delivery->attempts, .give_up_at = delivery->give_up_at,
		.queued_at = delivery->queued_at,
	};
	flight->sent_us = clock_mono_us();
	flight->next = courier->flights;
	courier->flights = flight;
	metric_set(&courier->tally->under_way, (int64_t)++courier->count);
	if (wrong == NULL && sign(webhook, delivery, now_us, &signature)) {
		request.signature = signature.data;
		post_start(courier->post, &request, flight);
	} else {
		snprintf(refusal.error, sizeof(refusal.error), "not sent: the %s %s",
		    wrong != NULL ? "address" : "secret", wrong != NULL ? wrong : "is none");
		metric_add(&courier->tally->attempts[TALLY_UNSENT], 1);
		end(courier, flight, &refusal);
	}
	buf_free(&signature);
}

/* By the former secret as well, as long as a receiver may not know the new one. */
static bool
sign(const struct webhook *webhook, const struct delivery *delivery, int64_t now_us, struct buf *out)
{
	struct slice body = str_slice(delivery->body);
	int64_t time_s = now_us / US_PER_S;

	return webhook_sign(webhook->secret, delivery->message_id, time_s, body, out) &&
	    (webhook->old_secret == NULL || webhook->old_until <= now_us ||
	    webhook_sign(webhook->old_secret, delivery->message_id, time_s, body, out));
}

static void
collect(struct courier *courier)
{
	struct post_answer answer;

	while (post_next(courier->post, &answer)) {
		count_answer(courier->tally, answer.arg, &answer);
		end(courier, answer.arg, &answer);
	}
}

static void
count_answer(struct tally *tally, const struct flight *flight, const struct post_answer *answer)
{
	enum tally_answer what = TALLY_UNANSWERED;

	if (answer->status != 0)
		what = answer->taken ? TALLY_TAKEN : TALLY_REFUSED;
	metric_add(&tally->attempts[what], 1);
	metric_observe(&tally->attempt_time, clock_mono_us() - flight->sent_us);
}

/* Not the address, whose path may be a secret in itself. */
static void
end(struct courier *courier, struct flight *flight, const struct post_answer *answer)
{
	const struct delivery *delivery = &flight->delivery;

	flight->answer = *answer;
	flight->ended = true;
	courier->ended++;
	log_info(answer->taken ? "delivered" : "not_delivered", LOG_INT("webhook", delivery->webhook_id),
	    LOG_INT("delivery", delivery->id), LOG_INT("event_id", delivery->event_id),
	    LOG_INT("attempt", delivery->attempts + 1), LOG_INT("status", answer->status),
	    LOG_INT("ms", (clock_mono_us() - flight->sent_us) / US_PER_MS),
	    LOG_TEXT("error", answer->taken ? NULL : answer->error));
}

static void
tidy(struct courier *courier)
{
	const struct delivery_ids spared = under_way(courier);
	struct ledger_done done = { .more = false };

	if (ledger_tidy(courier->db, courier->conf, courier->arena, &spared, clock_wall_us(), &done) == -1)
		complain(courier, "tidy");
	metric_add(&courier->tally->ends[TALLY_FAILED], done.given_up);
	courier->tidy_us = clock_mono_us() + (done.more ? BOUND_LOOK : BOUND_TIDY);
}

static struct delivery_ids
under_way(const struct courier *courier)
{
	int64_t *ids = arena_alloc(courier->arena, courier->count * sizeof(*ids));
	size_t n = 0;

	for (const struct flight *flight = courier->flights; flight != NULL; flight = flight->next)
		ids[n++] = flight->delivery.id;
	return (struct delivery_ids){ .id = ids, .n = n };
}

/* It is tried again at the next turn; who reads the log need not hear of each. */
static void
complain(struct courier *courier, const char *what)
{
	int64_t now_us = clock_mono_us();

	metric_add(&courier->tally->database_errors, 1);
	if (now_us < courier->complain_us)
		return;
	courier->complain_us = now_us + COMPLAIN;
	log_warn("database", LOG_TEXT("what", what), LOG_INT("unwritten", (int64_t)courier->ended),
	    LOG_TEXT("error", db_error_text(courier->db)));
}
