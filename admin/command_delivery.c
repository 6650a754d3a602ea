/* What was sent to webhooks, and what waits. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "command.h"
#include "list.h"
#include "store_delivery.h"
#include "store_webhook.h"
#include "webhook.h"

#define LOOK_AGAIN	(50 * US_PER_MS)
#define LOOK_FOR	(30 * US_PER_S)	/* longer than one attempt takes by default */

static enum outcome	read_filter(struct context *, int64_t *, const char **);
static void		list_one(struct list *, const struct delivery *);
static const char	*last_of(struct context *, const struct delivery *);
static void		emit_members(struct emit *, const struct delivery *);
static enum outcome	find(struct context *, int64_t, struct delivery *);
static enum outcome	add_test(struct context *, int64_t, int64_t *);
static enum outcome	wait_for(struct context *, int64_t, struct delivery *);

enum outcome
command_delivery_list(struct context *ctx)
{
	static const char *const heading[] = { "ID", "WEBHOOK", "MEETING", "TYPE", "STATUS", "ATTEMPTS", "NEXT",
	    "LAST ANSWER", "CREATED" };
	int64_t webhook_id = 0, before_id = INT64_MAX;
	struct delivery *deliveries;
	const char *status = "";
	struct list list;
	enum outcome outcome;
	size_t n;

	if ((outcome = read_filter(ctx, &webhook_id, &status)) != OUTCOME_DONE ||
	    (outcome = list_begin(&list, ctx, heading, COUNTOF(heading))) != OUTCOME_DONE)
		return outcome;
	do {
		if (store_delivery_list(ctx->db, ctx->arena, webhook_id, status, before_id, LIST_PAGE, &deliveries,
		    &n) == -1)
			return context_fail_db(ctx);
		for (size_t i = 0; i < n; i++) {
			before_id = deliveries[i].id;
			if (list_takes(&list))
				list_one(&list, &deliveries[i]);
		}
	} while (n == LIST_PAGE && !list_full(&list));
	list_end(&list);
	return OUTCOME_DONE;
}

static enum outcome
read_filter(struct context *ctx, int64_t *webhook_id_r, const char **status_r)
{
	static const char *const words[] = { "waiting", "delivered", "failed" };
	const char *status = args_value(ctx->args, ARGS_STATUS);
	bool known = status == NULL;

	for (size_t i = 0; i < COUNTOF(words) && !known; i++)
		known = strcmp(status, words[i]) == 0;
	if (!known)
		return context_fail(ctx, OUTCOME_USAGE, "--status must be waiting, delivered or failed");
	*status_r = status != NULL ? status : "";
	return context_number(ctx, ARGS_WEBHOOK, 1, 0, webhook_id_r);
}

static void
list_one(struct list *list, const struct delivery *delivery)
{
	struct context *ctx = list->ctx;
	struct table *t = &list->table;

	emit_object(&ctx->json, NULL);
	emit_members(&ctx->json, delivery);
	emit_end(&ctx->json);
	table_int(t, delivery->id);
	table_int(t, delivery->webhook_id);
	table_id(t, delivery->meeting_id);
	table_text(t, delivery->type);
	table_text(t, delivery->status);
	table_int(t, delivery->attempts);
	table_time(t, delivery->next_at);
	table_text(t, last_of(ctx, delivery));
	table_time(t, delivery->created_at);
}

static const char *
last_of(struct context *ctx, const struct delivery *delivery)
{
	if (delivery->last_error != NULL)
		return delivery->last_error;
	return delivery->last_status != 0 ? arena_printf(ctx->arena, "%" PRId64, delivery->last_status) : NULL;
}

static void
emit_members(struct emit *e, const struct delivery *delivery)
{
	emit_int(e, "id", delivery->id);
	emit_int(e, "webhook_id", delivery->webhook_id);
	emit_text(e, "message_id", delivery->message_id);
	emit_int(e, "event_id", delivery->event_id);
	emit_int(e, "meeting_id", delivery->meeting_id);
	emit_text(e, "type", delivery->type);
	emit_text(e, "status", delivery->status);
	emit_int(e, "attempts", delivery->attempts);
	emit_time(e, "next_at", delivery->next_at);
	emit_time(e, "give_up_at", delivery->give_up_at);
	emit_int(e, "last_status", delivery->last_status);
	emit_text(e, "last_error", delivery->last_error);
	emit_time(e, "created_at", delivery->created_at);
	emit_time(e, "done_at", delivery->done_at);
}

/* With what is sent. */
enum outcome
command_delivery_show(struct context *ctx)
{
	struct delivery delivery;
	enum outcome outcome;
	int64_t id;

	if ((outcome = context_id(ctx, "delivery", ctx->args->operands[0], &id)) != OUTCOME_DONE ||
	    (outcome = find(ctx, id, &delivery)) != OUTCOME_DONE)
		return outcome;
	context_say(ctx, "delivery %" PRId64 " to webhook %" PRId64 ", %s: %s after %" PRId64 " attempts%s%s", id,
	    delivery.webhook_id, delivery.message_id, delivery.status, delivery.attempts,
	    delivery.last_error != NULL ? ", the last: " : "", delivery.last_error != NULL ? delivery.last_error : "");
	buf_addf(&ctx->text, "%s\n", table_clean(ctx->arena, delivery.body));
	emit_object(&ctx->json, NULL);
	emit_members(&ctx->json, &delivery);
	emit_raw(&ctx->json, "body", str_slice(delivery.body));
	emit_end(&ctx->json);
	return OUTCOME_DONE;
}

static enum outcome
find(struct context *ctx, int64_t id, struct delivery *delivery_r)
{
	return context_found(ctx, store_delivery_by_id(ctx->db, ctx->arena, id, delivery_r), "delivery", id);
}

/* With the same webhook-id, by which the receiver knows it again. */
enum outcome
command_delivery_repeat(struct context *ctx)
{
	struct delivery delivery;
	enum outcome outcome;
	int64_t id;

	if ((outcome = context_id(ctx, "delivery", ctx->args->operands[0], &id)) != OUTCOME_DONE ||
	    (outcome = find(ctx, id, &delivery)) != OUTCOME_DONE)
		return outcome;
	switch (store_delivery_repeat(ctx->db, id, ctx->now_us + ctx->conf->webhook_retry_for, ctx->now_us)) {
	case 1:
		break;
	case 0:
		return context_fail(ctx, OUTCOME_CONFLICT, "delivery %" PRId64 " waits already", id);
	default:
		return context_fail_db(ctx);
	}
	audit_add(&ctx->audit, AUDIT_WEBHOOK_REPEAT)->object_id = id;
	context_say(ctx, "delivery %" PRId64 " is sent again", id);
	emit_object(&ctx->json, NULL);
	emit_int(&ctx->json, "id", id);
	emit_text(&ctx->json, "message_id", delivery.message_id);
	emit_end(&ctx->json);
	return OUTCOME_DONE;
}

/* The transaction is its own: what unio-hookd sends must be committed before it can be waited for. */
enum outcome
command_delivery_test(struct context *ctx)
{
	struct delivery delivery = { .status = "waiting" };
	enum outcome outcome;
	int64_t webhook_id, id = 0;

	if ((outcome = context_id(ctx, "webhook", ctx->args->operands[0], &webhook_id)) != OUTCOME_DONE ||
	    (outcome = add_test(ctx, webhook_id, &id)) != OUTCOME_DONE)
		return outcome;
	if ((outcome = args_given(ctx->args, ARGS_WAIT) ? wait_for(ctx, id, &delivery) : find(ctx, id, &delivery)) !=
	    OUTCOME_DONE)
		return outcome;
	emit_object(&ctx->json, NULL);
	emit_members(&ctx->json, &delivery);
	emit_end(&ctx->json);
	if (!args_given(ctx->args, ARGS_WAIT)) {
		context_say(ctx, "delivery %" PRId64 " is sent", id);
		return OUTCOME_DONE;
	}
	ctx->answered = true;
	if (strcmp(delivery.status, "delivered") != 0)
		return context_fail(ctx, OUTCOME_FAILED, "delivery %" PRId64 ": %s", id, delivery.last_error);
	context_say(ctx, "delivery %" PRId64 " was taken with status %" PRId64, id, delivery.last_status);
	return OUTCOME_DONE;
}

static enum outcome
add_test(struct context *ctx, int64_t webhook_id, int64_t *id_r)
{
	struct delivery delivery = {
		.webhook_id = webhook_id,
		.type = WEBHOOK_TEST,
		.give_up_at = ctx->now_us + ctx->conf->webhook_retry_for,
	};
	struct webhook webhook = { .id = 0 };
	char message_id[WEBHOOK_ID_SIZE];
	struct buf body = { 0 };
	bool ok = false;
	int found = -1;

	webhook_id_make(message_id);
	webhook_test_message(webhook_id, ctx->now_us, &body);
	delivery.message_id = message_id;
	delivery.body = body.data;
	if (db_begin(ctx->db, true) == 0) {
		found = store_webhook_by_id(ctx->db, ctx->arena, webhook_id, &webhook);
		ok = found == 1 && webhook.disabled_at == 0 &&
		    store_delivery_add(ctx->db, &delivery, ctx->now_us, id_r) == 0 && db_commit(ctx->db) == 0;
	}
	buf_free(&body);
	if (ok)
		return OUTCOME_DONE;
	db_rollback(ctx->db);
	if (found == 0)
		return context_fail(ctx, OUTCOME_NOT_FOUND, "no webhook %" PRId64, webhook_id);
	if (found == 1 && webhook.disabled_at != 0)
		return context_fail(ctx, OUTCOME_CONFLICT, "webhook %" PRId64 " is disabled", webhook_id);
	return context_fail_db(ctx);
}

/* Until one attempt has come to its end. */
static enum outcome
wait_for(struct context *ctx, int64_t id, struct delivery *delivery_r)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN * 1000 };
	int64_t end_us = clock_mono_us() + LOOK_FOR;
	enum outcome outcome;

	while ((outcome = find(ctx, id, delivery_r)) == OUTCOME_DONE && delivery_r->attempts == 0) {
		if (clock_mono_us() >= end_us)
			return context_fail(ctx, OUTCOME_BUSY, "delivery %" PRId64 " waits: does unio-hookd run?", id);
		nanosleep(&pause, NULL);
	}
	return outcome;
}
