/* Calls, and who was in them. */
#include <inttypes.h>
#include <string.h>

#include "call.h"
#include "command.h"
#include "list.h"
#include "store_call.h"
#include "store_meeting.h"

static enum outcome	read_status(struct context *, int *);
static enum outcome	list_all(struct list *, int64_t, int);
static void		list_one(struct list *, const struct call *);
static void		audit(struct context *, enum audit_action, const struct call *);
static enum outcome	find_call(struct context *, struct call *);
static void		show_attendance(struct context *, const struct call *, const struct attendance *, size_t);
static int64_t		seconds_of(const struct context *, const struct attendance *);

enum outcome
command_call_list(struct context *ctx)
{
	static const char *const heading[] = { "ID", "MEETING", "TITLE", "CALLER", "STATUS", "STARTED", "ENDED",
	    "DURATION", "REASON" };
	struct list list;
	enum outcome outcome;
	int64_t before_us;
	int active;

	if ((outcome = read_status(ctx, &active)) != OUTCOME_DONE ||
	    (outcome = context_before(ctx, &before_us)) != OUTCOME_DONE ||
	    (outcome = list_begin(&list, ctx, heading, COUNTOF(heading))) != OUTCOME_DONE ||
	    (outcome = list_all(&list, before_us, active)) != OUTCOME_DONE)
		return outcome;
	list_end(&list);
	return OUTCOME_DONE;
}

/* As store_call_list() wants it. */
static enum outcome
read_status(struct context *ctx, int *active_r)
{
	const char *status = args_value(ctx->args, ARGS_STATUS);

	*active_r = status == NULL ? -1 : strcmp(status, "active") == 0;
	if (status == NULL || *active_r == 1 || strcmp(status, "ended") == 0)
		return OUTCOME_DONE;
	return context_fail(ctx, OUTCOME_USAGE, "--status must be active or ended");
}

/* Those that began before a time, newest first. */
static enum outcome
list_all(struct list *list, int64_t before_us, int active)
{
	struct context *ctx = list->ctx;
	int64_t meeting_id, before_id = 0;
	struct call *calls;
	enum outcome outcome;
	size_t n, i;

	if ((outcome = context_number(ctx, ARGS_MEETING, 1, 0, &meeting_id)) != OUTCOME_DONE)
		return outcome;
	do {
		if (store_call_list(ctx->db, ctx->arena, 0, meeting_id, active, before_id, LIST_PAGE, &calls, &n) != 0)
			return context_fail_db(ctx);
		for (i = 0; i < n; i++) {
			before_id = calls[i].id;
			if (calls[i].started_at < before_us && list_takes(list))
				list_one(list, &calls[i]);
		}
	} while (n == LIST_PAGE && !list_full(list));
	return OUTCOME_DONE;
}

static void
list_one(struct list *list, const struct call *call)
{
	struct table *t = &list->table;
	struct context *ctx = list->ctx;
	struct meeting meeting = { .title = NULL };

	/* the title alone: a call's meeting is always there */
	if (store_meeting_by_id(ctx->db, ctx->arena, call->meeting_id, false, &meeting) < 0)
		meeting.title = NULL;
	store_call_emit(&ctx->json, NULL, call);
	table_int(t, call->id);
	table_int(t, call->meeting_id);
	table_text(t, meeting.title);
	table_text(t, call->caller.email);
	table_text(t, call->active ? "active" : "ended");
	table_time(t, call->started_at);
	table_time(t, call->ended_at);
	if (call->active)
		table_text(t, NULL);
	else
		table_int(t, store_call_duration_s(call));
	table_text(t, call->ended_reason);
}

static enum outcome
find_call(struct context *ctx, struct call *call_r)
{
	enum outcome outcome;
	int64_t id;

	if ((outcome = context_id(ctx, "call", ctx->args->operands[0], &id)) != OUTCOME_DONE)
		return outcome;
	return context_found(ctx, store_call_by_id(ctx->db, ctx->arena, id, call_r), "call", id);
}

enum outcome
command_call_show(struct context *ctx)
{
	struct attendance *rows;
	struct call call;
	enum outcome outcome;
	size_t n;

	if ((outcome = find_call(ctx, &call)) != OUTCOME_DONE)
		return outcome;
	if (store_call_attendance(ctx->db, ctx->arena, call.id, &rows, &n) != 0)
		return context_fail_db(ctx);
	if (!args_given(ctx->args, ARGS_TSV))
		context_say(ctx, "call %" PRId64 " of meeting %" PRId64 ", started by %s, %s%s%s", call.id,
		    call.meeting_id, call.caller.email, call.active ? "active" : "ended", call.active ? "" : ": ",
		    call.active ? "" : call.ended_reason);
	show_attendance(ctx, &call, rows, n);
	return OUTCOME_DONE;
}

/* A row for each interval; somebody who came back has several. */
static void
show_attendance(struct context *ctx, const struct call *call, const struct attendance *rows, size_t n)
{
	static const char *const heading[] = { "CALL", "MEETING", "USER", "EMAIL", "NAME", "JOINED", "LEFT",
	    "SECONDS" };
	struct emit *e = &ctx->json;
	struct table t;

	table_init(&t, ctx->arena, list_form(ctx), heading, COUNTOF(heading));
	emit_object(e, NULL);
	store_call_emit_members(e, call);
	emit_array(e, "intervals");
	for (size_t i = 0; i < n; i++) {
		emit_object(e, NULL);
		store_user_emit_person(e, "user", &rows[i].user);
		emit_time(e, "joined_at", rows[i].joined_at);
		emit_time(e, "left_at", rows[i].left_at);
		emit_int(e, "seconds", seconds_of(ctx, &rows[i]));
		emit_end(e);
		table_int(&t, call->id);
		table_int(&t, call->meeting_id);
		table_int(&t, rows[i].user.id);
		table_text(&t, rows[i].user.email);
		table_text(&t, rows[i].user.full_name);
		table_time(&t, rows[i].joined_at);
		table_time(&t, rows[i].left_at);
		table_int(&t, seconds_of(ctx, &rows[i]));
	}
	emit_end(e);
	emit_end(e);
	table_print(&t, &ctx->text);
}

/* Whole seconds, cut; one that is open lasts until now. */
static int64_t
seconds_of(const struct context *ctx, const struct attendance *row)
{
	return MAX((row->left_at != 0 ? row->left_at : ctx->now_us) - row->joined_at, 0) / US_PER_S;
}

enum outcome
command_call_end(struct context *ctx)
{
	struct call call;
	enum outcome outcome;

	if ((outcome = find_call(ctx, &call)) != OUTCOME_DONE)
		return outcome;
	switch (call_end(ctx->db, &ctx->events, call.id, "ended", ctx->now_us, &call)) {
	case CALL_DONE:
		audit(ctx, AUDIT_CALL_END, &call);
		context_say(ctx, "call %" PRId64 " ended after %" PRId64 " s", call.id, store_call_duration_s(&call));
		break;
	case CALL_UNCHANGED:
		context_say(ctx, "call %" PRId64 " had ended already", call.id);
		break;
	default:
		return context_fail_db(ctx);
	}
	store_call_emit(&ctx->json, NULL, &call);
	return OUTCOME_DONE;
}

enum outcome
command_call_delete(struct context *ctx)
{
	struct call call;
	enum outcome outcome;

	if ((outcome = find_call(ctx, &call)) != OUTCOME_DONE)
		return outcome;
	if (call.active)
		return context_fail(ctx, OUTCOME_CONFLICT, "call %" PRId64 " is active; end it first", call.id);
	if (store_call_delete(ctx->db, call.id) < 0)
		return context_fail_db(ctx);
	audit(ctx, AUDIT_CALL_DELETE, &call);
	store_call_emit(&ctx->json, NULL, &call);
	context_say(ctx, "call %" PRId64 " and its attendance deleted", call.id);
	return OUTCOME_DONE;
}

static void
audit(struct context *ctx, enum audit_action action, const struct call *call)
{
	struct audit *row = audit_add(&ctx->audit, action);

	row->meeting_id = call->meeting_id;
	row->object_id = call->id;
}
