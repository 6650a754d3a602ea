#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "str.h"
#include "table.h"

#define GAP	2	/* spaces between columns */

struct table_cell {
	const char		*text;
	size_t			 width;
	struct table_cell	*next;
};

static char	*cleaned(struct arena *, const char *);

void
table_init(struct table *t, struct arena *arena, const char *const *heading, size_t columns)
{
	size_t i;

	*t = (struct table){ .arena = arena, .columns = columns };
	for (i = 0; i < columns; i++)
		table_text(t, heading[i]);
}

void
table_text(struct table *t, const char *text)
{
	struct table_cell *cell = arena_alloc(t->arena, sizeof(*cell));
	size_t column = t->count % t->columns;

	cell->text = text != NULL ? cleaned(t->arena, text) : "-";
	cell->width = str_utf8_count(cell->text, strlen(cell->text));
	t->width[column] = MAX(t->width[column], cell->width);
	if (t->last != NULL)
		t->last->next = cell;
	else
		t->first = cell;
	t->last = cell;
	t->count++;
}

static char *
cleaned(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text), *p;

	for (p = copy; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == '\x7f')
			*p = '?';
	return copy;
}

void
table_int(struct table *t, int64_t number)
{
	table_text(t, arena_printf(t->arena, "%" PRId64, number));
}

void
table_time(struct table *t, int64_t wall_us)
{
	char text[CLOCK_TEXT_SIZE];

	if (wall_us == 0) {
		table_text(t, NULL);
		return;
	}
	clock_format(text, wall_us);
	table_text(t, arena_printf(t->arena, "%.19sZ", text));
}

/* The last column is not padded: no line ends in spaces. */
void
table_print(const struct table *t, struct buf *out)
{
	const struct table_cell *cell;
	size_t i = 0, column;

	for (cell = t->first; cell != NULL; cell = cell->next, i++) {
		column = i % t->columns;
		buf_adds(out, cell->text);
		if (column + 1 == t->columns)
			buf_addc(out, '\n');
		else
			buf_addf(out, "%*s", (int)(t->width[column] - cell->width) + GAP, "");
	}
}
