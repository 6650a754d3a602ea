/*
 * token.h: access tokens: JWT (RFC 7519) signed with HS256 (the only file that
 * knows libjwt).
 *
 * libjwt alone is not to be trusted with the decision: this module also pins the
 * algorithm, bounds the length, and requires exp (a whole number, in the future),
 * iss, token_type "access", sub equal to user_id, sid and jti (RFC 8725).
 * The keys are read from a file (key.h) and wiped when the ring is freed.  If it has changed
 * it is read again, which is looked for once a second, and when a token names a key that is
 * not known, so that a key may be replaced, or retired, while several programs run.  A token
 * that is shown again soon is not verified anew (token_cache.h).  A ring therefore belongs to
 * one thread.
 */
#ifndef UNIO_TOKEN_H
#define UNIO_TOKEN_H

#include "base.h"
#include "sizes.h"

#define TOKEN_JTI	22	/* characters, see str_random() */

struct provider;
struct token_ring;

struct token_claims {
	int64_t	user_id;
	int64_t	session_id;		/* of the login session: sid */
	int64_t	issued_s;
	int64_t	expires_s;
	char	jti[TOKEN_JTI + 1];
	const char *email;		/* for issuing alone: verification trusts the database instead */
	const char *full_name;
};

enum token_verdict {
	TOKEN_VALID,
	TOKEN_MALFORMED,	/* too long, not a JWT, a claim missing or of the wrong type */
	TOKEN_BAD_SIGNATURE,	/* wrong or unknown key, or an algorithm that is not ours */
	TOKEN_EXPIRED,
	TOKEN_FOREIGN		/* another issuer, or not an access token */
};

/* Reads the keys (LIMIT_SECRET_MIN bytes or more each, mode 0600 or 0640); NULL with a sentence in error_r. */
struct token_ring	*token_ring_open(const char *secret_file, const char *issuer, char *error_r, size_t error_size);
void			 token_ring_free(struct token_ring **ring);
/*
 * The external provider (provider.h) that goes with these keys, or NULL: the ring's from now on.  Its tokens are not
 * token_verify()'s affair: no token that is signed as ours are can be one of its, nor the other way round.
 */
void			 token_ring_trust(struct token_ring *ring, struct provider *provider);
struct provider		*token_ring_provider(const struct token_ring *ring);
/* Makes the file, if there is none, with a random key and mode 0600; safe against a race; 0/-1 with errno. */
NODISCARD int		 token_secret_create(const char *secret_file);

/* A new token: free(3) it.  NULL only if the library fails. */
char			*token_issue(struct token_ring *ring, const struct token_claims *claims);
NODISCARD enum token_verdict token_verify(struct token_ring *ring, const char *token, size_t n, int64_t now_s,
    struct token_claims *claims_r);
/* "the token has expired" and so on: a sentence for a person. */
const char		*token_verdict_text(enum token_verdict verdict);

#endif
