/*
 * page.h: lists in pages: limit, cursor, and next_cursor.
 *
 * A cursor is opaque to clients: the list's letter, the last id shown, and a check
 * sum, so that one made up by hand, or of another list, is refused.  A handler asks the
 * store for page_rows() rows, one more than it shows, to know whether there are more.
 */
#ifndef UNIO_PAGE_H
#define UNIO_PAGE_H

#include "handle.h"

struct page {
	char	list;		/* which list: 'm' meetings, 'c' calls */
	size_t	limit;
	int64_t	before_id;	/* 0: from the newest */
};

/* Reads limit and cursor from the query; false after a 400. */
NODISCARD bool	page_read(const struct context *c, struct reply *r, char list, struct page *page_r);
size_t		page_rows(const struct page *page);
/* How many of n rows are shown. */
size_t		page_shown(const struct page *page, size_t n);
/* Writes next_cursor after the results; last_id is that of the last row shown. */
void		page_emit_next(const struct page *page, struct emit *e, size_t n, int64_t last_id);
/* A query parameter that names one of a set; 1/0, -1 after a 400. */
NODISCARD int	page_query(const struct context *c, struct reply *r, const char *name, const char **value_r);

#endif
