/*
 * confine.h: what a program gives up when it has started, so that whoever breaks into it
 * gets no further.  On top of what a service manager takes away, and for those without one.
 *
 * For this process, all of its threads, and all that it forks: no program is executed, no
 * other process looked into, no right gained, nothing of the kernel's administration asked
 * for (EPERM, and a line in the kernel's audit log); no core dump; no memory that can be
 * written to and executed (Linux 6.3).  All of it is for good, but for confine_hide().
 *
 * A list of what is refused, not of what is allowed: a library or a C library that asks for
 * something new goes on working.  By our own filter, since two dozen instructions of it do
 * not make up for a library more.  Files are left to the service units: landlock's rules hold
 * on to directories as they were, and /run/unio may be another one after a restart.
 *
 * Sanitizers look into their own process as a debugger does: in their builds nothing is done.
 */
#ifndef UNIO_CONFINE_H
#define UNIO_CONFINE_H

#include "base.h"

/* Whether this build can do it at all. */
bool	confine_can(void);

/* When everything is open.  What the kernel does not know is said in the log, and done without. */
void	confine_start(void);

/* Whether other processes of the same user may look into this one (proc(5), gdb). */
void	confine_hide(bool hide);

#endif
