#include <string.h>

#include "scrape.h"

#define PATH	"/metrics"

static bool	is_path(const char *p, size_t n);
static bool	is_version(const char *p, size_t n);

/* Only the first line says anything to us (RFC 9112 3); the head ends with an empty one. */
int
scrape_status(const char *p, size_t n)
{
	const char *end = memmem(p, n, "\r\n\r\n", 4);
	const char *line_end = memmem(p, n, "\r\n", 2);
	const char *target, *version;

	if (memchr(p, '\0', n) != NULL)
		return 400;
	if (end == NULL)
		return n < SCRAPE_REQUEST ? 0 : 400;
	target = memchr(p, ' ', (size_t)(line_end - p));
	version = target != NULL ? memchr(target + 1, ' ', (size_t)(line_end - target - 1)) : NULL;
	if (version == NULL || target == p || !is_version(version + 1, (size_t)(line_end - version - 1)))
		return 400;
	if (!is_path(target + 1, (size_t)(version - target - 1)))
		return 404;
	return target - p == 3 && memcmp(p, "GET", 3) == 0 ? 200 : 405;
}

/* A query changes nothing. */
static bool
is_path(const char *p, size_t n)
{
	const char *query = memchr(p, '?', n);
	size_t path = query != NULL ? (size_t)(query - p) : n;

	return path == strlen(PATH) && memcmp(p, PATH, path) == 0;
}

static bool
is_version(const char *p, size_t n)
{
	return n == strlen("HTTP/1.1") && (memcmp(p, "HTTP/1.1", n) == 0 || memcmp(p, "HTTP/1.0", n) == 0);
}
