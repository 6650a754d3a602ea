/*
 * ready.h: what the service manager is told about us: that we serve, reload, stop, and
 * are alive.
 *
 * The protocol of sd_notify(3): one datagram of KEY=VALUE lines to the socket that
 * NOTIFY_SOCKET names.  Without that variable nothing is sent, and a manager that does
 * not listen is no error of ours: nothing here fails.  A status is a sentence for a
 * person, shown by systemctl status.
 */
#ifndef UNIO_READY_H
#define UNIO_READY_H

#include "base.h"

/* Requests are answered from now on; also the end of a reload. */
void	ready_up(const char *status);
/* The configuration is being read again; ready_up() ends it, whatever came of it. */
void	ready_reloading(void);
void	ready_stopping(const char *status);
/* A sign of life, to be given every ready_interval(); status may be NULL. */
void	ready_alive(const char *status);

/*
 * How often the manager wants a sign of life from this very process, in microseconds:
 * half of the time after which it would kill us (sd_watchdog_enabled(3)); 0: never.
 */
int64_t	ready_interval(void);

#endif
