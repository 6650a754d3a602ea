#include <string.h>
#include <strings.h>

#include "cors.h"
#include "origin.h"
#include "peer.h"

#define HOST_MAX	261	/* a name of 255 bytes (RFC 1035 2.3.4), a colon and a port */

static bool	is_secure(const struct conf *conf, const struct request *request);
static bool	is_host(const char *text);

const char *
origin_socket(const struct conf *conf, const struct request *request, struct arena *arena)
{
	static const char http[] = "http";

	/* http is to ws as https is to wss */
	if (*conf->public_url != '\0')
		return arena_printf(arena, "ws%s", conf->public_url + strlen(http));
	if (request->host == NULL || !is_host(request->host))
		return NULL;
	return arena_printf(arena, "ws%s://%s", is_secure(conf, request) ? "s" : "", request->host);
}

/*
 * A page that may not is told so by the request itself, which it may read, rather than by the preflight, after which a
 * browser tells it nothing: it would try for ever.
 */
bool
origin_admit(const struct conf *conf, const struct request *request, struct reply *r)
{
	enum cors_verdict verdict = cors_judge(conf, request->origin, request->host);

	if (verdict != CORS_NONE && request->wanted_method != NULL && strcmp(request->method, "OPTIONS") == 0) {
		reply_no_content(r);
		r->allow = NULL;
		r->preflight = true;
		return false;
	}
	if (verdict == CORS_REFUSED)
		reply_error(r, 403, "origin_refused", NULL, "pages of this origin may not use this server");
	return verdict != CORS_REFUSED;
}

void
origin_mark(const struct conf *conf, const struct request *request, struct reply *r)
{
	r->varies = *conf->allowed_origins != '\0';
	if (cors_judge(conf, request->origin, request->host) != CORS_NONE && cors_is_origin(request->origin))
		r->allow_origin = request->origin;
}

/* Of several proxies the first one to be reached, which is the client's, stands first. */
static bool
is_secure(const struct conf *conf, const struct request *request)
{
	static const char https[] = "https";
	const char *peer = request->remote_address != NULL ? request->remote_address : "";
	const char *scheme = request->scheme;

	if (request->forwarded_proto != NULL && peer_is_trusted(conf->trusted_proxies, peer))
		scheme = request->forwarded_proto;
	return scheme != NULL && strncasecmp(scheme, https, sizeof(https) - 1) == 0 &&
	    strchr(", ", scheme[sizeof(https) - 1]) != NULL;
}

/* What RFC 3986 3.2.2 lets stand there, without the letters that nobody's host has. */
static bool
is_host(const char *text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]";
	size_t n = strspn(text, allowed);

	return n > 0 && n <= HOST_MAX && text[n] == '\0';
}
