#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "context.h"
#include "ctl.h"
#include "json.h"
#include "str.h"

#define TIMEOUT		(5 * US_PER_S)		/* the daemon answers from memory, so this is long */
#define START_TIME	(15 * US_PER_S)		/* beyond drain_timeout: for the successor to start */
#define LOOK_AGAIN	(50 * US_PER_MS)
#define API_NAME	"unio-api"

static struct json	*tell(const struct context *, const char *, char *, size_t);
static bool		 is_ok(const struct json *);
static enum outcome	 refused(const struct context *, const struct json *, const char *);
static enum outcome	 wait_for_successor(const struct context *, int64_t);
static enum outcome	 reload_api(struct context *);
static pid_t		 listener(const char *);
static bool		 is_called(pid_t, const char *);

enum outcome
command_daemon_drain(struct context *ctx)
{
	int64_t sessions = 0, timeout_s = 0;
	bool wait = (ctx->args->given & ARGS_WAIT) != 0;
	enum outcome outcome = OUTCOME_DONE;
	char error[256];
	struct json *reply = tell(ctx, "{\"cmd\":\"drain\"}", error, sizeof(error));

	if (reply == NULL || json_get_int(reply, "sessions", 0, INT64_MAX, &sessions) != 1 ||
	    json_get_int(reply, "drain_timeout", 0, INT32_MAX, &timeout_s) != 1)
		outcome = refused(ctx, reply, error);
	json_free(&reply);
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
	char error[256];
	struct json *reply;
	bool ready;

	for (;;) {
		reply = tell(ctx, "{\"cmd\":\"ready\"}", error, sizeof(error));
		ready = is_ok(reply);
		json_free(&reply);
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
	char error[256];
	struct json *reply = tell(ctx, "{\"cmd\":\"reload\"}", error, sizeof(error));
	enum outcome daemon = OUTCOME_DONE, api;

	if (!is_ok(reply))
		daemon = refused(ctx, reply, error);
	json_free(&reply);
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

/* The answer to one command; NULL with a sentence in error_r. */
static struct json *
tell(const struct context *ctx, const char *line, char *error_r, size_t error_size)
{
	struct buf text = { 0 };
	struct json *reply = NULL;
	const char *reason;

	if (ctl_request(ctx->conf->control_socket, line, TIMEOUT, &text) != 0)
		snprintf(error_r, error_size, "the signaling daemon does not answer on %s: %s",
		    ctx->conf->control_socket, strerror(errno));
	else if ((reply = json_parse_object(text.data, text.len, &reason)) == NULL)
		snprintf(error_r, error_size, "the signaling daemon's answer makes no sense: %s", reason);
	buf_free(&text);
	return reply;
}

static bool
is_ok(const struct json *reply)
{
	const char *why;

	return reply != NULL && json_get_text(reply, "error", &why) == 0;
}

/* No answer, or one that says why not. */
static enum outcome
refused(const struct context *ctx, const struct json *reply, const char *error)
{
	const char *why;

	if (reply == NULL)
		return context_fail(ctx, OUTCOME_BUSY, "%s", error);
	if (json_get_text(reply, "error", &why) != 1)
		why = "its answer makes no sense";
	return context_fail(ctx, OUTCOME_FAILED, "the signaling daemon refuses: %s", why);
}

static enum outcome
reload_api(struct context *ctx)
{
	const char *path = ctx->conf->api_socket;
	pid_t pid = listener(path);

	if (pid == -1)
		return context_fail(ctx, OUTCOME_BUSY, "nobody answers on %s: %s", path, strerror(errno));
	if (!is_called(pid, API_NAME))
		return context_fail(ctx, OUTCOME_FAILED, "%s is not held by " API_NAME
		    " itself: whatever starts it must restart it", path);
	if (kill(pid, SIGHUP) == -1)
		return context_fail(ctx, OUTCOME_FAILED, API_NAME ", process %ld: %s", (long)pid, strerror(errno));
	return OUTCOME_DONE;
}

/* Who called listen(2) last (unix(7), SO_PEERCRED): no pid file can be as true.  -1 with errno. */
static pid_t
listener(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct ucred peer = { .pid = -1 };
	socklen_t size = sizeof(peer);
	int fd, saved;

	if (!str_copy(sun.sun_path, sizeof(sun.sun_path), path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) == -1)
		return -1;
	if (connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1)
		peer.pid = -1;
	saved = errno;
	close(fd);
	errno = saved;
	return peer.pid;
}

/* The pid may be a web server's, which would take the signal for something else. */
static bool
is_called(pid_t pid, const char *name)
{
	char path[64], line[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	if (pid <= 0 || (file = fopen(path, "re")) == NULL)
		return false;
	if (fgets(line, sizeof(line), file) != NULL)
		line[strcspn(line, "\n")] = '\0';
	fclose(file);
	return strcmp(line, name) == 0;
}
