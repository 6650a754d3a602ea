/*
 * upgrade.h: whether a request may become a WebSocket: what HTTP itself has to say of it.
 */
#ifndef UNIO_UPGRADE_H
#define UNIO_UPGRADE_H

#include "cors.h"
#include "hub.h"

#define UPGRADE_HOST	264	/* bytes of a Host header: a name of 255 (RFC 1035 2.3.4), a colon and a port */

/* What it says. */
struct upgrade {
	bool	get;
	char	version[8];
	char	key[32];
	bool	named;				/* it names an Origin */
	char	origin[CORS_ORIGIN_MAX + 2];	/* "": one that is longer than any */
	char	host[UPGRADE_HOST];		/* "": none */
	char	address[LIMIT_ADDRESS];
};

/* The HTTP reply, whole, to a request that may not; NULL: it may.  Counts as an attempt of that address. */
const char	*upgrade_refusal(struct hub *hub, const struct upgrade *upgrade);

#endif
