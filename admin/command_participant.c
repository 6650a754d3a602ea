/* Who takes part in a meeting. */
#include <inttypes.h>

#include "command.h"
#include "list.h"
#include "sizes.h"
#include "store_ban.h"
#include "store_meeting.h"
#include "tell.h"

static enum outcome	find_both(struct context *, struct meeting *, struct user *);
static void		list_one(struct list *, const struct person *, const char *);
static void		audit(struct context *, enum audit_action, int64_t, int64_t);
static enum outcome	check_room(struct context *, int64_t);

enum outcome
command_participant_list(struct context *ctx)
{
	static const char *const heading[] = { "USER", "EMAIL", "NAME", "ROLE" };
	struct meeting meeting;
	struct list list;
	enum outcome outcome;

	if ((outcome = context_find_meeting(ctx, true, &meeting)) != OUTCOME_DONE ||
	    (outcome = list_begin(&list, ctx, heading, COUNTOF(heading))) != OUTCOME_DONE)
		return outcome;
	list_one(&list, &meeting.host, "host");
	for (size_t i = 0; i < meeting.participant_count; i++)
		list_one(&list, &meeting.participants[i], "participant");
	list_end(&list);
	return OUTCOME_DONE;
}

static void
list_one(struct list *list, const struct person *person, const char *role)
{
	struct emit *e = &list->ctx->json;

	if (!list_takes(list))
		return;
	emit_object(e, NULL);
	emit_int(e, "id", person->id);
	emit_text(e, "email", person->email);
	emit_text(e, "full_name", person->full_name);
	emit_text(e, "role", role);
	emit_end(e);
	table_int(&list->table, person->id);
	table_text(&list->table, person->email);
	table_text(&list->table, person->full_name);
	table_text(&list->table, role);
}

enum outcome
command_participant_add(struct context *ctx)
{
	struct meeting meeting;
	struct user user;
	enum outcome outcome;
	int added, banned;

	if ((outcome = find_both(ctx, &meeting, &user)) != OUTCOME_DONE)
		return outcome;
	if ((banned = store_ban_find(ctx->db, meeting.id, user.person.id)) == 1)
		return context_fail(ctx, OUTCOME_CONFLICT, "%s is banned from meeting %" PRId64
		    "; \"unioctl meeting unban\" lifts that", user.person.email, meeting.id);
	if (banned < 0)
		return context_fail_db(ctx);
	if ((added = store_meeting_add_participant(ctx->db, meeting.id, user.person.id, ctx->now_us)) < 0)
		return context_fail_db(ctx);
	if (added == 1) {
		if ((outcome = check_room(ctx, meeting.id)) != OUTCOME_DONE)
			return outcome;
		tell_participant_added(&ctx->events, meeting.id, &user.person);
		audit(ctx, AUDIT_PARTICIPANT_ADD, meeting.id, user.person.id);
	}
	store_user_emit_person(&ctx->json, NULL, &user.person);
	context_say(ctx, "%s %s meeting %" PRId64, user.person.email, added == 1 ? "added to" : "was already in",
	    meeting.id);
	return OUTCOME_DONE;
}

static void
audit(struct context *ctx, enum audit_action action, int64_t meeting_id, int64_t user_id)
{
	struct audit *row = audit_add(&ctx->audit, action);

	row->meeting_id = meeting_id;
	row->user_id = user_id;
}

/* Asked after the insert, which the refusal rolls back. */
static enum outcome
check_room(struct context *ctx, int64_t meeting_id)
{
	int64_t count;

	if (store_meeting_count_participants(ctx->db, meeting_id, &count) != 0)
		return context_fail_db(ctx);
	if (count > LIMIT_PARTICIPANTS)
		return context_fail(ctx, OUTCOME_CONFLICT, "a meeting has at most %d participants", LIMIT_PARTICIPANTS);
	return OUTCOME_DONE;
}

enum outcome
command_participant_remove(struct context *ctx)
{
	struct meeting meeting;
	struct user user;
	enum outcome outcome;

	if ((outcome = find_both(ctx, &meeting, &user)) != OUTCOME_DONE)
		return outcome;
	if (user.person.id == meeting.host.id)
		return context_fail(ctx, OUTCOME_CONFLICT, "%s is the host of meeting %" PRId64, user.person.email,
		    meeting.id);
	switch (store_meeting_remove_participant(ctx->db, meeting.id, user.person.id)) {
	case 1:
		break;
	case 0:
		return context_fail(ctx, OUTCOME_NOT_FOUND, "%s is not in meeting %" PRId64, user.person.email,
		    meeting.id);
	default:
		return context_fail_db(ctx);
	}
	tell_participant_removed(&ctx->events, meeting.id, &user.person);
	audit(ctx, AUDIT_PARTICIPANT_REMOVE, meeting.id, user.person.id);
	store_user_emit_person(&ctx->json, NULL, &user.person);
	context_say(ctx, "%s removed from meeting %" PRId64, user.person.email, meeting.id);
	return OUTCOME_DONE;
}

/* And the account that the second one names. */
static enum outcome
find_both(struct context *ctx, struct meeting *meeting_r, struct user *user_r)
{
	enum outcome outcome = context_find_meeting(ctx, false, meeting_r);

	return outcome == OUTCOME_DONE ? context_find_user(ctx, ctx->args->operands[1], user_r) : outcome;
}
