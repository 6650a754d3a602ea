#include <string.h>

#include "rows.h"

#define FIRST_CAP	16

struct rows
rows_in(struct arena *arena, size_t size)
{
	return ((struct rows){ .arena = arena, .size = size });
}

void *
rows_add(struct rows *rows)
{
	if (rows->n == rows->cap) {
		size_t	 cap = rows->cap == 0 ? FIRST_CAP : rows->cap * 2;
		void	*data = arena_alloc(rows->arena, cap * rows->size);

		if (rows->n > 0)
			memcpy(data, rows->data, rows->n * rows->size);
		rows->data = data;
		rows->cap = cap;
	}
	return ((char *)rows->data + rows->n++ * rows->size);
}

int
rows_ids(struct arena *arena, struct db_stmt *st, int64_t **ids_r, size_t *n_r)
{
	struct rows	 rows = rows_in(arena, sizeof(int64_t));
	int64_t		*id;
	int		 rc;

	while ((rc = db_step(st)) == 1) {
		id = rows_add(&rows);
		*id = db_int(st, 0);
	}
	db_done(st);
	if (rc == -1)
		return (-1);
	*ids_r = rows.data;
	*n_r = rows.n;
	return (0);
}
