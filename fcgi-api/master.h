/*
 * master.h: keeps the workers.
 *
 * It serves nothing itself and touches no database: it forks, waits, and forks again.
 * A worker that dies is replaced at once, one that keeps dying within a second after
 * a growing pause.  HUP reads the configuration again and, if it is good, replaces the
 * workers one by one, each after it has finished its request; the others go on taking
 * connections meanwhile.
 */
#ifndef UNIO_MASTER_H
#define UNIO_MASTER_H

#include "conf.h"
#include "rate.h"
#include "tally.h"

/* Until SIGTERM or SIGINT; the exit code.  conf becomes the newest configuration.  tally NULL: nothing is counted. */
int	master_run(struct conf **conf, const char *conf_path, struct rate *rate, struct tally *tally, int listen_fd);
/* The configuration read again and found fit to take the running one's place, or NULL after a line in the log. */
struct conf	*master_reload(const char *conf_path, const struct conf *running);
/* No other process looks into us (confine.h), unless the metrics' teller has to, who reads /proc/PID of all. */
void	master_hide(const struct conf *conf);

#endif
