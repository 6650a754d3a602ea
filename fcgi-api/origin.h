/*
 * origin.h: by which address the client reaches us.
 *
 * The key public_url says it; without that, the request does, as far as it is to be
 * believed: its Host, its scheme, and X-Forwarded-Proto if the socket's peer is a proxy
 * of ours (peer.h).  And which pages may: those of other origins only if they are allowed.
 * Pure.
 */
#ifndef UNIO_ORIGIN_H
#define UNIO_ORIGIN_H

#include "base.h"
#include "conf.h"
#include "mem.h"
#include "reply.h"
#include "request.h"

/* "ws://host:port" or "wss://…", arena text; NULL if the request names no host that could stand in a URL. */
const char	*origin_socket(const struct conf *conf, const struct request *request, struct arena *arena);

/*
 * May a page of the Origin that the request names use us (cors.h)?  False: the reply is an answer to a preflight,
 * or says no.
 */
NODISCARD bool	 origin_admit(const struct conf *conf, const struct request *request, struct reply *r);
/* What browsers must be told of a reply that is ready. */
void		 origin_mark(const struct conf *conf, const struct request *request, struct reply *r);

#endif
