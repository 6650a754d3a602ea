/*
 * relay.h: what is kept from others in a meeting with ice_policy "relay", so that no
 * participant learns another's address: every candidate that is not a TURN server's, and
 * what else sdp.h knows.  What cannot be judged is not told.
 */
#ifndef UNIO_RELAY_H
#define UNIO_RELAY_H

#include "frame.h"
#include "message.h"

struct hub;
struct session;

/* say_relay() without the addresses that must not be told; NULL if nothing is left to tell. */
struct message	*relay_filtered(struct hub *hub, const struct session *from, const struct frame *frame);

#endif
