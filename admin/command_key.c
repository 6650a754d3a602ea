/* The keys that access tokens are signed with. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "jwks.h"
#include "key.h"
#include "list.h"
#include "remote.h"
#include "token.h"

#define NO_KID	"-"	/* how the key of a file with one secret alone is called here */

static enum outcome	open_keys(struct context *, int *, struct key_set **);
static enum outcome	close_keys(struct context *, int, struct key_set **, bool);
static const char	*name_of(const struct key *);
static void		list_one(struct list *, const struct key *);
static enum outcome	list_external(struct list *);
static void		list_jwk(struct list *, const struct jwk *);
static enum outcome	find(struct context *, struct key_set *, struct key **);
static void		emit_key(struct emit *, const struct key *);
static void		tell_programs(struct context *);

enum outcome
command_key_list(struct context *ctx)
{
	static const char *const heading[] = { "KID", "STATE", "SINCE" };
	struct key_set *set = NULL;
	struct list list;
	enum outcome outcome;
	int lock = -1;

	if ((outcome = open_keys(ctx, &lock, &set)) == OUTCOME_DONE &&
	    (outcome = list_begin(&list, ctx, heading, COUNTOF(heading))) == OUTCOME_DONE) {
		/* open_keys() has made it: NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
		for (size_t i = set->count; i > 0; i--)
			list_one(&list, &set->key[i - 1]);
		outcome = list_external(&list);
		list_end(&list);
	}
	return close_keys(ctx, lock, &set, false) == OUTCOME_DONE ? outcome : OUTCOME_FAILED;
}

static void
list_one(struct list *list, const struct key *key)
{
	if (!list_takes(list))
		return;
	emit_key(&list->ctx->json, key);
	table_text(&list->table, name_of(key));
	table_text(&list->table, key_state_name(key->state));
	table_time(&list->table, key->since_s * US_PER_S);
}

/* Those of an identity provider, in the order of their file; where that is no good our own are still worth telling. */
static enum outcome
list_external(struct list *list)
{
	const char *file = list->ctx->conf->jwks_file;
	struct jwks *set;
	char error[512];

	if (*file == '\0')
		return OUTCOME_DONE;
	if ((set = jwks_read(file, error, sizeof(error))) == NULL) {
		list->ctx->answered = true;
		return context_fail(list->ctx, OUTCOME_FAILED, "%s", error);
	}
	for (size_t i = 0; i < set->count; i++)
		list_jwk(list, &set->key[i]);
	jwks_free(&set);
	return OUTCOME_DONE;
}

static void
list_jwk(struct list *list, const struct jwk *jwk)
{
	const char *state = jwk->key != NULL ? "external" : "unused";
	struct emit *e = &list->ctx->json;

	if (!list_takes(list))
		return;
	emit_object(e, NULL);
	emit_text(e, "kid", jwk->kid[0] != '\0' ? jwk->kid : NULL);
	emit_text(e, "state", state);
	emit_null(e, "since");
	emit_text(e, "alg", jwk->key != NULL ? jwk_alg_name(jwk->alg) : NULL);
	emit_text(e, "reason", jwk->why_not);
	emit_end(e);
	table_text(&list->table, jwk->kid[0] != '\0' ? table_clean(list->ctx->arena, jwk->kid) : NO_KID);
	table_text(&list->table, state);
	table_time(&list->table, 0);
}

enum outcome
command_key_rotate(struct context *ctx)
{
	struct key_set *set = NULL;
	enum outcome outcome;
	const char *kid = NULL;
	int lock = -1;

	if ((outcome = open_keys(ctx, &lock, &set)) == OUTCOME_DONE) {
		if (key_rotate(set, ctx->now_us / US_PER_S)) {
			kid = arena_strdup(ctx->arena, key_active(set)->kid);
			emit_key(&ctx->json, key_active(set));
			context_say(ctx, "%s signs from now on, the former key is still believed",
			    key_active(set)->kid);
		} else {
			outcome = context_fail(ctx, OUTCOME_CONFLICT, "there are %d keys already; retire some first",
			    KEY_SET);
		}
	}
	if (close_keys(ctx, lock, &set, outcome == OUTCOME_DONE) != OUTCOME_DONE)
		return OUTCOME_FAILED;
	if (outcome == OUTCOME_DONE) {
		tell_programs(ctx);
		context_audit(ctx, AUDIT_KEY_ROTATE, "kid", kid);
	}
	return outcome;
}

enum outcome
command_key_retire(struct context *ctx)
{
	struct key_set *set = NULL;
	struct key *key;
	enum outcome outcome;
	const char *kid = NULL;
	int lock = -1;

	if ((outcome = open_keys(ctx, &lock, &set)) == OUTCOME_DONE &&
	    (outcome = find(ctx, set, &key)) == OUTCOME_DONE) {
		if (key_retire(key, ctx->now_us / US_PER_S)) {
			kid = arena_strdup(ctx->arena, name_of(key));
			emit_key(&ctx->json, key);
			context_say(ctx, "%s is not believed any more", name_of(key));
		} else {
			outcome = context_fail(ctx, OUTCOME_CONFLICT, "%s signs; unioctl key rotate makes another",
			    name_of(key));
		}
	}
	if (close_keys(ctx, lock, &set, outcome == OUTCOME_DONE) != OUTCOME_DONE)
		return OUTCOME_FAILED;
	if (outcome == OUTCOME_DONE) {
		tell_programs(ctx);
		context_audit(ctx, AUDIT_KEY_RETIRE, "kid", kid);
	}
	return outcome;
}

/* A first key is made, as any program would. */
static enum outcome
open_keys(struct context *ctx, int *lock_r, struct key_set **set_r)
{
	const char *file = ctx->conf->secret_file;
	char error[512];

	if ((*lock_r = key_lock(file)) == -1 || token_secret_create(file) != 0)
		return context_fail(ctx, OUTCOME_FAILED, "%s: %s", file, strerror(errno));
	if ((*set_r = key_read(file, error, sizeof(error))) == NULL)
		return context_fail(ctx, OUTCOME_FAILED, "%s", error);
	return OUTCOME_DONE;
}

static enum outcome
close_keys(struct context *ctx, int lock, struct key_set **set, bool write)
{
	char error[512];
	bool ok = !write || key_write(ctx->conf->secret_file, *set, error, sizeof(error));

	key_free(set);
	if (lock != -1)
		close(lock);
	return ok ? OUTCOME_DONE : context_fail(ctx, OUTCOME_FAILED, "%s", error);
}

static const char *
name_of(const struct key *key)
{
	return key->kid[0] != '\0' ? key->kid : NO_KID;
}

static enum outcome
find(struct context *ctx, struct key_set *set, struct key **key_r)
{
	const char *kid = ctx->args->operands[0];

	if ((*key_r = key_find(set, strcmp(kid, NO_KID) == 0 ? "" : kid)) == NULL)
		return context_fail(ctx, OUTCOME_NOT_FOUND, "no key %s", kid);
	return OUTCOME_DONE;
}

static void
emit_key(struct emit *e, const struct key *key)
{
	emit_object(e, NULL);
	emit_text(e, "kid", key->kid[0] != '\0' ? key->kid : NULL);
	emit_text(e, "state", key_state_name(key->state));
	emit_time(e, "since", key->since_s * US_PER_S);
	emit_end(e);
}

/* Who is not told notices by itself, a second later. */
static void
tell_programs(struct context *ctx)
{
	struct remote remote;
	bool daemon = remote_try(ctx, &remote, "{\"cmd\":\"reload\"}"), api = remote_reload_api(ctx);

	remote_free(&remote);
	if (daemon && api)
		context_say(ctx, "the running programs have been told");
	else
		context_say(ctx, "not running, or left to notice within a second:%s%s", daemon ? "" : " unio-signald",
		    api ? "" : " unio-api");
}
