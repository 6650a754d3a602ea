/*
 * upgrade.h: a WebSocket client for one question (RFC 6455): does a connection come
 * about, and how does it end?
 */
#ifndef UNIO_UPGRADE_H
#define UNIO_UPGRADE_H

#include "buf.h"
#include "http.h"

struct upgrade {
	struct http_stream	*stream;
	struct buf		 in;
	char			 error[HTTP_ERROR];
	int			 status;	/* of the answer to the upgrade; 0: none */
	bool			 subprotocol;	/* the answer named unio.v1 */
	int			 close;		/* the close frame's code; 0: none came */
};

/*
 * Connects to url (http:// or https://) and asks for path as a page of origin, offering unio.v1, with a made-up
 * X-Forwarded-For; bool: it was upgraded.  upgrade_free() in any case.
 */
NODISCARD bool	upgrade_open(struct upgrade *upgrade, const char *url, const char *path, const char *origin,
    const char *forwarded_for, bool verify);
/* Sends one short text frame, and waits for the close frame: its code is then in close; bool. */
NODISCARD bool	upgrade_end(struct upgrade *upgrade, const char *text);
void		upgrade_free(struct upgrade *upgrade);

#endif
