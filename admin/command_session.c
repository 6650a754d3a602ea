/* The login sessions of a user. */
#include <inttypes.h>

#include "command.h"
#include "list.h"
#include "sizes.h"
#include "store_login.h"
#include "tell.h"

#define SESSIONS	1000	/* at most: a user has no more than LIMIT_LOGINS, unless that has been lowered */

static void		list_one(struct list *, const struct login *);
static enum outcome	revoke(struct context *, int64_t, int64_t);
static enum outcome	revoke_named(struct context *, const struct user *, size_t *);
static enum outcome	revoke_all(struct context *, const struct user *, size_t *);

enum outcome
command_session_list(struct context *ctx)
{
	static const char *const heading[] = { "ID", "SIGNED IN", "LAST USED", "EXPIRES", "ADDRESS", "USER AGENT" };
	struct login *logins;
	struct user user;
	struct list list;
	enum outcome outcome;
	size_t n, i;

	if ((outcome = context_find_user(ctx, ctx->args->operands[0], &user)) != OUTCOME_DONE ||
	    (outcome = list_begin(&list, ctx, heading, COUNTOF(heading))) != OUTCOME_DONE)
		return outcome;
	if (store_login_list(ctx->db, ctx->arena, user.person.id, ctx->now_us, SESSIONS, &logins, &n) != 0)
		return context_fail_db(ctx);
	for (i = 0; i < n; i++)
		list_one(&list, &logins[i]);
	list_end(&list);
	return OUTCOME_DONE;
}

static void
list_one(struct list *list, const struct login *login)
{
	struct emit *e = &list->ctx->json;

	if (!list_takes(list))
		return;
	emit_object(e, NULL);
	emit_int(e, "id", login->id);
	emit_time(e, "created_at", login->created_at);
	emit_time(e, "last_used_at", login->last_used_at);
	emit_time(e, "expires_at", login->expires_at);
	emit_text(e, "address", login->address);
	emit_text(e, "user_agent", login->user_agent);
	emit_end(e);
	table_int(&list->table, login->id);
	table_time(&list->table, login->created_at);
	table_time(&list->table, login->last_used_at);
	table_time(&list->table, login->expires_at);
	table_text(&list->table, login->address);
	table_text(&list->table, login->user_agent);
}

/* Named ones, or all: never all because the name was forgotten. */
enum outcome
command_session_revoke(struct context *ctx)
{
	bool all = args_given(ctx->args, ARGS_ALL);
	struct user user;
	enum outcome outcome;
	size_t n = 0;

	if (all == (ctx->args->operand_count > 1))
		return context_fail(ctx, OUTCOME_USAGE,
		    "name the login sessions by their ids, or all of them with --all");
	if ((outcome = context_find_user(ctx, ctx->args->operands[0], &user)) != OUTCOME_DONE ||
	    (outcome = all ? revoke_all(ctx, &user, &n) : revoke_named(ctx, &user, &n)) != OUTCOME_DONE)
		return outcome;
	emit_object(&ctx->json, NULL);
	store_user_emit_person(&ctx->json, "user", &user.person);
	emit_int(&ctx->json, "revoked", (int64_t)n);
	emit_end(&ctx->json);
	context_say(ctx, "login sessions of %s that were ended: %zu", user.person.email, n);
	return OUTCOME_DONE;
}

static enum outcome
revoke_named(struct context *ctx, const struct user *user, size_t *n_r)
{
	enum outcome outcome;
	int64_t id;

	for (size_t i = 1; i < ctx->args->operand_count; i++, ++*n_r)
		if ((outcome = context_id(ctx, "login session", ctx->args->operands[i], &id)) != OUTCOME_DONE ||
		    (outcome = revoke(ctx, user->person.id, id)) != OUTCOME_DONE)
			return outcome;
	return OUTCOME_DONE;
}

static enum outcome
revoke_all(struct context *ctx, const struct user *user, size_t *n_r)
{
	enum outcome outcome;
	int64_t *ids;

	if (store_login_others(ctx->db, ctx->arena, user->person.id, 0, &ids, n_r) != 0)
		return context_fail_db(ctx);
	for (size_t i = 0; i < *n_r; i++)
		if ((outcome = revoke(ctx, user->person.id, ids[i])) != OUTCOME_DONE)
			return outcome;
	return OUTCOME_DONE;
}

static enum outcome
revoke(struct context *ctx, int64_t user_id, int64_t login_id)
{
	struct audit *audit;

	switch (store_login_revoke(ctx->db, login_id, user_id, ctx->now_us)) {
	case 1:
		tell_login_revoked(&ctx->events, user_id, login_id);
		audit = audit_add(&ctx->audit, AUDIT_SESSION_REVOKE);
		audit->user_id = user_id;
		audit->object_id = login_id;
		return OUTCOME_DONE;
	case 0:
		return context_fail(ctx, OUTCOME_NOT_FOUND, "the account has no live login session %" PRId64, login_id);
	default:
		return context_fail_db(ctx);
	}
}
