#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "token_cache.h"

struct entry {
	unsigned char		digest[DIGEST_SHA256_BYTES];
	int64_t			verified_s;	/* 0: nobody is here */
	struct token_claims	claims;
};

struct token_cache {
	struct entry	entry[TOKEN_CACHE];
};

static size_t	place(const unsigned char digest[DIGEST_SHA256_BYTES]);

struct token_cache *
token_cache_new(void)
{
	return mem_calloc(1, sizeof(struct token_cache));
}

void
token_cache_free(struct token_cache **cache)
{
	free(*cache);
	*cache = NULL;
}

/* A clock that has been set back might precede the token's "nbf": then it is verified anew. */
bool
token_cache_find(const struct token_cache *cache, struct slice token, int64_t now_s,
    unsigned char digest_r[DIGEST_SHA256_BYTES], struct token_claims *claims_r)
{
	const struct entry *entry;

	digest_sha256_bytes(digest_r, token.p, token.n);
	entry = &cache->entry[place(digest_r)];
	if (entry->verified_s == 0 || now_s < entry->verified_s || now_s >= entry->claims.expires_s ||
	    memcmp(entry->digest, digest_r, sizeof(entry->digest)) != 0)
		return false;
	*claims_r = entry->claims;
	return true;
}

void
token_cache_keep(struct token_cache *cache, const unsigned char digest[DIGEST_SHA256_BYTES], int64_t now_s,
    const struct token_claims *claims)
{
	struct entry *entry = &cache->entry[place(digest)];

	memcpy(entry->digest, digest, sizeof(entry->digest));
	entry->verified_s = now_s;
	entry->claims = *claims;
}

void
token_cache_clear(struct token_cache *cache)
{
	memset(cache, 0, sizeof(*cache));
}

/* A digest is as good as random, so that any bits of it will do. */
static size_t
place(const unsigned char digest[DIGEST_SHA256_BYTES])
{
	return ((size_t)digest[0] << 8 | digest[1]) % TOKEN_CACHE;
}
