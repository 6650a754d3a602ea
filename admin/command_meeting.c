#include <inttypes.h>

#include "command.h"
#include "context.h"
#include "sizes.h"
#include "store_call.h"
#include "store_meeting.h"
#include "table.h"

#define PAGE	100	/* meetings a query */

static enum outcome	add_participants(struct context *, int64_t, int64_t);
static enum outcome	list_one(struct context *, struct table *, const struct meeting *);

enum outcome
command_meeting_add(struct context *ctx)
{
	struct meeting meeting = { .title = ctx->args->title, .description = "", .ice_policy = "all" };
	struct user host;
	enum outcome outcome;
	int64_t id = 0;

	if (ctx->args->participant_count > LIMIT_PARTICIPANTS)
		return context_fail(ctx, OUTCOME_USAGE, "a meeting has at most %d participants", LIMIT_PARTICIPANTS);
	if ((outcome = context_check_text(ctx, "title", meeting.title, LIMIT_TITLE)) != OUTCOME_DONE ||
	    (outcome = context_find_user(ctx, ctx->args->host, &host)) != OUTCOME_DONE)
		return outcome;
	meeting.host = host.person;
	if (store_meeting_create(ctx->db, &meeting, ctx->now_us, &id) != 0)
		return context_fail_db(ctx);
	if ((outcome = add_participants(ctx, id, host.person.id)) != OUTCOME_DONE)
		return outcome;
	if (store_meeting_by_id(ctx->db, ctx->arena, id, true, &meeting) != 1)
		return context_fail_db(ctx);
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
	struct table t;
	struct meeting *meetings;
	enum outcome outcome;
	int64_t before = 0;
	size_t n, i;

	table_init(&t, ctx->arena, heading, COUNTOF(heading));
	emit_array(&ctx->json, NULL);
	do {
		if (store_meeting_list(ctx->db, ctx->arena, 0, -1, before, PAGE, &meetings, &n) != 0)
			return context_fail_db(ctx);
		for (i = 0; i < n; i++) {
			before = meetings[i].id;
			if ((outcome = list_one(ctx, &t, &meetings[i])) != OUTCOME_DONE)
				return outcome;
		}
	} while (n == PAGE);
	emit_end(&ctx->json);
	table_print(&t, &ctx->text);
	return OUTCOME_DONE;
}

static enum outcome
list_one(struct context *ctx, struct table *t, const struct meeting *meeting)
{
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
