/*
 * jwks.h: the file of an identity provider's public keys (a JWK Set, RFC 7517 5).
 *
 * Keys that are of no use here (for encryption, of other algorithms) are kept with the reason, for whoever asks; a
 * file without any that is of use is no good.  It holds no secret, but whoever writes it decides who may come in:
 * a file that anybody may write is not read.
 */
#ifndef UNIO_JWKS_H
#define UNIO_JWKS_H

#include "base.h"
#include "jwk.h"

#define JWKS_FILE_MAX	(256 * 1024)	/* bytes: providers put certificates beside their keys */
#define JWKS_KEYS	64		/* of a file; providers have two or three */

struct jwks {
	size_t		count;
	struct jwk	key[JWKS_KEYS];
};

/* NULL with a sentence in error_r. */
struct jwks		*jwks_read(const char *file, char *error_r, size_t error_size);
void			 jwks_free(struct jwks **set);
/* The key of that name and algorithm; kid NULL: the only one there is.  NULL: none. */
const struct jwk	*jwks_find(const struct jwks *set, const char *kid, enum jwk_alg alg);
/* How many are of use. */
size_t			 jwks_usable(const struct jwks *set);

#endif
