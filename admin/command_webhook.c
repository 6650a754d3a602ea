/* Webhooks: who is told of the events.  What was sent to them is in command_delivery.c. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "list.h"
#include "purge.h"
#include "secret.h"
#include "sizes.h"
#include "store_delivery.h"
#include "store_webhook.h"
#include "webhook.h"

#define BOTH_SIGN	(24 * 3600 * US_PER_S)	/* the time that a receiver has to learn the new secret */
#define PURGE_ROWS	200			/* in one transaction: as many as purge.h takes of those with a body */

/* What of a webhook's is not delivered. */
struct backlog {
	int64_t	waiting;
	int64_t	since;		/* the oldest; 0: none */
};

static enum outcome	check(struct context *, const char *, const char *);
static const char	*public_types(struct context *);
static enum outcome	find(struct context *, struct webhook *);
static enum outcome	choose_secret(struct context *, char[WEBHOOK_SECRET_SIZE], bool *);
static enum outcome	read_secret(struct context *, const char *, char[WEBHOOK_SECRET_SIZE]);
static void		show_secret(struct context *, const char *, bool);
static enum outcome	list_one(struct list *, const struct webhook *);
static enum outcome	look_up_backlog(struct context *, const struct webhook *, struct backlog *);
static const char	*state_of(const struct webhook *);
static void		emit_members(struct emit *, const struct webhook *, const struct backlog *);
static enum outcome	begin_delete(struct context *);
static bool		purge(struct context *);
static enum outcome	answer(struct context *, int64_t, int, enum audit_action, const char *);

enum outcome
command_webhook_add(struct context *ctx)
{
	struct webhook webhook = { .url = ctx->args->operands[0], .events = args_value(ctx->args, ARGS_EVENTS) };
	char secret[WEBHOOK_SECRET_SIZE];
	enum outcome outcome;
	bool made;
	int64_t count;

	if (webhook.events == NULL)
		webhook.events = "";
	if ((outcome = check(ctx, webhook.url, webhook.events)) != OUTCOME_DONE ||
	    (outcome = choose_secret(ctx, secret, &made)) != OUTCOME_DONE)
		return outcome;
	webhook.secret = secret;
	if (store_webhook_count(ctx->db, &count) == -1)
		return context_fail_db(ctx);
	if (count >= LIMIT_WEBHOOKS)
		return context_fail(ctx, OUTCOME_CONFLICT, "there are %d webhooks already", LIMIT_WEBHOOKS);
	if (store_webhook_add(ctx->db, &webhook, ctx->now_us, &webhook.id) == -1)
		return context_fail_db(ctx);
	audit_add(&ctx->audit, AUDIT_WEBHOOK_ADD)->object_id = webhook.id;
	context_say(ctx, "webhook %" PRId64 " is sent %s from now on%s", webhook.id,
	    *webhook.events != '\0' ? webhook.events : "all events",
	    made ? ", signed by this secret, shown once:" : "");
	emit_object(&ctx->json, NULL);
	emit_int(&ctx->json, "id", webhook.id);
	emit_text(&ctx->json, "url", webhook.url);
	emit_text(&ctx->json, "events", webhook.events);
	show_secret(ctx, secret, made);
	return OUTCOME_DONE;
}

static enum outcome
check(struct context *ctx, const char *url, const char *events)
{
	const char *wrong;

	if ((wrong = webhook_url_wrong(url, ctx->conf->webhook_http)) != NULL)
		return context_fail(ctx, OUTCOME_USAGE, "the address %s", wrong);
	if ((wrong = webhook_events_wrong(events)) != NULL)
		return context_fail(ctx, OUTCOME_USAGE, "--events %s: %s", wrong, public_types(ctx));
	return OUTCOME_DONE;
}

static const char *
public_types(struct context *ctx)
{
	const char *types = "";

	for (int i = 0; i < EVENT_UNKNOWN; i++)
		if (event_is_public((enum event_type)i))
			types = arena_printf(ctx->arena, "%s%s%s", types, *types != '\0' ? ", " : "",
			    event_type_name((enum event_type)i));
	return types;
}

/* Made here, unless a file has it. */
static enum outcome
choose_secret(struct context *ctx, char secret[WEBHOOK_SECRET_SIZE], bool *made_r)
{
	const char *file = args_value(ctx->args, ARGS_SECRET_FILE);

	*made_r = file == NULL;
	if (file != NULL)
		return read_secret(ctx, file, secret);
	webhook_secret_make(secret);
	return OUTCOME_DONE;
}

static enum outcome
read_secret(struct context *ctx, const char *file, char secret[WEBHOOK_SECRET_SIZE])
{
	char text[SECRET_FILE_MAX], error[512];
	bool valid;
	size_t n;

	if (!secret_read(file, text, &n, error, sizeof(error)))
		return context_fail(ctx, OUTCOME_USAGE, "%s", error);
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	if ((valid = n < WEBHOOK_SECRET_SIZE)) {
		memcpy(secret, text, n);
		secret[n] = '\0';
		valid = strlen(secret) == n && webhook_secret_valid(secret);
	}
	explicit_bzero(text, sizeof(text));
	if (!valid)
		return context_fail(ctx, OUTCOME_USAGE, "%s must hold " WEBHOOK_PREFIX " and base64 of %d to %d bytes",
		    file, WEBHOOK_KEY_MIN, WEBHOOK_KEY_MAX);
	return OUTCOME_DONE;
}

/* The end of the answer.  Alone on its line, so that a script finds it; not again what somebody has in a file. */
static void
show_secret(struct context *ctx, const char *secret, bool made)
{
	emit_text(&ctx->json, "secret", made ? secret : NULL);
	emit_end(&ctx->json);
	if (made)
		buf_addf(&ctx->text, "%s\n", secret);
}

enum outcome
command_webhook_list(struct context *ctx)
{
	static const char *const heading[] = { "ID", "URL", "EVENTS", "STATE", "FAILURES", "WAITING", "CREATED" };
	struct webhook *webhooks;
	struct list list;
	enum outcome outcome;
	size_t n;

	if ((outcome = list_begin(&list, ctx, heading, COUNTOF(heading))) != OUTCOME_DONE)
		return outcome;
	if (store_webhook_all(ctx->db, ctx->arena, false, &webhooks, &n) == -1)
		return context_fail_db(ctx);
	for (size_t i = 0; i < n; i++)
		if (list_takes(&list) && (outcome = list_one(&list, &webhooks[i])) != OUTCOME_DONE)
			return outcome;
	list_end(&list);
	return OUTCOME_DONE;
}

static enum outcome
list_one(struct list *list, const struct webhook *webhook)
{
	struct context *ctx = list->ctx;
	struct table *t = &list->table;
	struct backlog backlog;
	enum outcome outcome;

	if ((outcome = look_up_backlog(ctx, webhook, &backlog)) != OUTCOME_DONE)
		return outcome;
	emit_object(&ctx->json, NULL);
	emit_members(&ctx->json, webhook, &backlog);
	emit_end(&ctx->json);
	table_int(t, webhook->id);
	table_text(t, webhook->url);
	table_text(t, *webhook->events != '\0' ? webhook->events : "all");
	table_text(t, state_of(webhook));
	table_int(t, webhook->failures);
	table_int(t, backlog.waiting);
	table_time(t, webhook->created_at);
	return OUTCOME_DONE;
}

static enum outcome
look_up_backlog(struct context *ctx, const struct webhook *webhook, struct backlog *backlog_r)
{
	return store_delivery_waiting(ctx->db, webhook->id, &backlog_r->waiting, &backlog_r->since) == 0 ?
	    OUTCOME_DONE : context_fail_db(ctx);
}

static const char *
state_of(const struct webhook *webhook)
{
	return store_webhook_state_name(store_webhook_state(webhook));
}

/* No secret. */
static void
emit_members(struct emit *e, const struct webhook *webhook, const struct backlog *backlog)
{
	emit_int(e, "id", webhook->id);
	emit_text(e, "url", webhook->url);
	emit_text(e, "events", webhook->events);
	emit_text(e, "state", state_of(webhook));
	emit_int(e, "failures", webhook->failures);
	emit_time(e, "retry_at", webhook->retry_at);
	emit_int(e, "waiting", backlog->waiting);
	emit_time(e, "waiting_since", backlog->since);
	emit_int(e, "event_id", webhook->cursor_id);
	emit_time(e, "old_secret_until", webhook->old_until);
	emit_time(e, "created_at", webhook->created_at);
	emit_time(e, "disabled_at", webhook->disabled_at);
}

enum outcome
command_webhook_show(struct context *ctx)
{
	struct webhook webhook;
	struct backlog backlog;
	enum outcome outcome;

	if ((outcome = find(ctx, &webhook)) != OUTCOME_DONE ||
	    (outcome = look_up_backlog(ctx, &webhook, &backlog)) != OUTCOME_DONE)
		return outcome;
	context_say(ctx, "webhook %" PRId64 " to %s: %s", webhook.id, webhook.url, state_of(&webhook));
	context_say(ctx, "is sent %s; it knows of those up to %" PRId64,
	    *webhook.events != '\0' ? webhook.events : "all events", webhook.cursor_id);
	context_say(ctx, "%" PRId64 " wait, %" PRId64 " attempts running have failed", backlog.waiting,
	    webhook.failures);
	emit_object(&ctx->json, NULL);
	emit_members(&ctx->json, &webhook, &backlog);
	emit_end(&ctx->json);
	return OUTCOME_DONE;
}

static enum outcome
find(struct context *ctx, struct webhook *webhook_r)
{
	enum outcome outcome;
	int64_t id;

	if ((outcome = context_id(ctx, "webhook", ctx->args->operands[0], &id)) != OUTCOME_DONE)
		return outcome;
	return context_found(ctx, store_webhook_by_id(ctx->db, ctx->arena, id, webhook_r), "webhook", id);
}

enum outcome
command_webhook_disable(struct context *ctx)
{
	struct webhook webhook;
	enum outcome outcome;

	if ((outcome = find(ctx, &webhook)) != OUTCOME_DONE)
		return outcome;
	return answer(ctx, webhook.id, store_webhook_disable(ctx->db, webhook.id, "operator", ctx->now_us),
	    AUDIT_WEBHOOK_DISABLE, "disabled");
}

/* Its address may have become one that is not allowed. */
enum outcome
command_webhook_enable(struct context *ctx)
{
	struct webhook webhook;
	enum outcome outcome;

	if ((outcome = find(ctx, &webhook)) != OUTCOME_DONE ||
	    (outcome = check(ctx, webhook.url, webhook.events)) != OUTCOME_DONE)
		return outcome;
	return answer(ctx, webhook.id, store_webhook_enable(ctx->db, webhook.id), AUDIT_WEBHOOK_ENABLE,
	    "enabled");
}

/*
 * With the first transaction it is gone for everybody; its deliveries may be more than one should take.  Killed in
 * between, or kept from the database, it leaves the rest to whoever forgets what is old (purge.h), or to unio-hookd.
 */
enum outcome
command_webhook_delete(struct context *ctx)
{
	const struct timespec pause = { .tv_nsec = PURGE_PAUSE_US * 1000 };
	enum outcome outcome = context_transact(ctx, begin_delete);

	while (outcome == OUTCOME_DONE && purge(ctx))
		nanosleep(&pause, NULL);
	return outcome;
}

static enum outcome
begin_delete(struct context *ctx)
{
	struct webhook webhook;
	enum outcome outcome;

	if ((outcome = find(ctx, &webhook)) != OUTCOME_DONE)
		return outcome;
	return answer(ctx, webhook.id, store_webhook_delete(ctx->db, webhook.id, ctx->now_us), AUDIT_WEBHOOK_DELETE,
	    "deleted, with its deliveries");
}

/* One slice; false: that was the last one. */
static bool
purge(struct context *ctx)
{
	int64_t n;

	if (db_begin(ctx->db, true) == 0 && (n = store_webhook_purge(ctx->db, PURGE_ROWS)) != -1 &&
	    db_commit(ctx->db) == 0)
		return n == PURGE_ROWS;
	db_rollback(ctx->db);
	return false;
}

/* changed: as the stores say it; what was so already is no mistake. */
static enum outcome
answer(struct context *ctx, int64_t id, int changed, enum audit_action action, const char *what)
{
	if (changed == -1)
		return context_fail_db(ctx);
	if (changed == 1)
		audit_add(&ctx->audit, action)->object_id = id;
	context_say(ctx, "webhook %" PRId64 " %s %s", id, changed == 1 ? "is now" : "was already", what);
	emit_object(&ctx->json, NULL);
	emit_int(&ctx->json, "id", id);
	emit_bool(&ctx->json, "changed", changed == 1);
	emit_end(&ctx->json);
	return OUTCOME_DONE;
}

enum outcome
command_webhook_rotate(struct context *ctx)
{
	struct webhook webhook;
	char secret[WEBHOOK_SECRET_SIZE];
	enum outcome outcome;
	bool made;

	if ((outcome = find(ctx, &webhook)) != OUTCOME_DONE ||
	    (outcome = choose_secret(ctx, secret, &made)) != OUTCOME_DONE)
		return outcome;
	if (store_webhook_rotate(ctx->db, webhook.id, secret, ctx->now_us + BOTH_SIGN) == -1)
		return context_fail_db(ctx);
	audit_add(&ctx->audit, AUDIT_WEBHOOK_ROTATE)->object_id = webhook.id;
	context_say(ctx, "webhook %" PRId64 " is signed by a new secret, and for 24 hours by the former one as well%s",
	    webhook.id, made ? "; the new one, shown once:" : "");
	emit_object(&ctx->json, NULL);
	emit_int(&ctx->json, "id", webhook.id);
	emit_time(&ctx->json, "old_secret_until", ctx->now_us + BOTH_SIGN);
	show_secret(ctx, secret, made);
	return OUTCOME_DONE;
}
