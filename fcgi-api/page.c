#include <stdio.h>
#include <string.h>

#include "digest.h"
#include "page.h"
#include "str.h"

#define ID_DIGITS	16	/* an int64_t in hexadecimal */
#define CHECK_DIGITS	8
#define CURSOR_SIZE	(1 + ID_DIGITS + CHECK_DIGITS + 1)

static void	cursor_format(char dst[CURSOR_SIZE], char list, int64_t id);
static bool	cursor_parse(const char *cursor, char list, int64_t *id_r);

bool
page_read(const struct context *c, struct reply *r, char list, struct page *page_r)
{
	struct page page = { .list = list, .limit = LIMIT_PAGE };
	const char *text;
	int64_t limit;
	int found;

	if ((found = page_query(c, r, "limit", &text)) < 0)
		return false;
	if (found == 1) {
		if (!str_to_int(text, strlen(text), 1, LIMIT_PAGE_MAX, &limit)) {
			reply_bad_field(r, "limit", "limit must be between 1 and %d", LIMIT_PAGE_MAX);
			return false;
		}
		page.limit = (size_t)limit;
	}
	if ((found = page_query(c, r, "cursor", &text)) < 0)
		return false;
	if (found == 1 && !cursor_parse(text, list, &page.before_id)) {
		reply_bad_field(r, "cursor", "cursor must be a next_cursor of this list");
		return false;
	}
	*page_r = page;
	return true;
}

int
page_query(const struct context *c, struct reply *r, const char *name, const char **value_r)
{
	int found = request_query(c->request, c->arena, name, value_r);

	if (found < 0)
		reply_bad_field(r, name, "%s is badly encoded", name);
	return found;
}

size_t
page_rows(const struct page *page)
{
	return page->limit + 1;
}

size_t
page_shown(const struct page *page, size_t n)
{
	return MIN(n, page->limit);
}

void
page_emit_next(const struct page *page, struct emit *e, size_t n, int64_t last_id)
{
	char cursor[CURSOR_SIZE];

	if (n <= page->limit) {
		emit_null(e, "next_cursor");
		return;
	}
	cursor_format(cursor, page->list, last_id);
	emit_text(e, "next_cursor", cursor);
}

static void
cursor_format(char dst[CURSOR_SIZE], char list, int64_t id)
{
	char check[DIGEST_SHA256_SIZE];

	snprintf(dst, CURSOR_SIZE, "%c%0*llx", list, ID_DIGITS, (unsigned long long)id);
	digest_sha256(check, dst, strlen(dst));
	memcpy(dst + 1 + ID_DIGITS, check, CHECK_DIGITS);
	dst[CURSOR_SIZE - 1] = '\0';
}

/* Reads the digits and writes the cursor anew: only what we would write ourselves is one. */
static bool
cursor_parse(const char *cursor, char list, int64_t *id_r)
{
	char again[CURSOR_SIZE];
	unsigned long long id;

	if (strlen(cursor) != CURSOR_SIZE - 1 || sscanf(cursor + 1, "%16llx", &id) != 1 || id == 0 || id > INT64_MAX)
		return false;
	cursor_format(again, list, (int64_t)id);
	if (strcmp(cursor, again) != 0)
		return false;
	*id_r = (int64_t)id;
	return true;
}
