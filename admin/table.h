/*
 * table.h: aligned columns for a person to read.
 *
 *	table_init(&t, arena, heading, COUNTOF(heading));	"ID", "EMAIL"
 *	table_int(&t, 1);
 *	table_text(&t, "a@example.org");
 *	table_print(&t, &out);
 *
 * Cells are taken row by row and live in the arena.  Control characters in them are
 * shown as "?", so that no name can play tricks on a terminal, or on a script that
 * splits lines.  As tab-separated values there is no heading, and times are whole.
 */
#ifndef UNIO_TABLE_H
#define UNIO_TABLE_H

#include "base.h"
#include "buf.h"
#include "mem.h"

#define TABLE_COLUMNS	9	/* at most, and the widest */

enum table_form {
	TABLE_PLAIN,
	TABLE_BOLD,	/* the heading, for a terminal */
	TABLE_TSV
};

struct table {
	struct arena		*arena;
	size_t			 columns;
	enum table_form		 form;
	size_t			 width[TABLE_COLUMNS];	/* in characters */
	struct table_cell	*first, *last;
	size_t			 count;
};

/* As many columns as there are headings. */
void	table_init(struct table *t, struct arena *arena, enum table_form form, const char *const *heading,
    size_t columns);
/* NULL and "" are shown as "-". */
void	table_text(struct table *t, const char *text);
void	table_int(struct table *t, int64_t number);
/* 0, which nothing has, is shown as "-". */
void	table_id(struct table *t, int64_t id);
/* UTC, to the second; in TSV as the API has it; 0 is shown as "-". */
void	table_time(struct table *t, int64_t wall_us);
/* The text with a "?" for every control character, in the arena. */
const char *table_clean(struct arena *arena, const char *text);
void	table_print(const struct table *t, struct buf *out);

#endif
