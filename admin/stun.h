/*
 * stun.h: the few STUN and TURN messages that a client needs to ask for a relay address
 * (RFC 8489, RFC 8656).  Pure.
 */
#ifndef UNIO_STUN_H
#define UNIO_STUN_H

#include "buf.h"

#define STUN_ID		12	/* bytes of a transaction's id */

enum stun_method { STUN_BINDING = 0x001, STUN_ALLOCATE = 0x003, STUN_REFRESH = 0x004 };

/* Long-term credentials (RFC 8489 9.2); realm and nonce are the server's. */
struct stun_credential {
	const char	*username, *password;
	struct slice	 realm, nonce;
};

/* Slices point into what was read. */
struct stun_reply {
	bool		 success;
	int		 error;		/* 401 and so on; 0: none */
	struct slice	 reason, realm, nonce;
};

/*
 * A request in place of what out held, with a new id in id_r.  Allocate asks for UDP, refresh for the end of the
 * allocation.  credential NULL: unsigned.
 */
void		stun_request(struct buf *out, enum stun_method method, const struct stun_credential *credential,
    unsigned char id_r[STUN_ID]);
/* The first message's length if it is whole, 0 if it is not, -1 if it is no STUN message. */
int		stun_length(struct slice in);
/* The answer to that request; false if it is anything else. */
NODISCARD bool	stun_read(struct slice message, const unsigned char id[STUN_ID], struct stun_reply *reply_r);

#endif
