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
