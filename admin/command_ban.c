/* Who may not take part in a meeting. */
#include <inttypes.h>

#include "ban.h"
#include "command.h"
#include "list.h"
#include "store_ban.h"

static void		list_one(struct list *, const struct ban *);
static enum outcome	refuse(struct context *, enum ban_result, const struct user *, int64_t);
static void		answer(struct context *, const struct user *, int64_t);

enum outcome
command_ban_add(struct context *ctx)
{
	struct meeting meeting;
	struct user user;
	enum outcome outcome;
	enum ban_result result;

	if ((outcome = context_find_meeting(ctx, false, &meeting)) != OUTCOME_DONE ||
	    (outcome = context_find_user(ctx, ctx->args->operands[1], &user)) != OUTCOME_DONE)
		return outcome;
	result = ban_user(ctx->db, &ctx->events, &ctx->audit, &meeting, &user.person, 0, ctx->now_us);
	if (result != BAN_DONE && result != BAN_UNCHANGED)
		return refuse(ctx, result, &user, meeting.id);
	answer(ctx, &user, meeting.id);
	context_say(ctx, "%s %s banned from meeting %" PRId64, user.person.email,
	    result == BAN_DONE ? "is" : "was already", meeting.id);
	return OUTCOME_DONE;
}

enum outcome
command_ban_remove(struct context *ctx)
{
	struct meeting meeting;
	struct user user;
	enum outcome outcome;
	enum ban_result result;

	if ((outcome = context_find_meeting(ctx, false, &meeting)) != OUTCOME_DONE ||
	    (outcome = context_find_user(ctx, ctx->args->operands[1], &user)) != OUTCOME_DONE)
		return outcome;
	if ((result = ban_lift(ctx->db, &ctx->audit, meeting.id, user.person.id)) != BAN_DONE)
		return refuse(ctx, result, &user, meeting.id);
	answer(ctx, &user, meeting.id);
	context_say(ctx, "%s may be added to meeting %" PRId64 " again", user.person.email, meeting.id);
	return OUTCOME_DONE;
}

static enum outcome
refuse(struct context *ctx, enum ban_result result, const struct user *user, int64_t meeting_id)
{
	const char *email = user->person.email;

	switch (result) {
	case BAN_UNCHANGED:
		return context_fail(ctx, OUTCOME_NOT_FOUND, "%s is not banned from meeting %" PRId64, email,
		    meeting_id);
	case BAN_HOST:
		return context_fail(ctx, OUTCOME_CONFLICT, "%s is the host of meeting %" PRId64, email, meeting_id);
	case BAN_FULL:
		return context_fail(ctx, OUTCOME_CONFLICT, "too many users are banned from meeting %" PRId64,
		    meeting_id);
	default:
		return context_fail_db(ctx);
	}
}

static void
answer(struct context *ctx, const struct user *user, int64_t meeting_id)
{
	emit_object(&ctx->json, NULL);
	emit_int(&ctx->json, "meeting_id", meeting_id);
	store_user_emit_person(&ctx->json, "user", &user->person);
	emit_end(&ctx->json);
}

enum outcome
command_ban_list(struct context *ctx)
{
	static const char *const heading[] = { "USER", "EMAIL", "NAME", "SINCE", "BY" };
	struct meeting meeting;
	struct list list;
	struct ban *bans;
	enum outcome outcome;
	size_t n;

	if ((outcome = context_find_meeting(ctx, false, &meeting)) != OUTCOME_DONE ||
	    (outcome = list_begin(&list, ctx, heading, COUNTOF(heading))) != OUTCOME_DONE)
		return outcome;
	if (store_ban_list(ctx->db, ctx->arena, meeting.id, &bans, &n) != 0)
		return context_fail_db(ctx);
	for (size_t i = 0; i < n; i++)
		if (list_takes(&list))
			list_one(&list, &bans[i]);
	list_end(&list);
	return OUTCOME_DONE;
}

static void
list_one(struct list *list, const struct ban *ban)
{
	struct table *t = &list->table;

	store_ban_emit(&list->ctx->json, ban);
	table_int(t, ban->user.id);
	table_text(t, ban->user.email);
	table_text(t, ban->user.full_name);
	table_time(t, ban->banned_at);
	if (ban->banned_by != 0)
		table_int(t, ban->banned_by);
	else
		table_text(t, "operator");
}
