/* The outbox, as it grows. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "command.h"
#include "list.h"
#include "str.h"

#define NEWEST		20	/* events, unless --limit says another number */
#define LOOK_AGAIN	(200 * US_PER_MS)
#define LINE		"%-8s  %-20s  %-20s  %-8s  %s\n"

struct tail {
	struct context	*ctx;
	struct arena	*arena;		/* of one page */
	int64_t		 meeting_id;	/* 0: all */
	int64_t		 after_id;	/* read so far */
	int64_t		 skip;		/* of the next ones */
	int64_t		 left;		/* to be shown at most */
	bool		 follow;
};

static const struct event_bound page_bound = { .count = LIST_PAGE, .bytes = 1024 * 1024 };

static enum outcome	begin(struct tail *);
static enum outcome	skip_old(struct tail *, int64_t);
static enum outcome	read_page(struct tail *, struct event_page *);
static bool		concerns(const struct tail *, const struct event *);
static enum outcome	show_all(struct tail *);
static enum outcome	follow(struct tail *);
static void		show_page(struct tail *, const struct event_page *);
static void		show(struct tail *, const struct event *);
static void		show_json(struct tail *, const struct event *);

/* Without --after the newest ones; with --follow on and on, until it is interrupted or nobody reads any more. */
enum outcome
command_event(struct context *ctx)
{
	struct tail tail = { .ctx = ctx, .arena = arena_new(), .follow = args_given(ctx->args, ARGS_FOLLOW) };
	enum outcome outcome = begin(&tail);

	if (outcome == OUTCOME_DONE)
		outcome = tail.follow ? follow(&tail) : show_all(&tail);
	arena_free(&tail.arena);
	return outcome;
}

static enum outcome
begin(struct tail *tail)
{
	struct context *ctx = tail->ctx;
	bool after = args_given(ctx->args, ARGS_AFTER);
	enum outcome outcome;
	int64_t limit;

	if ((outcome = context_number(ctx, ARGS_MEETING, 1, 0, &tail->meeting_id)) != OUTCOME_DONE ||
	    (outcome = context_number(ctx, ARGS_AFTER, 0, 0, &tail->after_id)) != OUTCOME_DONE ||
	    (outcome = context_number(ctx, ARGS_LIMIT, 0, after ? INT64_MAX : NEWEST, &limit)) != OUTCOME_DONE)
		return outcome;
	tail->left = after && !tail->follow ? limit : INT64_MAX;
	if (!after && (outcome = skip_old(tail, limit)) != OUTCOME_DONE)
		return outcome;
	if (!ctx->args->json && !args_given(ctx->args, ARGS_TSV))
		buf_addf(&ctx->text, LINE, "ID", "TIME", "TYPE", "MEETING", "WHAT");
	return OUTCOME_DONE;
}

/* All of them but the newest limit.  Ids have no holes but the deleted ones; a meeting's have, and must be counted. */
static enum outcome
skip_old(struct tail *tail, int64_t limit)
{
	int64_t lowest, highest, count = 0;
	struct event_page page;
	enum outcome outcome;

	if (event_bounds(tail->ctx->db, &lowest, &highest) != 0)
		return context_fail_db(tail->ctx);
	if (tail->meeting_id == 0) {
		tail->after_id = MAX(highest - limit, 0);
		return OUTCOME_DONE;
	}
	do {
		if ((outcome = read_page(tail, &page)) != OUTCOME_DONE)
			return outcome;
		for (const struct event *event = page.first; event != NULL; event = event->next)
			count += concerns(tail, event);
	} while (page.count > 0);
	tail->after_id = 0;
	tail->skip = MAX(count - limit, 0);
	return OUTCOME_DONE;
}

static enum outcome
read_page(struct tail *tail, struct event_page *page_r)
{
	arena_reset(tail->arena);
	if (event_after(tail->ctx->db, tail->arena, tail->after_id, &page_bound, page_r) != 0)
		return context_fail_db(tail->ctx);
	for (const struct event *event = page_r->first; event != NULL; event = event->next)
		tail->after_id = event->id;
	return OUTCOME_DONE;
}

static bool
concerns(const struct tail *tail, const struct event *event)
{
	return tail->meeting_id == 0 || event->meeting_id == tail->meeting_id;
}

static enum outcome
show_all(struct tail *tail)
{
	struct event_page page;
	enum outcome outcome;

	emit_array(&tail->ctx->json, NULL);
	do {
		if ((outcome = read_page(tail, &page)) != OUTCOME_DONE)
			return outcome;
		show_page(tail, &page);
	} while (page.count > 0 && tail->left > 0);
	emit_end(&tail->ctx->json);
	return OUTCOME_DONE;
}

/* It looks as the daemon does; no transaction is left open between two looks, or the WAL would grow. */
static enum outcome
follow(struct tail *tail)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN * 1000 };
	struct event_page page;
	enum outcome outcome;

	for (;;) {
		if ((outcome = read_page(tail, &page)) != OUTCOME_DONE)
			return outcome;
		show_page(tail, &page);
		if ((outcome = context_print(tail->ctx)) != OUTCOME_DONE)
			return outcome;
		if (page.count == 0)
			nanosleep(&pause, NULL);
	}
}

static void
show_page(struct tail *tail, const struct event_page *page)
{
	for (const struct event *event = page->first; event != NULL && tail->left > 0; event = event->next) {
		if (!concerns(tail, event))
			continue;
		if (tail->skip > 0) {
			tail->skip--;
			continue;
		}
		tail->left--;
		show(tail, event);
	}
}

static void
show(struct tail *tail, const struct event *event)
{
	bool tsv = args_given(tail->ctx->args, ARGS_TSV);
	char id[24], time[CLOCK_TEXT_SIZE], meeting[24] = "-";

	if (tail->ctx->args->json) {
		show_json(tail, event);
		return;
	}
	snprintf(id, sizeof(id), "%" PRId64, event->id);
	if (event->meeting_id != 0)
		snprintf(meeting, sizeof(meeting), "%" PRId64, event->meeting_id);
	clock_format(time, event->created_at);
	if (!tsv)
		str_copy(time + sizeof("2024-01-15T10:30:45") - 1, sizeof("Z"), "Z");
	buf_addf(&tail->ctx->text, tsv ? "%s\t%s\t%s\t%s\t%s\n" : LINE, id, time, event_type_name(event->type), meeting,
	    table_clean(tail->arena, event->body));
}

/* One array of them, or, for who follows, an object a line. */
static void
show_json(struct tail *tail, const struct event *event)
{
	struct emit *e = &tail->ctx->json;

	if (tail->follow)
		*e = emit_into(&tail->ctx->json_text);
	emit_object(e, NULL);
	emit_int(e, "id", event->id);
	emit_text(e, "type", event_type_name(event->type));
	emit_time(e, "created_at", event->created_at);
	emit_int(e, "meeting_id", event->meeting_id);
	emit_int(e, "user_id", event->user_id);
	emit_int(e, "login_id", event->login_id);
	emit_raw(e, "body", (struct slice){ event->body, strlen(event->body) });
	emit_end(e);
	if (tail->follow)
		buf_addc(&tail->ctx->json_text, '\n');
}
