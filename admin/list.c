#include "list.h"

enum outcome
list_begin(struct list *list, struct context *ctx, const char *const *heading, size_t columns)
{
	enum outcome outcome;

	*list = (struct list){ .ctx = ctx };
	if ((outcome = context_number(ctx, ARGS_OFFSET, 0, 0, &list->skip)) != OUTCOME_DONE ||
	    (outcome = context_number(ctx, ARGS_LIMIT, 1, INT64_MAX, &list->left)) != OUTCOME_DONE)
		return outcome;
	table_init(&list->table, ctx->arena, list_form(ctx), heading, columns);
	emit_array(&ctx->json, NULL);
	return OUTCOME_DONE;
}

bool
list_takes(struct list *list)
{
	if (list->skip > 0) {
		list->skip--;
		return false;
	}
	if (list->left == 0)
		return false;
	list->left--;
	return true;
}

bool
list_full(const struct list *list)
{
	return list->left == 0;
}

void
list_end(struct list *list)
{
	emit_end(&list->ctx->json);
	table_print(&list->table, &list->ctx->text);
}

enum table_form
list_form(const struct context *ctx)
{
	if (args_given(ctx->args, ARGS_TSV))
		return TABLE_TSV;
	return ctx->colour ? TABLE_BOLD : TABLE_PLAIN;
}
