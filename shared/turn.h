/*
 * turn.h: the STUN and TURN servers of the site, as RTCPeerConnection wants them
 * (W3C WebRTC, RTCIceServer).
 *
 * Credentials are made, not stored: the user name says until when it is good, the
 * password is its HMAC under the secret that the TURN server shares (the convention
 * "A REST API For Access To TURN Services", which coturn calls use-auth-secret).
 * Whoever has one can guess at the secret at leisure, so that must be long.
 *
 * The struct is what a configuration says, with the secret in memory; it does not
 * change.  NULL in place of one has no servers.
 */
#ifndef UNIO_TURN_H
#define UNIO_TURN_H

#include "base.h"
#include "emit.h"

#define TURN_SECRET_MIN	16	/* bytes */
#define TURN_SECRETS	2	/* in a file: the one that signs, and the one that the servers still accept */

struct turn;

/*
 * urls: with commas.  secret_file "": none, which does for stun: URLs alone; otherwise one secret a line,
 * of which the first signs.  NULL with a sentence in error_r.
 */
struct turn	*turn_open(const char *urls, const char *secret_file, int64_t ttl_us, char *error_r,
    size_t error_size);
void		 turn_free(struct turn **turn);

/* When credentials made now stop working: a whole second. */
int64_t		 turn_expiry_us(const struct turn *turn, int64_t now_us);
/* [{"urls":[…]}, {"urls":[…],"username","credential"}], each only if there are such URLs. */
void		 turn_emit(struct emit *e, const char *key, const struct turn *turn, int64_t user_id, int64_t now_us);

#endif
