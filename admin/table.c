#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "str.h"
#include "table.h"

#define GAP	2	/* spaces between columns */

/* ECMA-48 8.3.117 */
#define BOLD	"\x1b[1m"
#define NORMAL	"\x1b[0m"

struct table_cell {
	const char		*text;
	size_t			 width;
	struct table_cell	*next;
};

static void	print_tsv(const struct table *, struct buf *);

void
table_init(struct table *t, struct arena *arena, enum table_form form, const char *const *heading, size_t columns)
{
	size_t i;

	*t = (struct table){ .arena = arena, .columns = columns, .form = form };
	for (i = 0; i < columns; i++)
		table_text(t, heading[i]);
}

void
table_text(struct table *t, const char *text)
{
	struct table_cell *cell = arena_alloc(t->arena, sizeof(*cell));
	size_t column = t->count % t->columns;

	cell->text = text != NULL && *text != '\0' ? table_clean(t->arena, text) : "-";
	cell->width = str_utf8_count(cell->text, strlen(cell->text));
	t->width[column] = MAX(t->width[column], cell->width);
	if (t->last != NULL)
		t->last->next = cell;
	else
		t->first = cell;
	t->last = cell;
	t->count++;
}

/* A control character of C1 has two bytes, and becomes two marks. */
const char *
table_clean(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text), *p;

	for (p = copy; *p != '\0'; p++) {
		bool c1 = (unsigned char)p[0] == 0xc2 && (unsigned char)p[1] >= 0x80 && (unsigned char)p[1] < 0xa0;

		if ((unsigned char)*p < ' ' || *p == '\x7f' || c1)
			*p = '?';
		if (c1)
			*++p = '?';
	}
	return copy;
}

void
table_int(struct table *t, int64_t number)
{
	table_text(t, arena_printf(t->arena, "%" PRId64, number));
}

void
table_id(struct table *t, int64_t id)
{
	if (id == 0)
		table_text(t, NULL);
	else
		table_int(t, id);
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
	if (t->form == TABLE_TSV)
		table_text(t, text);
	else
		table_text(t, arena_printf(t->arena, "%.19sZ", text));
}

/* The last column is not padded: no line ends in spaces. */
void
table_print(const struct table *t, struct buf *out)
{
	const struct table_cell *cell;
	size_t i = 0, column;

	if (t->form == TABLE_TSV) {
		print_tsv(t, out);
		return;
	}
	for (cell = t->first; cell != NULL; cell = cell->next, i++) {
		column = i % t->columns;
		if (i == 0 && t->form == TABLE_BOLD)
			buf_adds(out, BOLD);
		buf_adds(out, cell->text);
		if (i + 1 == t->columns && t->form == TABLE_BOLD)
			buf_adds(out, NORMAL);
		if (column + 1 == t->columns)
			buf_addc(out, '\n');
		else
			buf_addf(out, "%*s", (int)(t->width[column] - cell->width) + GAP, "");
	}
}

static void
print_tsv(const struct table *t, struct buf *out)
{
	const struct table_cell *cell;
	size_t i = 0;

	for (cell = t->first; cell != NULL; cell = cell->next, i++) {
		if (i < t->columns)
			continue;
		buf_adds(out, cell->text);
		/* no table is without columns: NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
		buf_addc(out, (i + 1) % t->columns == 0 ? '\n' : '\t');
	}
}
