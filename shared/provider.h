/*
 * provider.h: an external identity provider whose access tokens are believed beside our own: JWT (RFC 7519, in the
 * manner of RFC 9068), signed with RS256 or ES256 by a key of jwks_file.
 *
 * Nothing of a token counts before its signature; its header only says which key to try, and the key says which
 * algorithm (RFC 8725 3.1).  Keys that a token brings or points to (jwk, jku, x5c, x5u) are not looked at (3.10).
 * The file is read again when it has changed, which is looked for once a second, and so a provider belongs to one
 * thread.  That a token is good does not say who it is here: that is identity.h.
 */
#ifndef UNIO_PROVIDER_H
#define UNIO_PROVIDER_H

#include <stdio.h>

#include "arena.h"
#include "base.h"
#include "conf.h"
#include "jwks.h"
#include "token.h"

#define PROVIDER_SUBJECT	255	/* characters of ASCII; OpenID Connect Core 2 */
#define PROVIDER_LEEWAY_S	60	/* how much its clock may go before ours */

struct provider;

struct provider_claims {
	const char	*issuer;
	const char	*subject;
	const char	*session;		/* SHA-256 of sid (OpenID Connect Back-Channel Logout 2.4); "": none */
	const char	*email;			/* NULL: none that the provider says it has verified */
	const char	*full_name;		/* NULL: none */
	int64_t		 issued_s;
	int64_t		 expires_s;
};

/* NULL if jwks_file is empty.  One that is no good is no error here: until it is, no token of the provider's is. */
struct provider	*provider_open(const struct conf *conf);
void		 provider_free(struct provider **provider);

/* jwks_file is good, or there is none; false with a sentence in error_r. */
NODISCARD bool	 provider_check(const struct conf *conf, char *error_r, size_t error_size);
/* For conf_check(): the sentence on out, if there is one. */
void		 provider_warn(const struct conf *conf, FILE *out);

/* The token says that it is signed as only a provider's are; bool.  provider NULL: there is none. */
bool		 provider_is_meant(const struct provider *provider, const char *token, size_t n);
/* Texts are the arena's, but for the issuer, which is the provider's. */
NODISCARD enum token_verdict provider_verify(struct provider *provider, struct arena *arena, const char *token,
    size_t n, int64_t now_s, struct provider_claims *claims_r);
/* The same in another arena, the issuer as well. */
struct provider_claims provider_claims_copy(struct arena *arena, const struct provider_claims *claims);

#endif
