/* The rooms that somebody is in, as the signaling daemon knows them. */
#include <inttypes.h>
#include <string.h>

#include "command.h"
#include "list.h"
#include "remote.h"
#include "shard.h"

#define MESSAGE_MAX	500	/* characters of what a room is told: a control command holds them, escapes and all */

typedef bool show_item(struct list *, const struct json *);

static enum outcome	show(struct list *, int64_t, const char *, const char *, show_item *);
static show_item	show_room, show_session;
static void		add_text(struct list *, const struct json *, const char *);
static bool		add_switch(struct list *, const struct json *, const char *);
static bool		add_number(struct list *, const struct json *, const char *);
static enum outcome	tell_room(struct context *, int64_t, const char *, const char *, int64_t *);
static enum outcome	audit_kick(struct context *);
static void		answer(struct context *, int64_t, int64_t);

enum outcome
command_room_list(struct context *ctx)
{
	static const char *const heading[] = { "MEETING", "SESSIONS", "IN CALL" };
	struct list list;
	enum outcome outcome = list_begin(&list, ctx, heading, COUNTOF(heading)), one;

	if (outcome != OUTCOME_DONE)
		return outcome;
	for (int64_t daemon = 1; daemon <= ctx->conf->daemons; daemon++) {
		one = show(&list, daemon, "{\"cmd\":\"rooms\"}", "rooms", show_room);
		ctx->answered = ctx->answered || one == OUTCOME_DONE;
		outcome = one == OUTCOME_DONE ? outcome : one;
	}
	if (ctx->answered)	/* a part is better than nothing */
		list_end(&list);
	return outcome;
}

enum outcome
command_room_show(struct context *ctx)
{
	static const char *const heading[] = { "SESSION", "USER", "EMAIL", "NAME", "IN CALL", "CONNECTED", "JOINED",
	    "ADDRESS" };
	struct list list;
	enum outcome outcome;
	int64_t id;

	if ((outcome = context_id(ctx, "meeting", ctx->args->operands[0], &id)) != OUTCOME_DONE ||
	    (outcome = list_begin(&list, ctx, heading, COUNTOF(heading))) != OUTCOME_DONE)
		return outcome;
	outcome = show(&list, shard_of(id, ctx->conf->daemons),
	    arena_printf(ctx->arena, "{\"cmd\":\"sessions\",\"meeting_id\":%" PRId64 "}", id),
	    "sessions", show_session);
	if (outcome == OUTCOME_DONE)
		list_end(&list);
	return outcome;
}

static enum outcome
show(struct list *list, int64_t daemon, const char *line, const char *key, show_item *show_one)
{
	const struct json *items = NULL;
	struct remote remote;
	enum outcome outcome = remote_ask_daemon(list->ctx, &remote, daemon, line);

	if (outcome == OUTCOME_DONE && json_get_array(remote.json, key, &items) != 1)
		outcome = remote_nonsense(list->ctx);
	for (size_t i = 0; outcome == OUTCOME_DONE && i < json_array_length(items); i++)
		if (list_takes(list) && !show_one(list, json_array_item(items, i)))
			outcome = remote_nonsense(list->ctx);
	remote_free(&remote);
	return outcome;
}

static bool
show_room(struct list *list, const struct json *room)
{
	struct emit *e = &list->ctx->json;
	bool ok;

	emit_object(e, NULL);
	ok = add_number(list, room, "meeting_id") && add_number(list, room, "sessions") &&
	    add_number(list, room, "in_call");
	emit_end(e);
	return ok;
}

static bool
show_session(struct list *list, const struct json *session)
{
	struct emit *e = &list->ctx->json;
	bool ok;

	emit_object(e, NULL);
	add_text(list, session, "session_id");
	ok = add_number(list, session, "user_id");
	add_text(list, session, "email");
	add_text(list, session, "full_name");
	ok = ok && add_switch(list, session, "in_call") && add_switch(list, session, "connected");
	add_text(list, session, "joined_at");
	add_text(list, session, "address");
	emit_end(e);
	return ok;
}

/* Null, or nothing, is shown as none. */
static void
add_text(struct list *list, const struct json *item, const char *key)
{
	const char *text = NULL;

	if (json_get_text(item, key, &text) != 1)
		text = NULL;
	emit_text(&list->ctx->json, key, text);
	table_text(&list->table, text);
}

static bool
add_switch(struct list *list, const struct json *item, const char *key)
{
	bool value;

	if (json_get_bool(item, key, &value) != 1)
		return false;
	emit_bool(&list->ctx->json, key, value);
	table_text(&list->table, value ? "yes" : "no");
	return true;
}

static bool
add_number(struct list *list, const struct json *item, const char *key)
{
	int64_t number;

	if (json_get_int(item, key, 0, INT64_MAX, &number) != 1)
		return false;
	emit_int(&list->ctx->json, key, number);
	table_int(&list->table, number);
	return true;
}

enum outcome
command_room_kick(struct context *ctx)
{
	const char *who = ctx->args->operands[1];
	enum outcome outcome;
	int64_t id, n = 0;

	if (args_given(ctx->args, ARGS_BAN))
		return context_transact(ctx, command_ban_add);
	if ((outcome = context_id(ctx, "meeting", ctx->args->operands[0], &id)) != OUTCOME_DONE ||
	    (outcome = tell_room(ctx, id, "kick", "who", &n)) != OUTCOME_DONE)
		return outcome;
	if (n == 0)
		return context_fail(ctx, OUTCOME_NOT_FOUND, "%s is not in the room of meeting %" PRId64, who, id);
	if ((outcome = context_transact(ctx, audit_kick)) != OUTCOME_DONE)
		return outcome;
	answer(ctx, id, n);
	context_say(ctx, "sessions that were ended: %" PRId64, n);
	return OUTCOME_DONE;
}

/* A session is named as it was, a user by the id. */
static enum outcome
audit_kick(struct context *ctx)
{
	const char *who = ctx->args->operands[1];
	struct audit *audit = audit_add(&ctx->audit, AUDIT_MEETING_KICK);
	struct user user;
	int found = store_user_by_email(ctx->db, ctx->arena, who, &user);

	if (found < 0)
		return context_fail_db(ctx);
	if (found == 1)
		audit->user_id = user.person.id;
	else
		audit_note(&ctx->audit, audit, "session", who);
	return context_id(ctx, "meeting", ctx->args->operands[0], &audit->meeting_id);
}

enum outcome
command_room_message(struct context *ctx)
{
	enum outcome outcome;
	int64_t id, n = 0;

	if ((outcome = context_id(ctx, "meeting", ctx->args->operands[0], &id)) != OUTCOME_DONE ||
	    (outcome = context_check_text(ctx, "message", ctx->args->operands[1], MESSAGE_MAX)) != OUTCOME_DONE ||
	    (outcome = tell_room(ctx, id, "message", "message", &n)) != OUTCOME_DONE)
		return outcome;
	if (n == 0)
		return context_fail(ctx, OUTCOME_NOT_FOUND, "nobody is in the room of meeting %" PRId64, id);
	answer(ctx, id, n);
	context_say(ctx, "sessions that were told: %" PRId64, n);
	return OUTCOME_DONE;
}

/* The command about a meeting, with the second operand under that key; sessions_r: how many it concerned. */
static enum outcome
tell_room(struct context *ctx, int64_t id, const char *command, const char *key, int64_t *sessions_r)
{
	struct buf line = { 0 };
	struct emit e = emit_into(&line);
	struct remote remote;
	enum outcome outcome;

	emit_object(&e, NULL);
	emit_text(&e, "cmd", command);
	emit_int(&e, "meeting_id", id);
	emit_text(&e, key, ctx->args->operands[1]);
	emit_end(&e);
	outcome = remote_ask_daemon(ctx, &remote, shard_of(id, ctx->conf->daemons), line.data);
	if (outcome == OUTCOME_DONE)
		*sessions_r = remote_int(&remote, "sessions");
	remote_free(&remote);
	buf_free(&line);
	return outcome;
}

static void
answer(struct context *ctx, int64_t meeting_id, int64_t sessions)
{
	emit_object(&ctx->json, NULL);
	emit_int(&ctx->json, "meeting_id", meeting_id);
	emit_int(&ctx->json, "sessions", sessions);
	emit_end(&ctx->json);
}
