/*
 * tally_table.h: what the API's figures are called: names by Prometheus' conventions
 * (prometheus.io/docs/practices/naming), and their labels; for tally.c alone.
 */
#ifndef UNIO_TALLY_TABLE_H
#define UNIO_TALLY_TABLE_H

#include "tally.h"

/* All workers together; all of int64_t. */
struct tally_all {
	struct tally_figures	figures;
	int64_t			workers, workers_max;
	int64_t			starts;
	int64_t			ends[TALLY_ENDS];
	int64_t			database_bytes, wal_bytes;
};

/* Where each is counted; what is not in its table has the last place of it. */
size_t	tally_table_route(const struct route *route);
size_t	tally_table_status(int status);
size_t	tally_table_code(const char *code);

void	tally_table_write(const struct tally_all *all, struct buf *out);

#endif
