/*
 * token_cache.h: tokens that have been verified a moment ago, so that a client which asks
 * again and again costs one signature (a tenth of a read through REST otherwise).
 *
 * A token is known by its SHA-256: whoever cannot forge that cannot pass for another, and no
 * token stands in memory.  Only what has been found valid is kept, and only for as long as it
 * is: the caller empties the cache when a key changes, and an entry ends with its token.  The
 * database is asked for each request all the same.  Of TOKEN_CACHE places a token has a few
 * to choose from, where it takes that of the oldest; it belongs to one thread, as its ring does.
 */
#ifndef UNIO_TOKEN_CACHE_H
#define UNIO_TOKEN_CACHE_H

#include "digest.h"
#include "token.h"

#define TOKEN_CACHE	512	/* 56 KiB, of which only the pages in use exist; a power of two */

struct token_cache;

struct token_cache	*token_cache_new(void);
void			 token_cache_free(struct token_cache **cache);

/* Its claims, if the token was kept, and is valid at now_s; digest_r for token_cache_keep() if not. */
NODISCARD bool		 token_cache_find(const struct token_cache *cache, struct slice token, int64_t now_s,
    unsigned char digest_r[DIGEST_SHA256_BYTES], struct token_claims *claims_r);
/* Call it for a token that is valid at now_s and nothing else. */
void			 token_cache_keep(struct token_cache *cache, const unsigned char digest[DIGEST_SHA256_BYTES],
    int64_t now_s, const struct token_claims *claims);
/* Forgets all of them: when a key is new, or no longer believed. */
void			 token_cache_clear(struct token_cache *cache);

#endif
