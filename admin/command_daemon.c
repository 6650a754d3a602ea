#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "command.h"
#include "list.h"
#include "remote.h"
#include "shard.h"

#define START_TIME	(15 * US_PER_S)		/* beyond drain_timeout: for the successor to start */
#define LOOK_AGAIN	(50 * US_PER_MS)

static void		show_daemon(struct list *, int64_t);
static enum outcome	drain_one(struct context *, int64_t, int64_t *);
static enum outcome	wait_for_successor(const struct context *, int64_t, int64_t);
static enum outcome	reload_daemons(struct context *);
static enum outcome	reload_api(struct context *);
static enum outcome	reload_hookd(struct context *, bool *);

/* Whether they run or not: this is also how scripts learn the names. */
enum outcome
command_daemon_list(struct context *ctx)
{
	static const char *const heading[] = { "DAEMON", "STATE", "ROOMS", "SESSIONS", "WEBSOCKETS", "CONTROL" };
	struct list list;
	enum outcome outcome = list_begin(&list, ctx, heading, COUNTOF(heading));

	if (outcome != OUTCOME_DONE)
		return outcome;
	for (int64_t daemon = 1; daemon <= ctx->conf->daemons && !list_full(&list); daemon++)
		if (list_takes(&list))
			show_daemon(&list, daemon);
	list_end(&list);
	return OUTCOME_DONE;
}

static void
show_daemon(struct list *list, int64_t daemon)
{
	struct context *ctx = list->ctx;
	char *ws = shard_name(ctx->conf->ws_socket, daemon), *control = shard_name(ctx->conf->control_socket, daemon);
	struct remote remote;
	bool draining = false, up = remote_try_daemon(ctx, &remote, daemon, "{\"cmd\":\"stats\"}");
	const char *state = "down";
	int64_t rooms = up ? remote_int(&remote, "rooms") : 0, sessions = up ? remote_int(&remote, "sessions") : 0;

	if (up)
		state = json_get_bool(remote.json, "draining", &draining) == 1 && draining ? "draining" : "up";
	emit_object(&ctx->json, NULL);
	emit_int(&ctx->json, "daemon", daemon);
	emit_text(&ctx->json, "state", state);
	emit_int(&ctx->json, "rooms", rooms);
	emit_int(&ctx->json, "sessions", sessions);
	emit_text(&ctx->json, "ws_socket", ws);
	emit_text(&ctx->json, "control_socket", control);
	emit_end(&ctx->json);
	table_int(&list->table, daemon);
	table_text(&list->table, state);
	table_int(&list->table, rooms);
	table_int(&list->table, sessions);
	table_text(&list->table, ws);
	table_text(&list->table, control);
	remote_free(&remote);
	free(ws);
	free(control);
}

/* One after the other: with --wait the next one goes when the last has a successor, so that few are away at a time. */
enum outcome
command_daemon_drain(struct context *ctx)
{
	int64_t first = 1, last = ctx->conf->daemons, sessions = 0;
	bool wait = args_given(ctx->args, ARGS_WAIT);
	enum outcome outcome = OUTCOME_DONE;

	if (ctx->args->operand_count > 0) {
		if ((outcome = context_id(ctx, "daemon", ctx->args->operands[0], &first)) != OUTCOME_DONE)
			return outcome;
		if (first > last)
			return context_fail(ctx, OUTCOME_NOT_FOUND, "there are %" PRId64 " daemons", last);
		last = first;
	}
	for (int64_t daemon = first; daemon <= last && outcome == OUTCOME_DONE; daemon++)
		outcome = drain_one(ctx, daemon, &sessions);
	if (outcome != OUTCOME_DONE)
		return outcome;
	emit_object(&ctx->json, NULL);
	emit_int(&ctx->json, "sessions", sessions);
	emit_bool(&ctx->json, "replaced", wait);
	emit_end(&ctx->json);
	context_say(ctx, "sessions that were told to come back: %lld%s", (long long)sessions,
	    wait ? "; another daemon is ready for them" : "");
	return OUTCOME_DONE;
}

static enum outcome
drain_one(struct context *ctx, int64_t daemon, int64_t *sessions)
{
	int64_t told = 0, timeout_s = 0;
	struct remote remote;
	enum outcome outcome = remote_ask_daemon(ctx, &remote, daemon, "{\"cmd\":\"drain\"}");

	if (outcome == OUTCOME_DONE && (json_get_int(remote.json, "sessions", 0, INT64_MAX, &told) != 1 ||
	    json_get_int(remote.json, "drain_timeout", 0, INT32_MAX, &timeout_s) != 1))
		outcome = remote_nonsense(ctx);
	remote_free(&remote);
	*sessions += told;
	if (outcome == OUTCOME_DONE && args_given(ctx->args, ARGS_WAIT))
		outcome = wait_for_successor(ctx, daemon, timeout_s * US_PER_S + START_TIME);
	return outcome;
}

/* A daemon that drains is not ready any more, so that whoever says it is ready is another one. */
static enum outcome
wait_for_successor(const struct context *ctx, int64_t daemon, int64_t time_us)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN * 1000 };
	int64_t deadline_us = clock_mono_us() + time_us;
	struct remote remote;
	bool ready;

	for (;;) {
		ready = remote_try_daemon(ctx, &remote, daemon, "{\"cmd\":\"ready\"}");
		remote_free(&remote);
		if (ready)
			return OUTCOME_DONE;
		if (clock_mono_us() >= deadline_us)
			return context_fail(ctx, OUTCOME_BUSY, "all were told, but no other daemon has started");
		nanosleep(&pause, NULL);
	}
}

/* The daemon first: it alone may still find a mistake that we do not see from here, and then nothing changes. */
enum outcome
command_daemon_reload(struct context *ctx)
{
	enum outcome daemon = reload_daemons(ctx), api, hookd;
	bool sender;

	if (daemon == OUTCOME_FAILED)
		return daemon;
	api = reload_api(ctx);
	hookd = reload_hookd(ctx, &sender);
	if (daemon != OUTCOME_DONE || api != OUTCOME_DONE || hookd != OUTCOME_DONE)
		return daemon != OUTCOME_DONE ? daemon : api != OUTCOME_DONE ? api : hookd;
	emit_object(&ctx->json, NULL);
	emit_bool(&ctx->json, "reloaded", true);
	emit_bool(&ctx->json, "hookd", sender);
	emit_end(&ctx->json);
	context_say(ctx,
	    "the signaling daemon has taken what is configured now; the API's workers are being replaced%s",
	    sender ? "; unio-hookd reads it again" : "");
	return OUTCOME_DONE;
}

/* Who is not there needs none; who refuses does so for all. */
static enum outcome
reload_daemons(struct context *ctx)
{
	enum outcome outcome = OUTCOME_DONE, one;
	struct remote remote;

	for (int64_t daemon = 1; daemon <= ctx->conf->daemons && outcome != OUTCOME_FAILED; daemon++) {
		one = remote_ask_daemon(ctx, &remote, daemon, "{\"cmd\":\"reload\"}");
		remote_free(&remote);
		outcome = one == OUTCOME_DONE ? outcome : one;
	}
	return outcome;
}

static enum outcome
reload_api(struct context *ctx)
{
	const char *path = ctx->conf->api_socket;
	pid_t pid = remote_api(ctx);

	if (pid == -1)
		return context_fail(ctx, OUTCOME_BUSY, "nobody answers on %s: %s", path, strerror(errno));
	/* the pid may be a web server's, which would take the signal for something else */
	if (!remote_is_api(pid))
		return context_fail(ctx, OUTCOME_FAILED,
		    "%s is not held by unio-api itself: whatever starts it must restart it", path);
	if (kill(pid, SIGHUP) == -1)
		return context_fail(ctx, OUTCOME_FAILED, "unio-api, process %ld: %s", (long)pid, strerror(errno));
	return OUTCOME_DONE;
}

/* Without webhooks nobody misses it. */
static enum outcome
reload_hookd(struct context *ctx, bool *runs_r)
{
	pid_t pid;

	*runs_r = remote_hookd(ctx, &pid);
	if (!*runs_r)
		return OUTCOME_DONE;
	if (pid == -1)
		return context_fail(ctx, OUTCOME_FAILED, "unio-hookd runs, but where cannot be seen from here: "
		    "whatever starts it must reload it");
	if (kill(pid, SIGHUP) == -1)
		return context_fail(ctx, OUTCOME_FAILED, "unio-hookd, process %ld: %s", (long)pid, strerror(errno));
	return OUTCOME_DONE;
}
