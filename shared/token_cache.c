#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "token_cache.h"

struct entry {
	unsigned char		digest[DIGEST_SHA256_BYTES];
	int64_t			verified_s;	/* 0: nobody is here */
	struct token_claims	claims;
};

/* Each token has the few places of its set, the newest first: with one place alone, tokens would meet too soon. */
#define SET	4

struct token_cache {
	struct entry	set[TOKEN_CACHE / SET][SET];
};

static size_t	set_of(const unsigned char digest[DIGEST_SHA256_BYTES]);
static size_t	place_of(const struct entry set[SET], const unsigned char digest[DIGEST_SHA256_BYTES]);

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
	const struct entry *set, *entry;

	digest_sha256_bytes(digest_r, token.p, token.n);
	set = cache->set[set_of(digest_r)];
	entry = set + place_of(set, digest_r);
	if (entry == set + SET || now_s < entry->verified_s || now_s >= entry->claims.expires_s)
		return false;
	*claims_r = entry->claims;
	return true;
}

void
token_cache_keep(struct token_cache *cache, const unsigned char digest[DIGEST_SHA256_BYTES], int64_t now_s,
    const struct token_claims *claims)
{
	struct entry	*set = cache->set[set_of(digest)];
	size_t		 gone = MIN(place_of(set, digest), SET - 1);

	memmove(set + 1, set, gone * sizeof(*set));
	memcpy(set->digest, digest, sizeof(set->digest));
	set->verified_s = now_s;
	set->claims = *claims;
}

void
token_cache_clear(struct token_cache *cache)
{
	memset(cache, 0, sizeof(*cache));
}

/* A digest is as good as random, so that any bits of it will do. */
static size_t
set_of(const unsigned char digest[DIGEST_SHA256_BYTES])
{
	return ((size_t)digest[0] << 8 | digest[1]) % (TOKEN_CACHE / SET);
}

/* Where it is in its set; SET: nowhere. */
static size_t
place_of(const struct entry set[SET], const unsigned char digest[DIGEST_SHA256_BYTES])
{
	size_t i;

	for (i = 0; i < SET; i++)
		if (set[i].verified_s != 0 && memcmp(set[i].digest, digest, sizeof(set[i].digest)) == 0)
			break;
	return i;
}
