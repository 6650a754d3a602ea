/*
 * cors.h: which pages may use the server: the Origin that a browser names (RFC 6454 7) against what is allowed.
 *
 * Nothing goes by cookies here, so that a foreign page has nothing but what its user gives it; the list keeps a
 * page from being used for that.  Without a list nobody is judged: browsers themselves keep foreign pages from REST,
 * where nothing lets them in.  Who names no Origin is no browser, and is not judged.  Pure.
 */
#ifndef UNIO_CORS_H
#define UNIO_CORS_H

#include "base.h"
#include "conf.h"

/* What a request says: all of it may be forged by whoever is no browser. */
enum cors_verdict {
	CORS_NONE,		/* no Origin, the server's own, or no list: as if nothing was said */
	CORS_ALLOWED,
	CORS_REFUSED
};

#define CORS_ORIGIN_MAX	270	/* bytes: a scheme, a name of 255 (RFC 1035 2.3.4), a port */

/*
 * origin NULL: the header is absent; host: of the request, or NULL.  The server's own origin is public_url's, or
 * whatever has the request's host: a page cannot choose either.
 */
enum cors_verdict	cors_judge(const struct conf *conf, const char *origin, const char *host);
/* As a browser writes an origin: nothing that could mean more in a header; bool. */
bool			cors_is_origin(const char *origin);
/* Every entry is an origin as browsers write it; bool. */
NODISCARD bool		cors_list_valid(const char *origins);

#endif
