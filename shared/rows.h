/*
 * rows.h: an array that grows in an arena while the rows of a query are read.
 *
 *	struct rows rows = rows_in(arena, sizeof(struct call));
 *	while ((rc = db_step(st)) == 1)
 *		read_call(st, arena, rows_add(&rows));
 *
 * The arena owns the array; a pointer into it holds until the next rows_add().
 */
#ifndef UNIO_ROWS_H
#define UNIO_ROWS_H

#include "base.h"
#include "db.h"
#include "mem.h"

struct rows {
	struct arena	*arena;
	size_t		 size;		/* of one */
	size_t		 n;
	size_t		 cap;
	void		*data;		/* NULL while empty */
};

struct rows	 rows_in(struct arena *arena, size_t size);
/* Room for one more, zeroed. */
void		*rows_add(struct rows *rows);
/* The first column of all rows of a query, which is done then; int. */
NODISCARD int	 rows_ids(struct arena *arena, struct db_stmt *st, int64_t **ids_r, size_t *n_r);

#endif
