/*
 * remote.h: talking to the programs that run: to the signaling daemon by its control
 * socket (ctl.h), to unio-api and unio-hookd by a signal.
 */
#ifndef UNIO_REMOTE_H
#define UNIO_REMOTE_H

#include <sys/types.h>

#include "context.h"
#include "json.h"

#define REMOTE_ERROR	256	/* bytes of a sentence */

/* What came back: the line as it is, and as a tree. */
struct remote {
	struct buf	 text;
	struct json	*json;		/* NULL: no answer, and error says why */
	char		 error[REMOTE_ERROR];
};

/*
 * Asks the daemon, the first of several or that one; remote_free() in any case.  OUTCOME_DONE, or another one after
 * a message.
 */
NODISCARD enum outcome	remote_ask(const struct context *ctx, struct remote *remote, const char *line);
NODISCARD enum outcome	remote_ask_daemon(const struct context *ctx, struct remote *remote, int64_t daemon,
    const char *line);
/* The same without a message; bool: an answer came, and it is not a refusal. */
NODISCARD bool		remote_try(const struct context *ctx, struct remote *remote, const char *line);
NODISCARD bool		remote_try_daemon(const struct context *ctx, struct remote *remote, int64_t daemon,
    const char *line);
void			remote_free(struct remote *remote);
/* Says why remote_try() was false. */
enum outcome		remote_refused(const struct context *ctx, const struct remote *remote);
/* That the answer has not what was asked for. */
enum outcome		remote_nonsense(const struct context *ctx);
/* A number of the answer, 0 if it is not there. */
int64_t			remote_int(const struct remote *remote, const char *key);

/* Who listens on the API's socket, or -1 with errno; is it unio-api itself, or a web server? */
pid_t			remote_api(const struct context *ctx);
bool			remote_is_api(pid_t pid);
/* Whether unio-hookd works on this database (it holds its lock), and its pid; -1: that cannot be said. */
bool			remote_hookd(const struct context *ctx, pid_t *pid_r);
/* Has unio-api replace its workers; bool, in silence. */
NODISCARD bool		remote_reload_api(const struct context *ctx);

#endif
