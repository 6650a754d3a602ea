/*
 * spare.h: descriptors that are held back, and given up when the process is about to
 * run out, so that the libraries find some: ZeroMQ aborts the process when its listener
 * meets EMFILE, SQLite fails a commit.
 */
#ifndef UNIO_SPARE_H
#define UNIO_SPARE_H

#include "base.h"
#include "bounds.h"

struct spare {
	int	fd[BOUND_SPARE_FDS];
	bool	held;
};

/* Takes them, if so many are to be had. */
void	spare_init(struct spare *spare);
/* Looks how many there are left: gives the spare ones up, or takes them back; false: no new connection, please. */
bool	spare_check(struct spare *spare);
void	spare_close(struct spare *spare);

#endif
