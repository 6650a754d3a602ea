#include <inttypes.h>

#include "call.h"
#include "command.h"
#include "list.h"
#include "sizes.h"
#include "store_call.h"
#include "store_meeting.h"

static enum outcome	add_participants(struct context *, int64_t, int64_t);
static enum outcome	read_status(struct context *, int *);
static enum outcome	list_one(struct list *, const struct meeting *);

enum outcome
command_meeting_add(struct context *ctx)
{
	struct meeting meeting = { .title = args_value(ctx->args, ARGS_TITLE), .description = "", .ice_policy = "all" };
	struct user host;
	enum outcome outcome;
	int64_t id = 0;

	if (ctx->args->participant_count > LIMIT_PARTICIPANTS)
		return context_fail(ctx, OUTCOME_USAGE, "a meeting has at most %d participants", LIMIT_PARTICIPANTS);
	if ((outcome = context_check_text(ctx, "title", meeting.title, LIMIT_TITLE)) != OUTCOME_DONE ||
	    (outcome = context_find_user(ctx, args_value(ctx->args, ARGS_HOST), &host)) != OUTCOME_DONE)
		return outcome;
	meeting.host = host.person;
	if (store_meeting_create(ctx->db, &meeting, ctx->now_us, &id) != 0)
		return context_fail_db(ctx);
	if ((outcome = add_participants(ctx, id, host.person.id)) != OUTCOME_DONE)
		return outcome;
	if (store_meeting_by_id(ctx->db, ctx->arena, id, true, &meeting) != 1)
		return context_fail_db(ctx);
	audit_add(&ctx->audit, AUDIT_MEETING_ADD)->meeting_id = id;
	store_meeting_emit(&ctx->json, NULL, &meeting, NULL);
	context_say(ctx, "meeting %" PRId64 " (%s) added", id, meeting.title);
	return OUTCOME_DONE;
}

/* The host is a member already; who is named twice is added once. */
static enum outcome
add_participants(struct context *ctx, int64_t id, int64_t host_id)
{
	struct user user;
	enum outcome outcome;
	size_t i;

	for (i = 0; i < ctx->args->participant_count; i++) {
		if ((outcome = context_find_user(ctx, ctx->args->participants[i], &user)) != OUTCOME_DONE)
			return outcome;
		if (user.person.id != host_id &&
		    store_meeting_add_participant(ctx->db, id, user.person.id, ctx->now_us) < 0)
			return context_fail_db(ctx);
	}
	return OUTCOME_DONE;
}

enum outcome
command_meeting_list(struct context *ctx)
{
	static const char *const heading[] = { "ID", "TITLE", "HOST", "STATUS", "PARTICIPANTS", "CREATED" };
	struct list list;
	struct meeting *meetings;
	enum outcome outcome;
	int64_t before = 0;
	size_t n, i;
	int status = -1;

	if ((outcome = read_status(ctx, &status)) != OUTCOME_DONE ||
	    (outcome = list_begin(&list, ctx, heading, COUNTOF(heading))) != OUTCOME_DONE)
		return outcome;
	do {
		if (store_meeting_list(ctx->db, ctx->arena, 0, status, before, LIST_PAGE, &meetings, &n) != 0)
			return context_fail_db(ctx);
		for (i = 0; i < n; i++) {
			before = meetings[i].id;
			if (list_takes(&list) && (outcome = list_one(&list, &meetings[i])) != OUTCOME_DONE)
				return outcome;
		}
	} while (n == LIST_PAGE && !list_full(&list));
	list_end(&list);
	return OUTCOME_DONE;
}

/* -1: any. */
static enum outcome
read_status(struct context *ctx, int *status_r)
{
	const char *name = args_value(ctx->args, ARGS_STATUS);
	enum meeting_status status;

	if (name != NULL && !store_meeting_status_parse(name, &status))
		return context_fail(ctx, OUTCOME_USAGE, "--status must be scheduled, ongoing, completed or cancelled");
	*status_r = name != NULL ? (int)status : -1;
	return OUTCOME_DONE;
}

static enum outcome
list_one(struct list *list, const struct meeting *meeting)
{
	struct context *ctx = list->ctx;
	struct table *t = &list->table;
	struct call call;
	int found;

	if ((found = store_call_active(ctx->db, ctx->arena, meeting->id, &call)) < 0)
		return context_fail_db(ctx);
	store_meeting_emit(&ctx->json, NULL, meeting, found == 1 ? &call : NULL);
	table_int(t, meeting->id);
	table_text(t, meeting->title);
	table_text(t, meeting->host.email);
	table_text(t, store_meeting_status_name(meeting->status));
	table_int(t, (int64_t)meeting->participant_count);
	table_time(t, meeting->created_at);
	return OUTCOME_DONE;
}

enum outcome
command_meeting_delete(struct context *ctx)
{
	enum outcome outcome;
	int64_t id;

	if ((outcome = context_id(ctx, "meeting", ctx->args->operands[0], &id)) != OUTCOME_DONE)
		return outcome;
	switch (call_delete_meeting(ctx->db, &ctx->events, id, ctx->now_us)) {
	case CALL_DONE:
		break;
	case CALL_NONE:
		return context_fail(ctx, OUTCOME_NOT_FOUND, "no meeting %" PRId64, id);
	default:
		return context_fail_db(ctx);
	}
	audit_add(&ctx->audit, AUDIT_MEETING_DELETE)->meeting_id = id;
	emit_object(&ctx->json, NULL);
	emit_int(&ctx->json, "id", id);
	emit_end(&ctx->json);
	context_say(ctx, "meeting %" PRId64 " deleted, with its calls and their attendance", id);
	return OUTCOME_DONE;
}
