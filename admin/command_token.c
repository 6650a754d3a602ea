#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "context.h"
#include "store_login.h"
#include "str.h"
#include "token.h"

static enum outcome	sign_in(struct context *, const struct user *, int64_t, int64_t *);
static char		*sign(struct context *, const struct user *, int64_t, int64_t);

/* The login session has no refresh token: it ends with its one access token. */
enum outcome
command_token_issue(struct context *ctx)
{
	int64_t expires_us = ctx->now_us + ctx->conf->token_ttl, login_id = 0;
	struct user user;
	enum outcome outcome;
	struct audit *audit;
	char *token;

	if ((outcome = context_find_user(ctx, ctx->args->operands[0], &user)) != OUTCOME_DONE)
		return outcome;
	if (user.disabled_at != 0)
		return context_fail(ctx, OUTCOME_CONFLICT, "%s is disabled", user.person.email);
	if ((outcome = sign_in(ctx, &user, expires_us, &login_id)) != OUTCOME_DONE)
		return outcome;
	if ((token = sign(ctx, &user, login_id, expires_us)) == NULL)
		return OUTCOME_FAILED;
	audit = audit_add(&ctx->audit, AUDIT_TOKEN_ISSUE);
	audit->user_id = user.person.id;
	audit->object_id = login_id;
	emit_object(&ctx->json, NULL);
	emit_text(&ctx->json, "access", token);
	emit_text(&ctx->json, "token_type", "Bearer");
	emit_int(&ctx->json, "expires_in", ctx->conf->token_ttl / US_PER_S);
	store_user_emit_person(&ctx->json, "user", &user.person);
	emit_end(&ctx->json);
	buf_addf(&ctx->text, "%s\n", token);
	free(token);
	return OUTCOME_DONE;
}

static enum outcome
sign_in(struct context *ctx, const struct user *user, int64_t expires_us, int64_t *login_id_r)
{
	const struct login login = {
		.user_id = user->person.id,
		.address = "local",
		.user_agent = "unioctl",
		.created_at = ctx->now_us,
		.last_used_at = ctx->now_us,
		.expires_at = expires_us,
	};

	return store_login_create(ctx->db, &login, login_id_r) == 0 ? OUTCOME_DONE : context_fail_db(ctx);
}

/* free(3) it; NULL after a message. */
static char *
sign(struct context *ctx, const struct user *user, int64_t login_id, int64_t expires_us)
{
	struct token_claims claims = {
		.user_id = user->person.id,
		.session_id = login_id,
		.issued_s = ctx->now_us / US_PER_S,
		.expires_s = expires_us / US_PER_S,
		.email = user->person.email,
		.full_name = user->person.full_name,
	};
	struct token_ring *ring;
	char error[512], *token = NULL;

	str_random(claims.jti, TOKEN_JTI);
	if (token_secret_create(ctx->conf->secret_file) != 0)
		context_fail(ctx, OUTCOME_FAILED, "%s: %s", ctx->conf->secret_file, strerror(errno));
	else if ((ring = token_ring_open(ctx->conf->secret_file, ctx->conf->issuer, error, sizeof(error))) == NULL)
		context_fail(ctx, OUTCOME_FAILED, "%s", error);
	else {
		if ((token = token_issue(ring, &claims)) == NULL)
			context_fail(ctx, OUTCOME_FAILED, "the token could not be signed");
		token_ring_free(&ring);
	}
	return token;
}
