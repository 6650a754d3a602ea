/* Signing in, staying in, signing out, signing up. */
#include <string.h>

#include "digest.h"
#include "field.h"
#include "guess.h"
#include "password.h"
#include "session.h"
#include "store_login.h"
#include "str.h"

struct sign_in {
	const char	*email;
	struct user	 user;		/* if matches */
	bool		 matches;
};

struct sign_up {
	const char	*email;
	const char	*full_name;
	char		 hash[PASSWORD_HASH_SIZE];
};

static bool	find_account(const struct context *c, struct reply *r, const char *email, struct user *user_r,
		    bool *usable_r);
static int	still_the_same(const struct context *c, const struct user *before);
static void	refuse_refresh(struct reply *r);
static bool	has_been_stolen(const struct context *c, const struct refresh *refresh);

/* Reads in a transaction of its own, then spends the hash's time with nothing locked. */
bool
handle_auth_login_prepare(struct context *c, struct reply *r)
{
	struct password_cost cost = { c->conf->password_passes, c->conf->password_memory };
	struct sign_in *in = arena_alloc(c->arena, sizeof(*in));
	const char *password;
	bool usable;

	*in = (struct sign_in){ .matches = false };
	if (!field_secret(c, r, "email", LIMIT_EMAIL, &in->email) ||
	    !field_secret(c, r, "password", LIMIT_PASSWORD_MAX, &password) ||
	    !find_account(c, r, in->email, &in->user, &usable))
		return false;
	in->matches = password_verify(usable ? in->user.password_hash : NULL, password, &cost);
	c->prepared = in;
	return true;
}

static bool
find_account(const struct context *c, struct reply *r, const char *email, struct user *user_r,
    bool *usable_r)
{
	bool ok = false;
	int found;

	if (db_begin(c->db, false) != 0 || (found = store_user_by_email(c->db, c->arena, email, user_r)) < 0)
		reply_database(r, c->db);
	else if (!guess_is_refused(c, r, email, found == 1 ? user_r->person.id : 0)) {
		*usable_r = found == 1 && user_r->disabled_at == 0;
		ok = true;
	}
	db_rollback(c->db);
	return ok;
}

/* Under the lock the count is looked at again: guesses that came at the same time have been counted meanwhile. */
void
handle_auth_login(struct context *c, struct reply *r)
{
	const struct sign_in *in = c->prepared;
	int same;

	if (guess_is_refused(c, r, in->email, in->user.person.id))
		return;
	same = in->matches ? still_the_same(c, &in->user) : 0;
	if (same == 0 && guess_failed(c, in->email) == 0) {
		reply_unauthorized(r, "invalid_credentials", "the e-mail address or the password is wrong");
		r->commit = true;
		if (guess_audit(c, r, in->email, in->user.person.id) != 0)
			reply_database(r, c->db);
	} else if (same == 1 && guess_succeeded(c, in->email, in->user.person.id) == 0)
		session_open(c, r, 200, &in->user.person);
	else
		reply_database(r, c->db);
}

/* The account has not changed its password or been disabled since; 1/0/-1. */
static int
still_the_same(const struct context *c, const struct user *before)
{
	struct user now;
	int found = store_user_by_id(c->db, c->arena, before->person.id, &now);

	if (found != 1)
		return found;
	return now.disabled_at == 0 && strcmp(now.password_hash, before->password_hash) == 0;
}

void
handle_auth_refresh(struct context *c, struct reply *r)
{
	char hash[DIGEST_SHA256_SIZE];
	struct refresh refresh;
	struct user user;
	const char *token;
	int found;

	if (!field_secret(c, r, "refresh", LIMIT_TOKEN, &token))
		return;
	digest_sha256(hash, token, strlen(token));
	found = store_login_find_refresh(c->db, hash, &refresh);
	if (found == 1 && has_been_stolen(c, &refresh)) {
		refuse_refresh(r);
		r->commit = true;
		if (session_revoke(c, r, refresh.user_id, refresh.login_id, AUDIT_SESSION_STOLEN) < 0)
			reply_database(r, c->db);
		return;
	}
	if (found == 1 && (refresh.revoked_at != 0 || refresh.expires_at <= c->now_us))
		found = 0;
	if (found == 1)
		found = store_user_by_id(c->db, c->arena, refresh.user_id, &user);
	if (found < 0 || (found == 1 && store_login_use_refresh(c->db, hash, c->now_us) != 0))
		reply_database(r, c->db);
	/* found 1 has filled it: NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
	else if (found == 0 || user.disabled_at != 0)
		refuse_refresh(r);
	else {
		session_renew(c, r, &user.person, refresh.login_id);
		if (r->commit && guess_forget_old(c) != 0)
			reply_database(r, c->db);
	}
}

/*
 * Whoever refreshes gets a new token and forgets the old one, so a token that comes
 * again long after its first use is in two hands (RFC 9700 4.14.2).
 */
static bool
has_been_stolen(const struct context *c, const struct refresh *refresh)
{
	return refresh->revoked_at == 0 && refresh->used_at != 0 &&
	    c->now_us - refresh->used_at > c->conf->refresh_grace;
}

static void
refuse_refresh(struct reply *r)
{
	reply_unauthorized(r, "invalid_refresh", "the refresh token does not work (any more)");
}

void
handle_auth_logout(struct context *c, struct reply *r)
{
	if (session_revoke(c, r, c->caller.person.id, c->caller.login_id, AUDIT_SESSION_END) < 0)
		reply_database(r, c->db);
	else
		reply_no_content(r);
}

bool
handle_auth_register_prepare(struct context *c, struct reply *r)
{
	static const struct field_text email = { "email", LIMIT_EMAIL, false, false };
	static const struct field_text full_name = { "full_name", LIMIT_FULL_NAME, false, false };
	struct password_cost cost = { c->conf->password_passes, c->conf->password_memory };
	struct sign_up *up = arena_alloc(c->arena, sizeof(*up));
	const char *password;

	if (c->conf->registration != CONF_REGISTRATION_OPEN) {
		reply_error(r, 403, "registration_closed", NULL, "accounts are made by the administrator here");
		return false;
	}
	if (!field_text_required(c, r, &email, &up->email) || !field_new_password(c, r, "password", &password) ||
	    !field_text_required(c, r, &full_name, &up->full_name))
		return false;
	if (!str_is_email(up->email)) {
		reply_bad_field(r, "email", "email must be an e-mail address");
		return false;
	}
	if (password_hash(password, &cost, up->hash) != 0) {
		reply_unavailable(r, "busy", "there is too much to do at the moment");
		return false;
	}
	c->prepared = up;
	return true;
}

void
handle_auth_register(struct context *c, struct reply *r)
{
	const struct sign_up *up = c->prepared;
	struct user user = {
		.person = { .email = up->email, .full_name = up->full_name },
		.password_hash = up->hash,
		.unproven = true,
	};
	int made = store_user_create(c->db, &user, c->now_us, &user.person.id);

	if (made < 0)
		reply_database(r, c->db);
	else if (made == 0)
		reply_error(r, 409, "email_taken", "email", "this e-mail address has an account");
	else {
		session_open(c, r, 201, &user.person);
		if (r->commit)
			audit_add(&r->audit, AUDIT_USER_REGISTER)->actor_id = user.person.id;
	}
}
