/*
 * process.h: what the kernel says about a process of ours (proc(5)).
 */
#ifndef UNIO_PROCESS_H
#define UNIO_PROCESS_H

#include <sys/types.h>

#include "base.h"

struct process {
	int64_t	descriptors;		/* open now */
	int64_t	descriptors_max;
	int64_t	memory;			/* bytes that are its own: private, resident */
};

/* False if there is none, or it is another user's. */
NODISCARD bool	process_look(pid_t pid, struct process *process_r);

#endif
