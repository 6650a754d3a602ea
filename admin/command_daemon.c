#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "command.h"
#include "remote.h"

#define START_TIME	(15 * US_PER_S)		/* beyond drain_timeout: for the successor to start */
#define LOOK_AGAIN	(50 * US_PER_MS)

static enum outcome	wait_for_successor(const struct context *, int64_t);
static enum outcome	reload_api(struct context *);

enum outcome
command_daemon_drain(struct context *ctx)
{
	bool wait = args_given(ctx->args, ARGS_WAIT);
	int64_t sessions = 0, timeout_s = 0;
	struct remote remote;
	enum outcome outcome = remote_ask(ctx, &remote, "{\"cmd\":\"drain\"}");

	if (outcome == OUTCOME_DONE && (json_get_int(remote.json, "sessions", 0, INT64_MAX, &sessions) != 1 ||
	    json_get_int(remote.json, "drain_timeout", 0, INT32_MAX, &timeout_s) != 1))
		outcome = remote_nonsense(ctx);
	remote_free(&remote);
	if (outcome == OUTCOME_DONE && wait)
		outcome = wait_for_successor(ctx, timeout_s * US_PER_S + START_TIME);
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

/* A daemon that drains is not ready any more, so that whoever says it is ready is another one. */
static enum outcome
wait_for_successor(const struct context *ctx, int64_t time_us)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN * 1000 };
	int64_t deadline_us = clock_mono_us() + time_us;
	struct remote remote;
	bool ready;

	for (;;) {
		ready = remote_try(ctx, &remote, "{\"cmd\":\"ready\"}");
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
	struct remote remote;
	enum outcome daemon = remote_ask(ctx, &remote, "{\"cmd\":\"reload\"}"), api;

	remote_free(&remote);
	if (daemon == OUTCOME_FAILED)
		return daemon;
	api = reload_api(ctx);
	if (daemon != OUTCOME_DONE || api != OUTCOME_DONE)
		return daemon != OUTCOME_DONE ? daemon : api;
	emit_object(&ctx->json, NULL);
	emit_bool(&ctx->json, "reloaded", true);
	emit_end(&ctx->json);
	context_say(ctx, "the signaling daemon has taken what is configured now; the API's workers are being replaced");
	return OUTCOME_DONE;
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
