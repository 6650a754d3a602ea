/*
 * relay.h: what is kept from others in a meeting with ice_policy "relay", so that no
 * participant learns another's address: every candidate that is not a TURN server's,
 * and the address from which the TURN server was reached.
 */
#ifndef UNIO_RELAY_H
#define UNIO_RELAY_H

#include "frame.h"
#include "message.h"

struct hub;
struct session;

/* say_relay() without the addresses that must not be told; NULL if nothing is left to tell. */
struct message	*relay_filtered(struct hub *hub, const struct session *from, const struct frame *frame);
/* The text of an ICE candidate (RFC 8839 5.1), decoded or as in a JSON string, is of type relay; bool. */
bool		 relay_allows(struct slice candidate);
/*
 * Copies a JSON value without the a=candidate lines that are not of type relay, and with the unspecified
 * address in c= and a=rtcp lines and behind raddr.
 */
struct buf;
void		 relay_strip(struct slice value, struct buf *out);

#endif
