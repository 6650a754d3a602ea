/* Who is kept out of a meeting, or sent out of its room. */
#include <string.h>

#include "ban.h"
#include "invite.h"
#include "permit.h"
#include "signaling.h"
#include "store_ban.h"

static bool	load(const struct context *c, struct reply *r, struct meeting *meeting_r);
static bool	find_member(const struct context *c, struct reply *r, struct user *user_r);
static bool	is_there(const struct context *c, int64_t user_id);
static void	blank_escapes(struct buf *text);
static bool	is_among(const struct json *sessions, int64_t user_id);

void
handle_ban_list(struct context *c, struct reply *r)
{
	struct access access;
	struct ban *bans;
	struct emit e;
	size_t n;

	if (!permit_meeting(c, r, c->id[0], PERMIT_CHANGE, "meeting", &access))
		return;
	if (store_ban_list(c->db, c->arena, c->id[0], &bans, &n) != 0) {
		reply_database(r, c->db);
		return;
	}
	e = reply_ok(r, 200);
	emit_object(&e, NULL);
	emit_array(&e, "results");
	for (size_t i = 0; i < n; i++)
		store_ban_emit(&e, &bans[i]);
	emit_end(&e);
	emit_end(&e);
}

void
handle_ban_add(struct context *c, struct reply *r)
{
	struct access access;
	struct meeting meeting;
	enum ban_result result;
	struct user user;
	struct emit e;

	if (!permit_meeting(c, r, c->id[0], PERMIT_CHANGE, "meeting", &access) || !load(c, r, &meeting) ||
	    !invite_read_one(c, r, &user))
		return;
	result = ban_user(c->db, &r->events, &r->audit, &meeting, &user.person, c->caller.person.id, c->now_us);
	switch (result) {
	case BAN_DONE:
	case BAN_UNCHANGED:
		e = reply_ok(r, result == BAN_DONE ? 201 : 200);
		store_user_emit_person(&e, NULL, &user.person);
		break;
	case BAN_HOST:
		reply_error(r, 409, "host_stays", NULL, "the host cannot be banned");
		break;
	case BAN_FULL:
		reply_error(r, 409, "too_many_bans", NULL, "at most %d users can be banned from a meeting", LIMIT_BANS);
		break;
	case BAN_FAILED:
		reply_database(r, c->db);
		break;
	}
}

static bool
load(const struct context *c, struct reply *r, struct meeting *meeting_r)
{
	int found = store_meeting_by_id(c->db, c->arena, c->id[0], false, meeting_r);

	if (found < 0)
		reply_database(r, c->db);
	else if (found == 0)
		reply_not_found(r, "meeting");
	return found == 1;
}

void
handle_ban_remove(struct context *c, struct reply *r)
{
	struct access access;

	if (!permit_meeting(c, r, c->id[0], PERMIT_CHANGE, "meeting", &access))
		return;
	switch (ban_lift(c->db, &r->audit, c->id[0], c->id[1])) {
	case BAN_DONE:
		reply_no_content(r);
		break;
	case BAN_FAILED:
		reply_database(r, c->db);
		break;
	default:
		reply_not_found(r, "ban");
		break;
	}
}

/* Is that member in the room?  Asked only if the caller may end them. */
bool
handle_ban_kick_prepare(struct context *c, struct reply *r)
{
	bool *there = arena_alloc(c->arena, sizeof(*there));
	struct user user;
	bool ok = false;

	if (db_begin(c->db, false) != 0)
		reply_database(r, c->db);
	else
		ok = find_member(c, r, &user);
	db_rollback(c->db);
	if (ok)
		*there = is_there(c, user.person.id);
	c->prepared = there;
	return ok;
}

/* Whoever is in the room only as what the meeting says: members, so that nobody is told who else has an account. */
static bool
find_member(const struct context *c, struct reply *r, struct user *user_r)
{
	struct access access, other;

	if (!permit_meeting(c, r, c->id[0], PERMIT_CHANGE, "meeting", &access) || !invite_read_one(c, r, user_r))
		return false;
	if (access_check(c->db, c->arena, user_r->person.id, 0, c->id[0], &other) != 0)
		reply_database(r, c->db);
	else if (other.role == ACCESS_ROLE_NONE)
		reply_not_found(r, "participant");
	else
		return true;
	return false;
}

/* If the daemon does not answer, nobody knows: then it is told to end them, when it is back. */
static bool
is_there(const struct context *c, int64_t user_id)
{
	struct buf text = { 0 };
	struct json *sessions = NULL;
	bool there = true;

	if (signaling_presence(c->conf, c->signaling, c->id[0], &text)) {
		blank_escapes(&text);
		sessions = json_parse_ours(text.data, text.len);
		there = sessions == NULL || is_among(sessions, user_id);
	}
	json_free(&sessions);
	buf_free(&text);
	return there;
}

/* The state of a session may hold half a surrogate pair, which cJSON refuses; no text is read here. */
static void
blank_escapes(struct buf *text)
{
	for (size_t i = 0; i + 1 < text->len; i++)
		if (text->data[i] == '\\') {
			text->data[i++] = '.';
			text->data[i] = '.';
		}
}

static bool
is_among(const struct json *sessions, int64_t user_id)
{
	size_t n = json_array_length(sessions);
	int64_t id;

	for (size_t i = 0; i < n; i++)
		if (json_get_int(json_array_item(sessions, i), "user_id", user_id, user_id, &id) == 1)
			return true;
	return false;
}

void
handle_ban_kick(struct context *c, struct reply *r)
{
	const bool *there = c->prepared;
	struct user user;

	if (!find_member(c, r, &user))
		return;
	if (*there)
		ban_kick(&r->events, &r->audit, c->id[0], user.person.id);
	reply_no_content(r);
}
