/*
 * daemon.h: the parts of unio-signald, put together and taken apart in reverse.
 */
#ifndef UNIO_DAEMON_H
#define UNIO_DAEMON_H

#include "conf.h"

struct daemon;

/*
 * Opens everything, so that clients find an answer from now on; any failure is fatal, with a line in the log.
 * own: which of conf->daemons this is; conf then names that one's sockets.
 */
struct daemon	*daemon_open(struct conf *conf, const char *conf_path, int own);
/* Until SIGTERM or SIGINT, and then until every client is gone or drain_timeout is over. */
void		 daemon_run(struct daemon *daemon);
void		 daemon_close(struct daemon **daemon);

#endif
