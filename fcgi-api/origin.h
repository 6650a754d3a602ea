/*
 * origin.h: by which address the client reaches us.
 *
 * The key public_url says it; without that, the request does, as far as it is to be
 * believed: its Host, its scheme, and X-Forwarded-Proto if the socket's peer is a proxy
 * of ours (peer.h).  Pure.
 */
#ifndef UNIO_ORIGIN_H
#define UNIO_ORIGIN_H

#include "base.h"
#include "conf.h"
#include "mem.h"
#include "request.h"

/* "ws://host:port" or "wss://…", arena text; NULL if the request names no host that could stand in a URL. */
const char	*origin_socket(const struct conf *conf, const struct request *request, struct arena *arena);

#endif
