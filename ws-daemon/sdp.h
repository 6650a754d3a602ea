/*
 * sdp.h: network addresses in session descriptions (RFC 8866) and ICE candidates
 * (RFC 8839), found in JSON as it stands.
 *
 * Every string of a JSON text is read as the client that gets it would read it, line by
 * line, whatever the escapes; what must go is cut out of the text as it came, so that all
 * else stays byte for byte.  Takes a text that scan_text() has accepted.  Pure.
 */
#ifndef UNIO_SDP_H
#define UNIO_SDP_H

#include "base.h"
#include "buf.h"

/* An ICE candidate, "candidate:…" as decoded text, is a TURN server's; bool. */
bool	sdp_is_relay(struct slice candidate);
/*
 * Copies a JSON text without its candidates that are no TURN server's, and with the unspecified address in
 * place of those behind raddr and in the lines o=, c= and a=rtcp.
 */
void	sdp_hide(struct slice json, struct buf *out);

#endif
