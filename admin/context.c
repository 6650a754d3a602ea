#include <inttypes.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf_value.h"
#include "context.h"
#include "log.h"
#include "str.h"
#include "table.h"
#include "wake.h"

static enum outcome	transact(struct context *, bool, enum outcome (*)(struct context *));
static const char	*operator_name(struct arena *);
static enum outcome	commit(struct context *);
static void		wake(const struct context *);
static bool		wants_colour(void);

enum outcome
context_open(struct context *ctx, const struct args *args, const struct command *command)
{
	*ctx = (struct context){ .args = args, .command = command };
	log_open("unioctl", LOG_TARGET_STDERR, LOG_FORMAT_KV, LOG_LEVEL_WARN);
	if (password_init() != 0)
		return context_fail(ctx, OUTCOME_FAILED, "no cryptography library");
	if (command->needs >= COMMAND_NEEDS_CONF &&
	    (ctx->conf = conf_load(args->conf_path, conf_report_to, stderr)) == NULL)
		return OUTCOME_FAILED;
	ctx->arena = arena_new();
	event_list_init(&ctx->events, ctx->arena);
	audit_list_init(&ctx->audit, ctx->arena);
	ctx->json = emit_into(&ctx->json_text);
	ctx->now_us = clock_wall_us();
	ctx->colour = wants_colour();
	return OUTCOME_DONE;
}

/* https://no-color.org */
static bool
wants_colour(void)
{
	const char *none = getenv("NO_COLOR"), *term = getenv("TERM");

	return (none == NULL || *none == '\0') && term != NULL && strcmp(term, "dumb") != 0 && isatty(STDOUT_FILENO);
}

void
context_close(struct context *ctx)
{
	db_close(&ctx->db);
	arena_free(&ctx->arena);
	buf_free(&ctx->text);
	buf_free(&ctx->json_text);
	conf_free(&ctx->conf);
	password_wipe(ctx->hash, sizeof(ctx->hash));
}

enum outcome
context_run(struct context *ctx)
{
	const struct command *command = ctx->command;
	enum outcome outcome;

	if (command->needs >= COMMAND_NEEDS_DB && (outcome = context_open_db(ctx, false)) != OUTCOME_DONE)
		return outcome;
	if (command->prepare != NULL && (outcome = command->prepare(ctx)) != OUTCOME_DONE)
		return outcome;
	if (command->needs >= COMMAND_NEEDS_READ)
		outcome = transact(ctx, command->needs == COMMAND_NEEDS_WRITE, command->run);
	else
		outcome = command->run(ctx);
	if (outcome != OUTCOME_DONE && !ctx->answered)
		return outcome;
	if (ctx->args->json)
		buf_addc(&ctx->json_text, '\n');
	return context_print(ctx) == OUTCOME_DONE ? outcome : OUTCOME_FAILED;
}

/* run NULL: what is in the lists already is all. */
static enum outcome
transact(struct context *ctx, bool writes, enum outcome (*run)(struct context *))
{
	enum outcome outcome = OUTCOME_DONE;

	if (db_begin(ctx->db, writes) != 0)
		return context_fail_db(ctx);
	/* a password may have been typed and the lock waited for: what is written now happens now */
	ctx->now_us = clock_wall_us();
	if (run == NULL || (outcome = run(ctx)) == OUTCOME_DONE)
		outcome = commit(ctx);
	if (outcome != OUTCOME_DONE) {
		db_rollback(ctx->db);
		return outcome;
	}
	if (ctx->events.first != NULL)
		wake(ctx);
	return OUTCOME_DONE;
}

enum outcome
context_transact(struct context *ctx, enum outcome (*run)(struct context *))
{
	enum outcome outcome = ctx->db == NULL ? context_open_db(ctx, false) : OUTCOME_DONE;

	return outcome == OUTCOME_DONE ? transact(ctx, true, run) : outcome;
}

/* Before the first migration there is nothing that could be written down. */
void
context_audit(struct context *ctx, enum audit_action action, const char *key, const char *value)
{
	struct audit *audit = audit_add(&ctx->audit, action);

	if (key != NULL)
		audit_note(&ctx->audit, audit, key, value);
	if (access(ctx->conf->database, F_OK) == 0 && context_transact(ctx, NULL) != OUTCOME_DONE)
		fprintf(stderr, "unioctl: %s: done, but it does not stand in the audit trail\n", ctx->command->name);
}

/* The events go with the change or not at all; so does the audit trail. */
static enum outcome
commit(struct context *ctx)
{
	struct audit_from from = { .origin = NULL };

	if (ctx->audit.first != NULL)
		from.origin = operator_name(ctx->arena);
	if (audit_store(ctx->db, &ctx->audit, &from, ctx->now_us) != 0)
		return context_fail_db(ctx);
	audit_list_init(&ctx->audit, ctx->arena);
	if (ctx->events.first != NULL && event_store(ctx->db, &ctx->events, ctx->now_us) != 0)
		return context_fail_db(ctx);
	return db_commit(ctx->db) == 0 ? OUTCOME_DONE : context_fail_db(ctx);
}

/* Who is at the shell: the account that this process runs as. */
static const char *
operator_name(struct arena *arena)
{
	const struct passwd *user = getpwuid(getuid());

	return arena_printf(arena, "unioctl:%s(%lu)", user != NULL ? user->pw_name : "?", (unsigned long)getuid());
}

/* The socket is closed at once, maybe before the wake-up has left: then the daemon's poll finds the event. */
static void
wake(const struct context *ctx)
{
	struct bus *bus = wake_open(ctx->conf);

	wake_events(bus, ctx->conf, ctx->events.first);
	bus_close(&bus);
}

enum outcome
context_print(struct context *ctx)
{
	struct buf *answer = ctx->args->json ? &ctx->json_text : &ctx->text;

	if (answer->len > 0)
		fwrite(answer->data, 1, answer->len, stdout);
	buf_clear(answer);
	if (fflush(stdout) != 0 || ferror(stdout))
		return context_fail(ctx, OUTCOME_FAILED, "done, but the answer could not be written");
	return OUTCOME_DONE;
}

enum outcome
context_fail(const struct context *ctx, enum outcome outcome, const char *fmt, ...)
{
	char line[2048];	/* names and paths; a longer one is cut */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fprintf(stderr, "unioctl: %s: %s\n", ctx->command->name,
	    ctx->arena != NULL ? table_clean(ctx->arena, line) : line);
	return outcome;
}

enum outcome
context_fail_db(const struct context *ctx)
{
	if (db_error(ctx->db) == DB_BUSY)
		return context_fail(ctx, OUTCOME_BUSY, "the database is locked by another program; try again");
	return context_fail(ctx, OUTCOME_FAILED, "database %s: %s", ctx->conf->database, db_error_text(ctx->db));
}

void
context_say(struct context *ctx, const char *fmt, ...)
{
	char line[1024];	/* an e-mail address and a few words; a longer one is cut */
	va_list ap;

	if (ctx->args->quiet)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	buf_adds(&ctx->text, table_clean(ctx->arena, line));
	buf_addc(&ctx->text, '\n');
}

enum outcome
context_open_db(struct context *ctx, bool create)
{
	const struct db_options options = {
		.path = ctx->conf->database,
		.busy_timeout = ctx->conf->database_busy_timeout,
		.full_sync = ctx->conf->synchronous == CONF_SYNCHRONOUS_FULL,
		.create = create,
	};
	char error[512];

	if ((ctx->db = db_open(&options, error, sizeof(error))) == NULL)
		return context_fail(ctx, OUTCOME_FAILED, "%s", error);
	return OUTCOME_DONE;
}

enum outcome
context_found(const struct context *ctx, int found, const char *what, int64_t id)
{
	switch (found) {
	case 1:
		return OUTCOME_DONE;
	case 0:
		return context_fail(ctx, OUTCOME_NOT_FOUND, "no %s %" PRId64, what, id);
	default:
		return context_fail_db(ctx);
	}
}

enum outcome
context_find_user(struct context *ctx, const char *email, struct user *user_r)
{
	switch (store_user_by_email(ctx->db, ctx->arena, email, user_r)) {
	case 1:
		return OUTCOME_DONE;
	case 0:
		return context_fail(ctx, OUTCOME_NOT_FOUND, "no account %s", email);
	default:
		return context_fail_db(ctx);
	}
}

enum outcome
context_find_meeting(struct context *ctx, bool participants, struct meeting *meeting_r)
{
	enum outcome outcome;
	int64_t id;

	if ((outcome = context_id(ctx, "meeting", ctx->args->operands[0], &id)) != OUTCOME_DONE)
		return outcome;
	return context_found(ctx, store_meeting_by_id(ctx->db, ctx->arena, id, participants, meeting_r), "meeting", id);
}

enum outcome
context_check_text(const struct context *ctx, const char *what, const char *text, size_t max)
{
	size_t n = strlen(text), i;

	if (!str_utf8_valid(text, n))
		return context_fail(ctx, OUTCOME_USAGE, "the %s is not UTF-8", what);
	if (n == 0 || str_utf8_count(text, n) > max)
		return context_fail(ctx, OUTCOME_USAGE, "the %s must have 1 to %zu characters", what, max);
	for (i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == '\x7f')
			return context_fail(ctx, OUTCOME_USAGE, "the %s holds a control character", what);
	return OUTCOME_DONE;
}

enum outcome
context_id(const struct context *ctx, const char *what, const char *text, int64_t *id_r)
{
	if (str_to_int(text, strlen(text), 1, INT64_MAX, id_r))
		return OUTCOME_DONE;
	return context_fail(ctx, OUTCOME_USAGE, "%s is no %s's id", text, what);
}

enum outcome
context_number(const struct context *ctx, unsigned option, int64_t min, int64_t preset, int64_t *number_r)
{
	const char *text = args_value(ctx->args, option);

	if (text == NULL)
		*number_r = preset;
	else if (!str_to_int(text, strlen(text), min, INT64_MAX, number_r))
		return context_fail(ctx, OUTCOME_USAGE, "--%s must be a number from %lld up", args_option_name(option),
		    (long long)min);
	return OUTCOME_DONE;
}

enum outcome
context_before(const struct context *ctx, int64_t *time_us_r)
{
	const char *text = args_value(ctx->args, ARGS_OLDER_THAN);
	int64_t age_us;

	if (text == NULL)
		*time_us_r = INT64_MAX;
	else if (conf_value_duration(text, &age_us))
		*time_us_r = ctx->now_us - MIN(age_us, ctx->now_us);
	else
		return context_fail(ctx, OUTCOME_USAGE,
		    "--older-than must be a number of seconds, or end in s, m, h or d");
	return OUTCOME_DONE;
}
