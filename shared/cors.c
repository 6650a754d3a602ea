#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "cors.h"
#include "str.h"

#define SCHEME_END	"://"

static const char	*host_of(struct slice origin);
static bool		 is_listed(const char *origins, struct slice origin);
static bool		 is_origin(struct slice text);
static bool		 next(const char **list, struct slice *item_r);

enum cors_verdict
cors_judge(const struct conf *conf, const char *origin, const char *host)
{
	struct slice text;
	const char *named;

	if (origin == NULL || *conf->allowed_origins == '\0')
		return CORS_NONE;
	text = str_slice(origin);
	named = host_of(text);
	if ((*conf->public_url != '\0' && str_equal(text, conf->public_url)) ||
	    (named != NULL && host != NULL && strcasecmp(named, host) == 0))
		return CORS_NONE;
	if (strcmp(conf->allowed_origins, "*") == 0)
		return cors_is_origin(origin) ? CORS_ALLOWED : CORS_REFUSED;
	return is_listed(conf->allowed_origins, text) ? CORS_ALLOWED : CORS_REFUSED;
}

bool
cors_list_valid(const char *origins)
{
	size_t n = strlen(origins);
	struct slice item;

	while (next(&origins, &item))
		if (!is_origin(item))
			return false;
	return n == 0 || origins[-1] != ',';
}

bool
cors_is_origin(const char *origin)
{
	return strcmp(origin, "null") == 0 || is_origin(str_slice(origin));
}

/* What stands behind the scheme; NULL: there is none, as in "null". */
static const char *
host_of(struct slice origin)
{
	const char *end = origin.n > 0 ? memmem(origin.p, origin.n, SCHEME_END, sizeof(SCHEME_END) - 1) : NULL;

	return end != NULL ? end + sizeof(SCHEME_END) - 1 : NULL;
}

/* Byte for byte: browsers write one origin in one way. */
static bool
is_listed(const char *origins, struct slice origin)
{
	struct slice item;

	while (next(&origins, &item))
		if (item.n == origin.n && memcmp(item.p, origin.p, item.n) == 0)
			return true;
	return false;
}

/* A scheme, a host in lower case, perhaps a port; no path.  Applications have schemes of their own. */
static bool
is_origin(struct slice text)
{
	const char *host = host_of(text), *end = text.p + text.n;

	if (host == NULL || host == end || text.n > CORS_ORIGIN_MAX || !islower((unsigned char)*text.p))
		return false;
	for (const char *p = text.p; p < end; p++)
		if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) &&
		    strchr(p < host ? "+-.:/" : ".-_:[]", *p) == NULL)
			return false;
	return true;
}

/* The next entry of a list; false at its end.  An empty list has none. */
static bool
next(const char **list, struct slice *item_r)
{
	const char *p = *list, *end;

	if (p == NULL || *p == '\0')
		return false;
	end = strchrnul(p, ',');
	*item_r = str_trim((struct slice){ p, (size_t)(end - p) });
	*list = *end == ',' ? end + 1 : end;
	return true;
}
