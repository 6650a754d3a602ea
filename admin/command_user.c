#include <inttypes.h>
#include <string.h>

#include "ask.h"
#include "command.h"
#include "identity.h"
#include "list.h"
#include "sizes.h"
#include "store_login.h"
#include "str.h"
#include "tell.h"

static enum outcome	check_password(const struct context *, const char *);
static void		list_one(struct list *, const struct user *);
static enum outcome	set_disabled(struct context *, bool);
static enum outcome	check_last(struct context *, const struct user *);
static enum outcome	revoke_logins(struct context *, int64_t, bool);
static enum outcome	answer(struct context *, int64_t, const char *);
static void		emit_user(struct emit *, const struct user *);

/* Runs before the transaction: neither a person at a keyboard nor the hash may hold the lock. */
enum outcome
command_user_password(struct context *ctx)
{
	const struct password_cost cost = { ctx->conf->password_passes, ctx->conf->password_memory };
	char password[LIMIT_PASSWORD_MAX + 1];
	enum outcome outcome;

	if (!ask_secret("Password", password, sizeof(password)))
		return context_fail(ctx, OUTCOME_USAGE,
		    "standard input must hold the password, one line of %d to %d bytes", LIMIT_PASSWORD_MIN,
		    LIMIT_PASSWORD_MAX);
	outcome = check_password(ctx, password);
	if (outcome == OUTCOME_DONE && password_hash(password, &cost, ctx->hash[0]) != 0)
		outcome = context_fail(ctx, OUTCOME_FAILED, "not enough memory to hash the password");
	password_wipe(password, sizeof(password));
	return outcome;
}

static enum outcome
check_password(const struct context *ctx, const char *password)
{
	size_t n = strlen(password);

	if (n < LIMIT_PASSWORD_MIN)
		return context_fail(ctx, OUTCOME_USAGE, "the password must have %d bytes at least", LIMIT_PASSWORD_MIN);
	if (!str_utf8_valid(password, n))
		return context_fail(ctx, OUTCOME_USAGE, "the password is not UTF-8");
	return OUTCOME_DONE;
}

enum outcome
command_user_add(struct context *ctx)
{
	const struct user user = {
		.person = { .email = ctx->args->operands[0], .full_name = args_value(ctx->args, ARGS_NAME) },
		.password_hash = ctx->hash[0],
		.is_admin = args_given(ctx->args, ARGS_ADMIN),
	};
	enum outcome outcome;
	struct audit *audit;
	int64_t id = 0;

	if ((outcome = context_check_text(ctx, "e-mail address", user.person.email, LIMIT_EMAIL)) != OUTCOME_DONE ||
	    (outcome = context_check_text(ctx, "name", user.person.full_name, LIMIT_FULL_NAME)) != OUTCOME_DONE)
		return outcome;
	if (!str_is_email(user.person.email))
		return context_fail(ctx, OUTCOME_USAGE, "%s is no e-mail address", user.person.email);
	switch (store_user_create(ctx->db, &user, ctx->now_us, &id)) {
	case 1:
		audit = audit_add(&ctx->audit, AUDIT_USER_ADD);
		audit->user_id = id;
		if (user.is_admin)
			audit_note(&ctx->audit, audit, "role", "administrator");
		return answer(ctx, id, "added");
	case 0:
		return context_fail(ctx, OUTCOME_CONFLICT, "there is an account %s already", user.person.email);
	default:
		return context_fail_db(ctx);
	}
}

enum outcome
command_user_list(struct context *ctx)
{
	static const char *const heading[] = { "ID", "EMAIL", "NAME", "ADMIN", "DISABLED", "CREATED" };
	struct list list;
	struct user *users;
	enum outcome outcome;
	int64_t after = 0;
	size_t n, i;

	if ((outcome = list_begin(&list, ctx, heading, COUNTOF(heading))) != OUTCOME_DONE)
		return outcome;
	do {
		if (store_user_list(ctx->db, ctx->arena, after, LIST_PAGE, &users, &n) != 0)
			return context_fail_db(ctx);
		for (i = 0; i < n; i++) {
			after = users[i].person.id;
			if (list_takes(&list))
				list_one(&list, &users[i]);
		}
	} while (n == LIST_PAGE && !list_full(&list));
	list_end(&list);
	return OUTCOME_DONE;
}

static void
list_one(struct list *list, const struct user *user)
{
	struct table *t = &list->table;

	emit_user(&list->ctx->json, user);
	table_int(t, user->person.id);
	table_text(t, user->person.email);
	table_text(t, user->person.full_name);
	table_text(t, user->is_admin ? "yes" : NULL);
	table_time(t, user->disabled_at);
	table_time(t, user->created_at);
}

enum outcome
command_user_passwd(struct context *ctx)
{
	struct user user;
	enum outcome outcome;

	if ((outcome = context_find_user(ctx, ctx->args->operands[0], &user)) != OUTCOME_DONE)
		return outcome;
	if (user.erased_at != 0)
		return context_fail(ctx, OUTCOME_CONFLICT, "%s has been erased", user.person.email);
	/* nobody else has the password any more */
	if (store_user_set_password(ctx->db, user.person.id, ctx->hash[0], ctx->now_us) < 0 ||
	    store_user_set_proven(ctx->db, user.person.id, ctx->now_us) < 0)
		return context_fail_db(ctx);
	audit_add(&ctx->audit, AUDIT_USER_PASSWORD)->user_id = user.person.id;
	if ((outcome = revoke_logins(ctx, user.person.id, true)) != OUTCOME_DONE)
		return outcome;
	return answer(ctx, user.person.id, "has a new password and is signed out everywhere");
}

enum outcome
command_user_disable(struct context *ctx)
{
	return set_disabled(ctx, true);
}

enum outcome
command_user_enable(struct context *ctx)
{
	return set_disabled(ctx, false);
}

/* Disabling ends the login sessions too, so that enabling later brings no old one back to life. */
static enum outcome
set_disabled(struct context *ctx, bool disabled)
{
	struct user user;
	enum outcome outcome;

	if ((outcome = context_find_user(ctx, ctx->args->operands[0], &user)) != OUTCOME_DONE)
		return outcome;
	if ((user.disabled_at != 0) == disabled)
		return answer(ctx, user.person.id, disabled ? "was disabled already" : "was not disabled");
	if (user.erased_at != 0)
		return context_fail(ctx, OUTCOME_CONFLICT, "%s has been erased", user.person.email);
	if (disabled && (outcome = check_last(ctx, &user)) != OUTCOME_DONE)
		return outcome;
	audit_add(&ctx->audit, disabled ? AUDIT_USER_DISABLE : AUDIT_USER_ENABLE)->user_id = user.person.id;
	if (store_user_set_disabled(ctx->db, user.person.id, disabled, ctx->now_us) < 0)
		return context_fail_db(ctx);
	if (disabled) {
		tell_user_disabled(&ctx->events, user.person.id);
		if ((outcome = revoke_logins(ctx, user.person.id, false)) != OUTCOME_DONE)
			return outcome;
	}
	return answer(ctx, user.person.id, disabled ? "disabled" : "enabled");
}

/* As the API has it: somebody must be left who can administer. */
static enum outcome
check_last(struct context *ctx, const struct user *user)
{
	switch (store_user_is_last_admin(ctx->db, user)) {
	case 0:
		return OUTCOME_DONE;
	case 1:
		return context_fail(ctx, OUTCOME_CONFLICT, "%s is the last administrator", user->person.email);
	default:
		return context_fail_db(ctx);
	}
}

/* With an event for each, unless one about the user ends them all. */
static enum outcome
revoke_logins(struct context *ctx, int64_t user_id, bool tell)
{
	int64_t *ids;
	size_t n, i;

	if (store_login_others(ctx->db, ctx->arena, user_id, 0, &ids, &n) != 0)
		return context_fail_db(ctx);
	for (i = 0; i < n; i++) {
		if (store_login_revoke(ctx->db, ids[i], user_id, ctx->now_us) < 0)
			return context_fail_db(ctx);
		if (tell)
			tell_login_revoked(&ctx->events, user_id, ids[i]);
	}
	return OUTCOME_DONE;
}

/* The trail does not say who: nothing is to lead from the subject to an account. */
enum outcome
command_user_readmit(struct context *ctx)
{
	const char *issuer = ctx->conf->jwks_issuer, *subject = ctx->args->operands[0];

	if (*issuer == '\0')
		return context_fail(ctx, OUTCOME_USAGE, "there is no identity provider: the key jwks_issuer is empty");
	switch (identity_readmit(ctx->db, issuer, subject)) {
	case 1:
		break;
	case 0:
		return context_fail(ctx, OUTCOME_NOT_FOUND, "nobody of %s was erased who is %s there", issuer, subject);
	default:
		return context_fail_db(ctx);
	}
	audit_add(&ctx->audit, AUDIT_USER_READMIT);
	emit_object(&ctx->json, NULL);
	emit_text(&ctx->json, "issuer", issuer);
	emit_text(&ctx->json, "subject", subject);
	emit_end(&ctx->json);
	context_say(ctx, "%s may come back, as somebody new", subject);
	return OUTCOME_DONE;
}

/* The account as it is now. */
static enum outcome
answer(struct context *ctx, int64_t id, const char *what)
{
	struct user user;

	if (store_user_by_id(ctx->db, ctx->arena, id, &user) != 1)
		return context_fail_db(ctx);
	emit_user(&ctx->json, &user);
	context_say(ctx, "user %" PRId64 " (%s) %s", id, user.person.email, what);
	return OUTCOME_DONE;
}

static void
emit_user(struct emit *e, const struct user *user)
{
	emit_object(e, NULL);
	emit_int(e, "id", user->person.id);
	emit_text(e, "email", user->person.email);
	emit_text(e, "full_name", user->person.full_name);
	emit_bool(e, "is_admin", user->is_admin);
	emit_time(e, "disabled_at", user->disabled_at);
	emit_time(e, "created_at", user->created_at);
	emit_end(e);
}
