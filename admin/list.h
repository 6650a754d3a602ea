/*
 * list.h: a list of things, as a table, as tab-separated values or as a JSON array,
 * with --limit and --offset (ARGS_LIST).
 *
 *	if ((outcome = list_begin(&list, ctx, heading, COUNTOF(heading))) != OUTCOME_DONE)
 *		return outcome;
 *	while (... && !list_full(&list))
 *		if (list_takes(&list))
 *			one row of list.table, and one object of ctx->json
 *	list_end(&list);
 */
#ifndef UNIO_LIST_H
#define UNIO_LIST_H

#include "context.h"
#include "table.h"

#define LIST_PAGE	100	/* rows a query */

struct list {
	struct context	*ctx;
	struct table	 table;
	int64_t		 skip;		/* rows that are still passed over */
	int64_t		 left;		/* rows that are still wanted */
};

/* OUTCOME_DONE, or OUTCOME_USAGE after a message about --limit or --offset. */
NODISCARD enum outcome	list_begin(struct list *list, struct context *ctx, const char *const *heading, size_t columns);
/* One more has been found: shall it be shown? */
NODISCARD bool		list_takes(struct list *list);
/* No more need be looked for. */
bool			list_full(const struct list *list);
void			list_end(struct list *list);

/* How the options and the terminal want a table. */
enum table_form		list_form(const struct context *ctx);

#endif
