/* The descriptions of this interface, from within the program. */
#include <string.h>

#include "handle.h"
#include "published.h"

static const struct published	*find(const char *name);
static bool	client_has(const char *if_none_match, const char *etag);

/* The path's last part is the name of one: the routes know no others. */
void
handle_openapi_get(struct context *c, struct reply *r)
{
	const struct published *document = find(c->request->segment[c->request->segments - 1]);
	bool same;

	if (document == NULL) {
		reply_not_found(r, "description");
		return;
	}
	same = client_has(c->request->if_none_match, document->etag);
	(void)reply_ok(r, same ? 304 : 200);
	r->etag = document->etag;
	r->cache_control = "no-cache";
	if (!same)
		buf_add(&r->body, document->text, document->length);
}

static const struct published *
find(const char *name)
{
	for (size_t i = 0; i < published_count; i++)
		if (strcmp(published[i].name, name) == 0)
			return &published[i];
	return NULL;
}

/* The weak comparison of RFC 9110 13.1.2: a tag has no comma, and ours no W/. */
static bool
client_has(const char *if_none_match, const char *etag)
{
	if (if_none_match == NULL)
		return false;
	return strcmp(if_none_match, "*") == 0 || strstr(if_none_match, etag) != NULL;
}
