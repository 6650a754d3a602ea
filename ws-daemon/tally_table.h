/*
 * tally_table.h: what the daemon's figures are called: names by Prometheus' conventions
 * (prometheus.io/docs/practices/naming), and their labels; for tally.c alone.
 */
#ifndef UNIO_TALLY_TABLE_H
#define UNIO_TALLY_TABLE_H

#include "tally.h"

extern const char *const	tally_table_resume[TALLY_RESUMES];

void	tally_table_write(const struct tally *tally, struct buf *out);

#endif
