/*
 * claim.h: resume tokens: which session each of them is good for, and, of a session
 * that has ended, for a while why it cannot be resumed.
 *
 * Only a token's SHA-256 is kept.  A claim lives as long as its session; after that it
 * stays for resume_ttl if its end is worth telling (a gap, a revocation), and any
 * other token is unknown.  How many of the ended are remembered is bounded.
 */
#ifndef UNIO_CLAIM_H
#define UNIO_CLAIM_H

#include <uthash.h>

#include "bounds.h"
#include "digest.h"
#include "wheel.h"

struct hub;
struct session;

struct claim {
	unsigned char		 digest[DIGEST_SHA256_BYTES];
	int64_t			 meeting_id;
	struct session		*session;	/* NULL: it has ended */
	struct claim_end	*end;		/* NULL: it has not */
	UT_hash_handle		 hh;
};

struct claim_end {
	const char		*reason;	/* of resume_failed */
	struct wheel_timer	 timer;
};

/* Gives the session, which is in its room, a token. */
void		 claim_new(struct hub *hub, struct session *session, char token_r[BOUND_RESUME_TOKEN + 1]);
/* What the token is good for in that meeting; NULL: unknown. */
struct claim	*claim_find(struct hub *hub, const char *token, int64_t meeting_id);
struct claim	*claim_find_digest(struct hub *hub, const unsigned char *digest);
/* The session ends with that close code (closing.h). */
void		 claim_end(struct hub *hub, struct session *session, int close);
void		 claim_free_all(struct hub *hub);

#endif
