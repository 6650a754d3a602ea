#include <sys/stat.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "context.h"
#include "provider.h"
#include "token.h"

static enum outcome	check_secret(struct context *);
static void		check_provider(struct context *);
static void		say_check(struct context *, const char *, const char *);

/* And the key of the tokens: all that the programs need before their first start. */
enum outcome
command_database_migrate(struct context *ctx)
{
	char error[512];
	enum outcome outcome;
	int from, to;

	if ((outcome = context_open_db(ctx, true)) != OUTCOME_DONE)
		return outcome;
	from = db_version(ctx->db);
	if (db_migrate(ctx->db, error, sizeof(error)) != 0)
		return context_fail(ctx, db_error(ctx->db) == DB_BUSY ? OUTCOME_BUSY : OUTCOME_FAILED, "%s", error);
	if (token_secret_create(ctx->conf->secret_file) != 0)
		return context_fail(ctx, OUTCOME_FAILED, "%s: %s", ctx->conf->secret_file, strerror(errno));
	to = db_version(ctx->db);
	emit_object(&ctx->json, NULL);
	emit_text(&ctx->json, "database", ctx->conf->database);
	emit_int(&ctx->json, "from", from);
	emit_int(&ctx->json, "version", to);
	emit_end(&ctx->json);
	if (from == to)
		context_say(ctx, "%s is up to date, at version %d", ctx->conf->database, to);
	else
		context_say(ctx, "%s brought from version %d to %d", ctx->conf->database, from, to);
	return OUTCOME_DONE;
}

/* Never over an existing file: the last good copy may be there. */
enum outcome
command_database_backup(struct context *ctx)
{
	const char *path = ctx->args->operands[0];
	char error[512];
	struct stat st;

	if (lstat(path, &st) == 0)
		return context_fail(ctx, OUTCOME_CONFLICT, "%s exists", path);
	if (errno != ENOENT)
		return context_fail(ctx, OUTCOME_FAILED, "%s: %s", path, strerror(errno));
	if (db_backup(ctx->db, path, error, sizeof(error)) != 0)
		return context_fail(ctx, db_error(ctx->db) == DB_BUSY ? OUTCOME_BUSY : OUTCOME_FAILED, "%s", error);
	if (stat(path, &st) != 0)
		return context_fail(ctx, OUTCOME_FAILED, "%s: %s", path, strerror(errno));
	emit_object(&ctx->json, NULL);
	emit_text(&ctx->json, "file", path);
	emit_int(&ctx->json, "bytes", st.st_size);
	emit_int(&ctx->json, "version", db_version(ctx->db));
	emit_end(&ctx->json);
	context_audit(ctx, AUDIT_DATABASE_BACKUP, NULL, NULL);
	context_say(ctx, "%s written and verified, %lld bytes", path, (long long)st.st_size);
	return OUTCOME_DONE;
}

enum outcome
command_database_restore(struct context *ctx)
{
	const char *copy = ctx->args->operands[0], *path = ctx->conf->database;
	bool old = access(path, F_OK) == 0;
	char error[512];

	if (access(copy, F_OK) != 0)
		return context_fail(ctx, errno == ENOENT ? OUTCOME_NOT_FOUND : OUTCOME_FAILED, "%s: %s", copy,
		    strerror(errno));
	switch (db_restore(path, copy, error, sizeof(error))) {
	case 1:
		break;
	case 0:
		return context_fail(ctx, OUTCOME_BUSY, "%s", error);
	default:
		return context_fail(ctx, OUTCOME_FAILED, "%s", error);
	}
	emit_object(&ctx->json, NULL);
	emit_text(&ctx->json, "file", copy);
	emit_text(&ctx->json, "database", path);
	emit_end(&ctx->json);
	context_audit(ctx, AUDIT_DATABASE_RESTORE, NULL, NULL);
	context_say(ctx, "%s restored from %s", path, copy);
	if (old)
		context_say(ctx, "what was there before is now %s" DB_RESTORE_OLD, path);
	return OUTCOME_DONE;
}

/* In the order in which a program needs them at its start; the first mistake ends it. */
enum outcome
command_database_check(struct context *ctx)
{
	char error[512];
	enum outcome outcome;

	emit_object(&ctx->json, NULL);
	say_check(ctx, "configuration", "ok");
	if ((outcome = check_secret(ctx)) != OUTCOME_DONE || (outcome = context_open_db(ctx, false)) != OUTCOME_DONE)
		return outcome;
	if (db_check(ctx->db, error, sizeof(error)) != 0)
		return context_fail(ctx, db_error(ctx->db) == DB_BUSY ? OUTCOME_BUSY : OUTCOME_FAILED, "%s", error);
	say_check(ctx, "database", "ok");
	check_provider(ctx);
	emit_int(&ctx->json, "version", db_version(ctx->db));
	emit_end(&ctx->json);
	return OUTCOME_DONE;
}

/* No secret yet is no mistake: the first start makes one. */
static enum outcome
check_secret(struct context *ctx)
{
	const char *path = ctx->conf->secret_file;
	struct token_ring *ring;
	char error[512];

	if (access(path, F_OK) != 0 && errno == ENOENT) {
		say_check(ctx, "token_secret", "made at the first start");
		return OUTCOME_DONE;
	}
	if ((ring = token_ring_open(path, ctx->conf->issuer, error, sizeof(error))) == NULL)
		return context_fail(ctx, OUTCOME_FAILED, "%s", error);
	token_ring_free(&ring);
	say_check(ctx, "token_secret", "ok");
	return OUTCOME_DONE;
}

/* A warning: the programs run without the keys as well, and a copy of the database is no worse for them. */
static void
check_provider(struct context *ctx)
{
	char error[512];

	if (*ctx->conf->jwks_file == '\0')
		return;
	if (provider_check(ctx->conf, error, sizeof(error))) {
		say_check(ctx, "provider", "ok");
		return;
	}
	say_check(ctx, "provider", "no keys");
	(void)context_fail(ctx, OUTCOME_FAILED, "%s", error);
}

static void
say_check(struct context *ctx, const char *what, const char *state)
{
	emit_text(&ctx->json, what, state);
	context_say(ctx, "%s: %s", what, state);
}
