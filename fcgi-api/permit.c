#include "permit.h"

static const struct {
	enum access_role	role;		/* at least */
	bool			admin;		/* administrators may as well */
	bool			outsider_told;	/* 403 instead of 404 */
} rules[] = {
	[PERMIT_READ] = { ACCESS_ROLE_PARTICIPANT, true, false },
	[PERMIT_CHANGE] = { ACCESS_ROLE_HOST, true, false },
	[PERMIT_START] = { ACCESS_ROLE_PARTICIPANT, false, true },
	[PERMIT_ENTER] = { ACCESS_ROLE_PARTICIPANT, false, true },
	[PERMIT_END] = { ACCESS_ROLE_PARTICIPANT, true, true },
};

bool
permit_meeting(const struct context *c, struct reply *r, int64_t meeting_id, enum permit permit, const char *what,
    struct access *access_r)
{
	struct access access;

	if (access_check(c->db, c->arena, c->caller.person.id, c->caller.login_id, meeting_id, &access) != 0) {
		reply_database(r, c->db);
		return false;
	}
	if (access.verdict == ACCESS_UNAUTHORIZED) {
		/* revoked between the look at the token and this transaction */
		reply_unauthorized(r, "unauthorized", "the login session has ended");
		return false;
	}
	if (access.verdict == ACCESS_NOT_FOUND) {
		reply_not_found(r, what);
		return false;
	}
	if (access.role < rules[permit].role && !(rules[permit].admin && c->caller.is_admin)) {
		if (access.role == ACCESS_ROLE_NONE && !rules[permit].outsider_told)
			reply_not_found(r, what);
		else if (access.verdict == ACCESS_BANNED)
			reply_error(r, 403, "banned", NULL, "you are banned from this meeting");
		else
			reply_error(r, 403, "forbidden", NULL, access.role == ACCESS_ROLE_NONE ?
			    "you are neither host nor participant of this meeting" : "only the host may do this");
		return false;
	}
	*access_r = access;
	return true;
}
