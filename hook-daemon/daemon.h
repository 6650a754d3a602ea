/*
 * daemon.h: the parts of unio-hookd, put together and taken apart in reverse.
 */
#ifndef UNIO_DAEMON_H
#define UNIO_DAEMON_H

#include "conf.h"

struct daemon;

/* Opens everything; any failure is fatal, with a line in the log.  The configuration is lent until a reload. */
struct daemon	*daemon_open(const struct conf *conf, const char *conf_path);
/* Until SIGTERM or SIGINT, and then until what is under way has come to its end, or drain_timeout is over. */
void		 daemon_run(struct daemon *daemon);
void		 daemon_close(struct daemon **daemon);

#endif
