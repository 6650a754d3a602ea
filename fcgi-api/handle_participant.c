/* Who takes part in a meeting. */
#include "invite.h"
#include "permit.h"
#include "store_ban.h"
#include "store_meeting.h"
#include "tell.h"

static void	audit(struct reply *r, enum audit_action action, int64_t meeting_id, int64_t user_id);
static bool	is_welcome(const struct context *c, struct reply *r, int64_t meeting_id, int64_t user_id);
static bool	has_room(const struct context *c, struct reply *r, int64_t meeting_id);

void
handle_participant_add(struct context *c, struct reply *r)
{
	int64_t meeting_id = c->id[0];
	struct access access;
	struct user user;
	struct emit e;
	int added;

	if (!permit_meeting(c, r, meeting_id, PERMIT_CHANGE, "meeting", &access) || !invite_read_one(c, r, &user) ||
	    !is_welcome(c, r, meeting_id, user.person.id))
		return;
	added = store_meeting_add_participant(c->db, meeting_id, user.person.id, c->now_us);
	if (added < 0) {
		reply_database(r, c->db);
		return;
	}
	if (added == 1 && !has_room(c, r, meeting_id))
		return;
	e = reply_ok(r, added == 1 ? 201 : 200);
	store_user_emit_person(&e, NULL, &user.person);
	if (added == 1) {
		tell_participant_added(&r->events, meeting_id, &user.person);
		audit(r, AUDIT_PARTICIPANT_ADD, meeting_id, user.person.id);
	}
}

static void
audit(struct reply *r, enum audit_action action, int64_t meeting_id, int64_t user_id)
{
	struct audit *row = audit_add(&r->audit, action);

	row->meeting_id = meeting_id;
	row->user_id = user_id;
}

/* Who has been banned is let in again in two steps, so that it does not happen by mistake. */
static bool
is_welcome(const struct context *c, struct reply *r, int64_t meeting_id, int64_t user_id)
{
	int banned = store_ban_find(c->db, meeting_id, user_id);

	if (banned < 0)
		reply_database(r, c->db);
	else if (banned == 1)
		reply_error(r, 409, "user_banned", NULL, "this user is banned from the meeting: lift the ban first");
	return banned == 0;
}

/* Asked after the insert, which the refusal rolls back: someone who is in already is no reason to count. */
static bool
has_room(const struct context *c, struct reply *r, int64_t meeting_id)
{
	int64_t count;

	if (store_meeting_count_participants(c->db, meeting_id, &count) != 0)
		reply_database(r, c->db);
	else if (count > LIMIT_PARTICIPANTS)
		reply_error(r, 409, "too_many_participants", NULL, "a meeting has at most %d participants",
		    LIMIT_PARTICIPANTS);
	else
		return true;
	return false;
}

/* The host removes anyone, everybody removes oneself. */
void
handle_participant_remove(struct context *c, struct reply *r)
{
	int64_t meeting_id = c->id[0], user_id = c->id[1];
	bool oneself = user_id == c->caller.person.id;
	struct access access;
	struct user user;
	int removed;

	if (!permit_meeting(c, r, meeting_id, oneself ? PERMIT_READ : PERMIT_CHANGE, "meeting", &access))
		return;
	if (oneself && access.role == ACCESS_ROLE_HOST) {
		reply_error(r, 409, "host_stays", NULL, "the host cannot leave the meeting");
		return;
	}
	removed = store_user_by_id(c->db, c->arena, user_id, &user);
	if (removed == 1)
		removed = store_meeting_remove_participant(c->db, meeting_id, user_id);
	if (removed < 0)
		reply_database(r, c->db);
	else if (removed == 0)
		reply_not_found(r, "participant");
	else {
		reply_no_content(r);
		tell_participant_removed(&r->events, meeting_id, &user.person);
		audit(r, AUDIT_PARTICIPANT_REMOVE, meeting_id, user_id);
	}
}
