/* The caller's own account. */
#include <string.h>

#include "erase.h"
#include "field.h"
#include "guess.h"
#include "password.h"
#include "session.h"
#include "store_login.h"

struct new_password {
	const char	*old_hash;	/* NULL: the current password is wrong */
	char		 hash[PASSWORD_HASH_SIZE];
};

static void	reply_caller(const struct context *c, struct reply *r, const char *full_name);
static int	revoke_others(const struct context *c, struct reply *r);
static void	refuse_password(const struct context *c, struct reply *r, const char *field);
static bool	find_self(const struct context *c, struct reply *r, struct user *user_r);

void
handle_user_get(struct context *c, struct reply *r)
{
	reply_caller(c, r, c->caller.person.full_name);
}

void
handle_user_patch(struct context *c, struct reply *r)
{
	static const struct field_text field = { "full_name", LIMIT_FULL_NAME, false, false };
	const char *full_name = c->caller.person.full_name;
	int found = field_text(c, r, &field, &full_name);
	bool changed;

	if (found < 0)
		return;
	/* the same once more leaves no trace, or the audit trail would be anybody's to fill */
	changed = found == 1 && strcmp(full_name, c->caller.person.full_name) != 0;
	if (changed && store_user_set_name(c->db, c->caller.person.id, full_name, c->now_us) < 0)
		reply_database(r, c->db);
	else {
		reply_caller(c, r, full_name);
		if (changed)
			audit_add(&r->audit, AUDIT_USER_CHANGE);
	}
}

static void
reply_caller(const struct context *c, struct reply *r, const char *full_name)
{
	struct emit e = reply_ok(r, 200);

	emit_object(&e, NULL);
	emit_int(&e, "id", c->caller.person.id);
	emit_text(&e, "email", c->caller.person.email);
	emit_text(&e, "full_name", full_name);
	emit_bool(&e, "is_admin", c->caller.is_admin);
	emit_time(&e, "created_at", c->caller.created_at);
	emit_end(&e);
}

bool
handle_user_password_prepare(struct context *c, struct reply *r)
{
	struct password_cost cost = { c->conf->password_passes, c->conf->password_memory };
	struct new_password *change = arena_alloc(c->arena, sizeof(*change));
	const char *current, *wanted;
	struct user user;

	if (!field_secret(c, r, "current_password", LIMIT_PASSWORD_MAX, &current) ||
	    !field_new_password(c, r, "new_password", &wanted) || !find_self(c, r, &user))
		return false;
	c->prepared = change;
	if (!password_verify(user.password_hash, current, &cost))
		return true;
	if (password_hash(wanted, &cost, change->hash) != 0) {
		reply_unavailable(r, "busy", "there is too much to do at the moment");
		return false;
	}
	change->old_hash = user.password_hash;
	return true;
}

/* Whoever has stolen a session shall not guess the password with it either. */
static bool
find_self(const struct context *c, struct reply *r, struct user *user_r)
{
	bool ok = false;
	int found;

	if (db_begin(c->db, false) != 0)
		reply_database(r, c->db);
	else if (!guess_is_refused(c, r, c->caller.person.email, c->caller.person.id)) {
		found = store_user_by_id(c->db, c->arena, c->caller.person.id, user_r);
		if (found < 0)
			reply_database(r, c->db);
		else if (found == 0)
			reply_unauthorized(r, "unauthorized", "the login session has ended");
		ok = found == 1;
	}
	db_rollback(c->db);
	return ok;
}

/* Only if the password is still the one that was verified: two changes at once do not both win. */
void
handle_user_password(struct context *c, struct reply *r)
{
	const struct new_password *change = c->prepared;
	struct user user;
	int found;

	if (guess_is_refused(c, r, c->caller.person.email, c->caller.person.id))
		return;
	found = store_user_by_id(c->db, c->arena, c->caller.person.id, &user);
	if (found == 0 || (found == 1 &&
	    (change->old_hash == NULL || strcmp(user.password_hash, change->old_hash) != 0)))
		refuse_password(c, r, "current_password");
	else if (found < 0 || store_user_set_password(c->db, user.person.id, change->hash, c->now_us) != 1 ||
	    guess_succeeded(c, user.person.email, user.person.id) != 0 || revoke_others(c, r) != 0)
		reply_database(r, c->db);
	else {
		reply_no_content(r);
		audit_add(&r->audit, AUDIT_USER_PASSWORD);
	}
}

/* The refusal is counted, so it commits. */
static void
refuse_password(const struct context *c, struct reply *r, const char *field)
{
	if (guess_failed(c, c->caller.person.email) != 0) {
		reply_database(r, c->db);
		return;
	}
	reply_error(r, 403, "wrong_password", field, "the current password is wrong");
	r->commit = true;
	if (guess_audit(c, r, c->caller.person.email, c->caller.person.id) != 0)
		reply_database(r, c->db);
}

static int
revoke_others(const struct context *c, struct reply *r)
{
	int64_t user_id = c->caller.person.id;
	int64_t *ids;
	size_t n;

	if (store_login_others(c->db, c->arena, user_id, c->caller.login_id, &ids, &n) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (session_revoke(c, r, user_id, ids[i], AUDIT_SESSION_REVOKE) < 0)
			return -1;
	return 0;
}

bool
handle_user_erase_prepare(struct context *c, struct reply *r)
{
	struct password_cost cost = { c->conf->password_passes, c->conf->password_memory };
	const char *password;
	struct user user;

	if (!field_secret(c, r, "password", LIMIT_PASSWORD_MAX, &password) || !find_self(c, r, &user))
		return false;
	if (password_verify(user.password_hash, password, &cost))
		c->prepared = arena_strdup(c->arena, user.password_hash);
	return true;
}

/* Nothing of it can be taken back, so a token alone is not enough. */
void
handle_user_erase(struct context *c, struct reply *r)
{
	const char *verified = c->prepared;
	struct user user;
	int found;

	if (guess_is_refused(c, r, c->caller.person.email, c->caller.person.id))
		return;
	found = store_user_by_id(c->db, c->arena, c->caller.person.id, &user);
	if (found == 0 || (found == 1 && (verified == NULL || strcmp(user.password_hash, verified) != 0))) {
		refuse_password(c, r, "password");
		return;
	}
	reply_no_content(r);
	switch (found == 1 ? erase_user(c->db, &r->events, &r->audit, &user, true, c->now_us) : ERASE_FAILED) {
	case ERASE_DONE:
	case ERASE_BEFORE:
		break;
	case ERASE_LAST_ADMIN:
		reply_error(r, 409, "last_administrator", NULL, "the last administrator cannot leave");
		break;
	case ERASE_FAILED:
		reply_database(r, c->db);
		break;
	}
}
