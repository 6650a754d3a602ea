/*
 * jwk.h: one public key of an identity provider, as a JSON Web Key (RFC 7517) tells it.
 *
 * The algorithm is pinned by the key and by nothing else (RFC 8725 3.1): an RSA key is for RS256, a P-256 key for
 * ES256.  What is neither, too short, meant for encryption, or no public key at all is not taken.
 * Pure.
 */
#ifndef UNIO_JWK_H
#define UNIO_JWK_H

#include "base.h"
#include "digest.h"
#include "json.h"

#define JWK_KID	255	/* bytes; of a longer one nobody's token could name */

enum jwk_alg { JWK_RS256, JWK_ES256 };

struct jwk {
	char			*kid;		/* "": it has none */
	enum jwk_alg		 alg;		/* if key */
	struct digest_key	*key;		/* NULL: not taken */
	bool			 is_private;	/* nobody but its owner should have it */
	const char		*why_not;	/* a sentence without subject: "is too short"; NULL: taken */
};

/* Reads it; what it holds is the caller's. */
void		 jwk_read(const struct json *json, struct jwk *jwk_r);
void		 jwk_clear(struct jwk *jwk);
/* "RS256" */
const char	*jwk_alg_name(enum jwk_alg alg);
/* The algorithm of that name; false: none that a key could have. */
NODISCARD bool	 jwk_alg_find(const char *name, enum jwk_alg *alg_r);

#endif
