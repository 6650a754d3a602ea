/*
 * request.h: what was asked, whichever edge (fcgi.c, cgi.c) it came through.
 *
 * The edge gives the variables of RFC 3875 and the body; request_target() makes path
 * and query of them.  Routing looks at REQUEST_URI alone: SCRIPT_NAME and PATH_INFO
 * differ in every web server.  Pure.  Texts belong to the arena of the request or to
 * the edge, both longer-lived than any use of them; body is the edge's.
 */
#ifndef UNIO_REQUEST_H
#define UNIO_REQUEST_H

#include "base.h"
#include "buf.h"
#include "mem.h"
#include "sizes.h"

#define REQUEST_ID		22	/* characters, see str_random() */
#define REQUEST_SEGMENTS	8	/* of a path; the longest route has 5 */

/* How far the body came. */
enum request_body {
	REQUEST_BODY_WHOLE,
	REQUEST_BODY_TOO_LARGE,		/* over LIMIT_BODY: read to its end, not kept */
	REQUEST_BODY_CUT		/* ended before the announced length */
};

struct request {
	/* from the edge; NULL where the variable is absent */
	const char		*method;
	const char		*uri;
	const char		*remote_address;	/* of the front server's peer; NULL: a unix socket */
	const char		*forwarded_for;
	const char		*authorization;
	const char		*content_type;
	const char		*content_length;
	const char		*idempotency_key;
	const char		*if_none_match;
	const char		*user_agent;
	const char		*origin;
	const char		*wanted_method;		/* of a preflight */
	const char		*host;
	const char		*scheme;		/* "http" or "https", between client and front server */
	const char		*forwarded_proto;
	struct buf		 body;
	enum request_body	 body_state;

	/* from request_start() and request_target() */
	char			 id[REQUEST_ID + 1];
	char			 address[LIMIT_ADDRESS];	/* of the client, by the rule of peer.h */
	const char		*path;				/* without query, as sent; for the log */
	const char		*query;				/* "" if there is none */
	const char		*segment[REQUEST_SEGMENTS];	/* decoded, below base_path */
	size_t			 segments;
};

/*
 * Forgets the last request (keeping the body's memory), takes its variables from an environment as environ(7) is, of
 * several with the same name the first, and makes an id.
 */
void		request_start(struct request *request, char *const *environment);
/* Overwrites the body, in which a password may stand. */
void		request_wipe(struct request *request);
/*
 * Splits and decodes the path below base_path: 1, 0 not below it or too deep, -1 no path at all
 * (bad escape, %00, %2F, ill-formed UTF-8).
 */
NODISCARD int	request_target(struct request *request, struct arena *arena, const char *base_path);
/* The decoded value of a query parameter, the first if there are several; 1/0, -1 if it cannot be decoded. */
NODISCARD int	request_query(const struct request *request, struct arena *arena, const char *name,
    const char **value_r);
/* The announced length of the body; 1, 0 none was announced, -1 nonsense was. */
NODISCARD int	request_length(const struct request *request, int64_t *length_r);
/* The Content-Type is JSON, or there is none; bool. */
bool		request_is_json(const struct request *request);
/* The path's segments without a trailing slash, so that both spellings are one; arena text. */
const char	*request_canonical(const struct request *request, struct arena *arena);

#endif
