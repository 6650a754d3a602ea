/* Who did what, as a log that can be asked. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "command.h"
#include "conf_value.h"
#include "list.h"
#include "store_audit.h"
#include "str.h"

#define NEWEST		50	/* rows, unless --limit says another number */
#define LOOK_AGAIN	(200 * US_PER_MS)
#define LINE		"%-20s  %-18s  %-24s  %-22s  %s\n"

struct trail {
	struct context		*ctx;
	struct arena		*arena;		/* of one page */
	struct audit_filter	 filter;
	int64_t			 after_id;	/* looked at so far */
	bool			 follow;
};

static enum outcome	read_filter(struct context *, struct audit_filter *);
static enum outcome	read_user(struct context *, int64_t *);
static enum outcome	read_time(const struct context *, unsigned, int64_t, int64_t *);
static enum outcome	show_newest(struct trail *, int64_t);
static enum outcome	follow(struct trail *);
static enum outcome	show_new(struct trail *);
static void		show(struct trail *, const struct audit_row *);
static void		show_json(struct trail *, const struct audit_row *);
static const char	*say_what(struct trail *, const struct audit_row *);

enum outcome
command_audit(struct context *ctx)
{
	struct trail trail = { .ctx = ctx, .arena = arena_new(), .follow = args_given(ctx->args, ARGS_FOLLOW) };
	enum outcome outcome;
	int64_t limit;

	if ((outcome = read_filter(ctx, &trail.filter)) == OUTCOME_DONE &&
	    (outcome = context_number(ctx, ARGS_LIMIT, 0, NEWEST, &limit)) == OUTCOME_DONE)
		outcome = show_newest(&trail, limit);
	if (outcome == OUTCOME_DONE && trail.follow)
		outcome = follow(&trail);
	arena_free(&trail.arena);
	return outcome;
}

static enum outcome
read_filter(struct context *ctx, struct audit_filter *filter)
{
	enum outcome outcome;

	filter->action = args_value(ctx->args, ARGS_ACTION);
	if (filter->action != NULL && !audit_action_known(filter->action))
		return context_fail(ctx, OUTCOME_USAGE, "there is no action %s; unioctl(8) lists them", filter->action);
	if ((outcome = context_number(ctx, ARGS_MEETING, 1, 0, &filter->meeting_id)) != OUTCOME_DONE ||
	    (outcome = read_time(ctx, ARGS_SINCE, 0, &filter->since_us)) != OUTCOME_DONE ||
	    (outcome = read_time(ctx, ARGS_UNTIL, INT64_MAX, &filter->until_us)) != OUTCOME_DONE)
		return outcome;
	return read_user(ctx, &filter->user_id);
}

/* By id as well: who was erased has no address any more. */
static enum outcome
read_user(struct context *ctx, int64_t *id_r)
{
	const char *who = args_value(ctx->args, ARGS_USER);
	struct user user;
	enum outcome outcome;

	if (who == NULL || str_to_int(who, strlen(who), 1, INT64_MAX, id_r))
		return OUTCOME_DONE;
	if ((outcome = context_find_user(ctx, who, &user)) == OUTCOME_DONE)
		*id_r = user.person.id;
	return outcome;
}

/* A time, or how long ago. */
static enum outcome
read_time(const struct context *ctx, unsigned option, int64_t preset, int64_t *time_us_r)
{
	const char *text = args_value(ctx->args, option);
	int64_t ago_us;

	if (text == NULL)
		*time_us_r = preset;
	else if (conf_value_duration(text, &ago_us))
		*time_us_r = ctx->now_us - MIN(ago_us, ctx->now_us);
	else if (!clock_parse(text, time_us_r))
		return context_fail(ctx, OUTCOME_USAGE, "--%s must be a time (2024-01-15T10:30:00Z), or how long ago: a"
		    " number of seconds, or one that ends in s, m, h or d", args_option_name(option));
	return OUTCOME_DONE;
}

/* The last one last, as a log is read. */
static enum outcome
show_newest(struct trail *trail, int64_t limit)
{
	const struct audit_filter all = { .until_us = INT64_MAX };
	struct context *ctx = trail->ctx;
	struct audit_row *rows = NULL, *last = NULL;
	size_t n = 0, last_n = 0;

	/* one snapshot: what is followed begins behind what is shown */
	if (db_begin(ctx->db, false) != 0 || store_audit_newest(ctx->db, trail->arena, &all, 1, &last, &last_n) != 0 ||
	    store_audit_newest(ctx->db, trail->arena, &trail->filter, (size_t)limit, &rows, &n) != 0) {
		db_rollback(ctx->db);
		return context_fail_db(ctx);
	}
	db_rollback(ctx->db);
	trail->after_id = last_n == 1 ? last->id : 0;
	if (!ctx->args->json && !args_given(ctx->args, ARGS_TSV))
		buf_addf(&ctx->text, LINE, "TIME", "ACTION", "BY", "FROM", "WHAT");
	if (!trail->follow)
		emit_array(&ctx->json, NULL);
	while (n > 0)
		show(trail, &rows[--n]);
	if (!trail->follow)
		emit_end(&ctx->json);
	return OUTCOME_DONE;
}

/* Until it is interrupted or nobody reads any more. */
static enum outcome
follow(struct trail *trail)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN * 1000 };
	enum outcome outcome;

	while ((outcome = context_print(trail->ctx)) == OUTCOME_DONE) {
		nanosleep(&pause, NULL);
		arena_reset(trail->arena);
		if ((outcome = show_new(trail)) != OUTCOME_DONE)
			return outcome;
	}
	return outcome;
}

/* In one snapshot with the trail's end, so that what was looked at and did not match is not looked at again. */
static enum outcome
show_new(struct trail *trail)
{
	const struct audit_filter all = { .until_us = INT64_MAX };
	struct audit_row *rows = NULL, *last = NULL;
	struct db *db = trail->ctx->db;
	size_t n = 0, last_n = 0;
	bool ok;

	ok = db_begin(db, false) == 0 && store_audit_newest(db, trail->arena, &all, 1, &last, &last_n) == 0 &&
	    store_audit_after(db, trail->arena, &trail->filter, trail->after_id, LIST_PAGE, &rows, &n) == 0;
	db_rollback(db);
	if (!ok)
		return context_fail_db(trail->ctx);
	for (size_t i = 0; i < n; i++)
		show(trail, &rows[i]);
	if (n == LIST_PAGE)
		trail->after_id = rows[n - 1].id;
	else if (last_n == 1)
		trail->after_id = MAX(trail->after_id, last->id);
	return OUTCOME_DONE;
}

static void
show(struct trail *trail, const struct audit_row *row)
{
	struct context *ctx = trail->ctx;
	bool tsv = args_given(ctx->args, ARGS_TSV), by_shell = strncmp(row->origin, "unioctl:", 8) == 0;
	char time[CLOCK_TEXT_SIZE];
	const char *by = "-";

	if (ctx->args->json) {
		show_json(trail, row);
		return;
	}
	clock_format(time, row->created_at);
	if (!tsv)
		str_copy(time + sizeof("2024-01-15T10:30:45") - 1, sizeof("Z"), "Z");
	if (row->actor_email != NULL)
		by = row->actor_email;
	else if (by_shell)
		by = row->origin + 8;
	buf_addf(&ctx->text, tsv ? "%s\t%s\t%s\t%s\t%s\n" : LINE, time, row->action, table_clean(trail->arena, by),
	    by_shell ? "unioctl" : table_clean(trail->arena, row->origin), say_what(trail, row));
}

/* What it was done to, and the rest. */
static const char *
say_what(struct trail *trail, const struct audit_row *row)
{
	struct buf what = { 0 };
	const char *text;

	if (row->meeting_id != 0)
		buf_addf(&what, "meeting=%" PRId64 " ", row->meeting_id);
	if (row->user_id != 0)
		buf_addf(&what, "user=%s ", row->user_email != NULL ? row->user_email : "?");
	if (row->object_id != 0)
		buf_addf(&what, "%.*s=%" PRId64 " ", (int)strcspn(row->action, "."), row->action, row->object_id);
	if (row->times > 1)
		buf_addf(&what, "times=%" PRId64 " ", row->times);
	if (row->detail != NULL)
		buf_adds(&what, row->detail);
	if (what.len > 0 && what.data[what.len - 1] == ' ')
		what.data[what.len - 1] = '\0';
	text = table_clean(trail->arena, what.len > 0 ? what.data : "-");
	buf_free(&what);
	return text;
}

/* One array of them, or, for who follows, an object a line. */
static void
show_json(struct trail *trail, const struct audit_row *row)
{
	struct emit *e = &trail->ctx->json;

	if (trail->follow)
		*e = emit_into(&trail->ctx->json_text);
	store_audit_emit(e, row);
	if (trail->follow)
		buf_addc(&trail->ctx->json_text, '\n');
}
