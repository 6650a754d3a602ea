#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "remote.h"
#include "shard.h"
#include "str.h"

#define TIMEOUT		(5 * US_PER_S)	/* the daemon answers from memory, so this is long */
#define API_NAME	"unio-api"
#define HOOKD_NAME	"unio-hookd"

static bool	is_refusal(const struct remote *, const char **);
static bool	is_called(pid_t, const char *);
static pid_t	read_pid(int);

enum outcome
remote_ask(const struct context *ctx, struct remote *remote, const char *line)
{
	return remote_ask_daemon(ctx, remote, 1, line);
}

enum outcome
remote_ask_daemon(const struct context *ctx, struct remote *remote, int64_t daemon, const char *line)
{
	return remote_try_daemon(ctx, remote, daemon, line) ? OUTCOME_DONE : remote_refused(ctx, remote);
}

bool
remote_try(const struct context *ctx, struct remote *remote, const char *line)
{
	return remote_try_daemon(ctx, remote, 1, line);
}

bool
remote_try_daemon(const struct context *ctx, struct remote *remote, int64_t daemon, const char *line)
{
	char *path = shard_name(ctx->conf->control_socket, daemon);
	const char *reason;

	*remote = (struct remote){ .json = NULL };
	if (ctl_request(path, line, TIMEOUT, &remote->text) != 0)
		snprintf(remote->error, sizeof(remote->error), "the signaling daemon does not answer on %s: %s",
		    path, strerror(errno));
	else if ((remote->json = json_parse_object(remote->text.data, remote->text.len, &reason)) == NULL)
		snprintf(remote->error, sizeof(remote->error), "the signaling daemon's answer makes no sense: %s",
		    reason);
	free(path);
	return remote->json != NULL && !is_refusal(remote, &reason);
}

void
remote_free(struct remote *remote)
{
	json_free(&remote->json);
	buf_free(&remote->text);
}

static bool
is_refusal(const struct remote *remote, const char **why_r)
{
	return json_get_text(remote->json, "error", why_r) == 1;
}

enum outcome
remote_refused(const struct context *ctx, const struct remote *remote)
{
	const char *why;

	if (remote->json == NULL)
		return context_fail(ctx, OUTCOME_BUSY, "%s", remote->error);
	if (!is_refusal(remote, &why))
		return remote_nonsense(ctx);
	return context_fail(ctx, OUTCOME_FAILED, "the signaling daemon refuses: %s", why);
}

enum outcome
remote_nonsense(const struct context *ctx)
{
	return context_fail(ctx, OUTCOME_FAILED, "the signaling daemon's answer makes no sense");
}

int64_t
remote_int(const struct remote *remote, const char *key)
{
	int64_t number;

	return json_get_int(remote->json, key, 0, INT64_MAX, &number) == 1 ? number : 0;
}

/* Who called listen(2) last (unix(7), SO_PEERCRED): no pid file can be as true.  -1 with errno. */
pid_t
remote_api(const struct context *ctx)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct ucred peer = { .pid = -1 };
	socklen_t size = sizeof(peer);
	int fd, saved;

	if (!str_copy(sun.sun_path, sizeof(sun.sun_path), ctx->conf->api_socket)) {
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
bool
remote_is_api(pid_t pid)
{
	return is_called(pid, API_NAME);
}

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

/* Whoever has its lock, for a moment, is not it.  In another container it has another pid there than here. */
bool
remote_hookd(const struct context *ctx, pid_t *pid_r)
{
	int fd = open(arena_printf(ctx->arena, "%s.hookd", ctx->conf->database), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool runs = fd != -1 && flock(fd, LOCK_SH | LOCK_NB) == -1;
	pid_t pid = runs ? read_pid(fd) : -1;

	if (fd != -1)
		close(fd);
	*pid_r = is_called(pid, HOOKD_NAME) ? pid : -1;
	return runs;
}

static pid_t
read_pid(int fd)
{
	char text[32];
	ssize_t n = read(fd, text, sizeof(text));
	int64_t pid;

	return n > 1 && str_to_int(text, (size_t)n - 1, 1, INT32_MAX, &pid) ? (pid_t)pid : -1;
}

bool
remote_reload_api(const struct context *ctx)
{
	pid_t pid = remote_api(ctx);

	return remote_is_api(pid) && kill(pid, SIGHUP) == 0;
}
