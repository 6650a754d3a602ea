/*
 * deadline.h: a connection that is too slow is shut down, so that a blocking read or write
 * on it ends.
 *
 * A POSIX timer whose signal (SIGALRM) comes only when time is up: as long as everybody is
 * quick, beginning and ending cost two stores, and the timer is set again once in a
 * timeout.  What is shut down stays so: there is no instant just before a system call in
 * which the signal could be missed.  Calls that the signal interrupts are resumed; those
 * that are not (poll and its kind) must be ready for EINTR.
 */
#ifndef UNIO_DEADLINE_H
#define UNIO_DEADLINE_H

#include "base.h"

struct deadline;

/* NULL with errno.  It must not be freed between begin and end. */
struct deadline	*deadline_new(int64_t timeout_us);
void		 deadline_free(struct deadline **deadline);
/* From now on fd has the timeout's time; then it is shut down, how as in shutdown(2). */
void		 deadline_begin(struct deadline *deadline, int fd, int how);
/* Before fd is closed. */
void		 deadline_end(struct deadline *deadline);

#endif
