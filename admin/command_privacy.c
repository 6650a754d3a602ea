/* What is kept about people: handing it over, erasing it, and forgetting what is old. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "context.h"
#include "erase.h"
#include "export.h"
#include "purge.h"
#include "str.h"

static enum outcome	find(struct context *, struct user *);
static enum outcome	export(struct context *, const struct user *);
static enum outcome	step(struct context *, struct purge *);

/* One snapshot, without the lock; that it was looked at is written down afterwards. */
enum outcome
command_privacy_export(struct context *ctx)
{
	struct user user;
	enum outcome outcome;

	if (db_begin(ctx->db, false) != 0)
		return context_fail_db(ctx);
	if ((outcome = find(ctx, &user)) == OUTCOME_DONE)
		outcome = export(ctx, &user);
	db_rollback(ctx->db);
	if (outcome != OUTCOME_DONE)
		return outcome;
	audit_add(&ctx->audit, AUDIT_USER_EXPORT)->user_id = user.person.id;
	return context_transact(ctx, NULL);
}

/* By id as well, as in the audit trail: who was erased has no address any more. */
static enum outcome
find(struct context *ctx, struct user *user_r)
{
	const char *who = ctx->args->operands[0];
	int64_t id;

	if (!str_to_int(who, strlen(who), 1, INT64_MAX, &id))
		return context_find_user(ctx, who, user_r);
	return context_found(ctx, store_user_by_id(ctx->db, ctx->arena, id, user_r), "account", id);
}

/* JSON in either form: it is for machines, and for people who keep it. */
static enum outcome
export(struct context *ctx, const struct user *user)
{
	if (export_user(ctx->db, ctx->arena, user, ctx->now_us, &ctx->json) != 0)
		return context_fail_db(ctx);
	buf_add(&ctx->text, ctx->json_text.data, ctx->json_text.len);
	buf_addc(&ctx->text, '\n');
	return OUTCOME_DONE;
}

enum outcome
command_privacy_erase(struct context *ctx)
{
	struct user user;
	enum outcome outcome;

	if ((outcome = context_find_user(ctx, ctx->args->operands[0], &user)) != OUTCOME_DONE)
		return outcome;
	switch (erase_user(ctx->db, &ctx->events, &ctx->audit, &user, false, ctx->now_us)) {
	case ERASE_DONE:
		break;
	case ERASE_BEFORE:
		return context_fail(ctx, OUTCOME_CONFLICT, "%s has been erased before", user.person.email);
	case ERASE_LAST_ADMIN:
		return context_fail(ctx, OUTCOME_CONFLICT, "%s is the last administrator", user.person.email);
	case ERASE_FAILED:
		return context_fail_db(ctx);
	}
	emit_object(&ctx->json, NULL);
	emit_int(&ctx->json, "id", user.person.id);
	emit_end(&ctx->json);
	context_say(ctx, "user %" PRId64 " is anonymous now; backups that were made before still have the name",
	    user.person.id);
	return OUTCOME_DONE;
}

enum outcome
command_privacy_purge(struct context *ctx)
{
	const struct timespec pause = { .tv_nsec = PURGE_PAUSE_US * 1000 };
	struct purge purge;
	enum outcome outcome;

	purge_plan(&purge, ctx->conf, ctx->now_us);
	while ((outcome = step(ctx, &purge)) == OUTCOME_DONE && purge.more)
		nanosleep(&pause, NULL);
	if (outcome != OUTCOME_DONE)
		return outcome;
	emit_object(&ctx->json, NULL);
	for (size_t i = 0; i < PURGE_TABLES; i++) {
		emit_int(&ctx->json, purge_table_name(i), purge.deleted[i]);
		if (purge.deleted[i] > 0)
			context_say(ctx, "%s: %" PRId64 " rows", purge_table_name(i), purge.deleted[i]);
	}
	emit_end(&ctx->json);
	context_audit(ctx, AUDIT_DATABASE_PURGE, NULL, NULL);
	db_checkpoint(ctx->db);
	return OUTCOME_DONE;
}

static enum outcome
step(struct context *ctx, struct purge *purge)
{
	if (db_begin(ctx->db, true) == 0 && purge_step(ctx->db, purge, PURGE_BUDGET_US) == 0 && db_commit(ctx->db) == 0)
		return OUTCOME_DONE;
	db_rollback(ctx->db);
	return context_fail_db(ctx);
}
