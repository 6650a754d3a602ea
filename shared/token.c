#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jwt.h>

#include "buf.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "provider.h"
#include "scan.h"
#include "str.h"
#include "token.h"
#include "token_cache.h"

#define SECRET_NEW	32	/* random bytes of a new one */
#define HEADER_MAX	512	/* characters of a token's header; ours has 48 at most */

struct token_ring {
	char		*issuer;
	char		*file;
	struct stat	 tried;		/* the file as it was when it was last read, or could not be */
	int64_t		 looked_s;	/* when it was last looked at */
	struct key_set	*keys;
	struct token_cache *verified;	/* by these keys */
	struct provider	*provider;	/* NULL: none */
};

static bool		 read_keys(struct token_ring *ring, char *error_r, size_t error_size);
static const struct key	*find_key(struct token_ring *ring, const char *kid);
static void		 look_now_and_then(struct token_ring *ring, int64_t now_s);
static void		 look_again(struct token_ring *ring);
static int		 write_secret(int fd);
static enum token_verdict verify(struct token_ring *ring, struct slice token, int64_t now_s,
    struct token_claims *claims_r);
static bool		 is_compact(const char *token, size_t n);
static bool		 read_kid(const char *token, char kid_r[KEY_KID + 1]);
static bool		 take_claims(jwt_t *jwt, struct token_claims *claims_r);
static bool		 equal(const char *have, const char *want);
static enum token_verdict check_claims(const struct token_ring *ring, jwt_t *jwt, int64_t now_s,
    struct token_claims *claims_r);

struct token_ring *
token_ring_open(const char *secret_file, const char *issuer, char *error_r, size_t error_size)
{
	struct token_ring *ring = mem_calloc(1, sizeof(*ring));

	ring->issuer = mem_strdup(issuer);
	ring->file = mem_strdup(secret_file);
	ring->verified = token_cache_new();
	if (!read_keys(ring, error_r, error_size))
		token_ring_free(&ring);
	return ring;
}

void
token_ring_free(struct token_ring **ring)
{
	if (*ring == NULL)
		return;
	key_free(&(*ring)->keys);
	token_cache_free(&(*ring)->verified);
	provider_free(&(*ring)->provider);
	free((*ring)->issuer);
	free((*ring)->file);
	free(*ring);
	*ring = NULL;
}

void
token_ring_trust(struct token_ring *ring, struct provider *provider)
{
	provider_free(&ring->provider);
	ring->provider = provider;
}

struct provider *
token_ring_provider(const struct token_ring *ring)
{
	return ring->provider;
}

/* The look comes before the reading: if the file is replaced in between, it differs from what was looked at. */
static bool
read_keys(struct token_ring *ring, char *error_r, size_t error_size)
{
	struct key_set *keys;

	(void)!stat(ring->file, &ring->tried);
	if ((keys = key_read(ring->file, error_r, error_size)) == NULL)
		return false;
	if (ring->keys != NULL)
		token_cache_clear(ring->verified);
	key_free(&ring->keys);
	ring->keys = keys;
	return true;
}

/* One that is not known yet may have been made since: then the file is read again. */
static const struct key *
find_key(struct token_ring *ring, const char *kid)
{
	const struct key *key;

	if ((key = key_find(ring->keys, kid)) == NULL) {
		look_again(ring);
		key = key_find(ring->keys, kid);
	}
	return key != NULL && key->state != KEY_RETIRED ? key : NULL;
}

/* A key that is retired, for whatever has become known of it, ends in programs that nobody could tell so, too. */
static void
look_now_and_then(struct token_ring *ring, int64_t now_s)
{
	if (now_s == ring->looked_s)
		return;
	ring->looked_s = now_s;
	look_again(ring);
}

/*
 * It is read once for each time it has changed, be it its owner or mode alone, whatever the tokens of strangers name:
 * to look costs less than to check a signature.  A file that is no good changes nothing.
 */
static void
look_again(struct token_ring *ring)
{
	const struct timespec *tried = &ring->tried.st_ctim;
	char error[256];
	struct stat st;

	if (stat(ring->file, &st) == -1 || (st.st_ino == ring->tried.st_ino && st.st_ctim.tv_sec == tried->tv_sec &&
	    st.st_ctim.tv_nsec == tried->tv_nsec))
		return;
	if (read_keys(ring, error, sizeof(error)))
		log_info("keys");
	else
		log_error("keys", LOG_TEXT("error", error));
}

/* Written whole under another name first: link(2) lets exactly one of several win, and no reader sees half a key. */
int
token_secret_create(const char *secret_file)
{
	struct buf draft = { 0 };
	int fd, result = -1, saved_errno;

	if (access(secret_file, F_OK) == 0)
		return 0;
	buf_addf(&draft, "%s.XXXXXX", secret_file);
	if ((fd = mkostemp(draft.data, O_CLOEXEC)) != -1) {
		result = write_secret(fd);
		if (result == 0 && link(draft.data, secret_file) == -1 && errno != EEXIST)
			result = -1;
		saved_errno = errno;
		close(fd);
		unlink(draft.data);
	} else {
		saved_errno = errno;
	}
	buf_free(&draft);
	errno = saved_errno;
	return result;
}

char *
token_issue(struct token_ring *ring, const struct token_claims *claims)
{
	const struct key *key;
	char sub[24], *token = NULL;
	jwt_t *jwt;

	look_now_and_then(ring, claims->issued_s);
	key = key_active(ring->keys);
	if (jwt_new(&jwt) != 0)
		return NULL;
	snprintf(sub, sizeof(sub), "%lld", (long long)claims->user_id);
	if (jwt_add_grant(jwt, "iss", ring->issuer) == 0 &&
	    jwt_add_grant(jwt, "token_type", "access") == 0 &&
	    jwt_add_grant(jwt, "sub", sub) == 0 &&
	    jwt_add_grant_int(jwt, "user_id", claims->user_id) == 0 &&
	    jwt_add_grant(jwt, "email", claims->email) == 0 &&
	    jwt_add_grant(jwt, "full_name", claims->full_name) == 0 &&
	    jwt_add_grant_int(jwt, "sid", claims->session_id) == 0 &&
	    jwt_add_grant(jwt, "jti", claims->jti) == 0 &&
	    jwt_add_grant_int(jwt, "iat", claims->issued_s) == 0 &&
	    jwt_add_grant_int(jwt, "exp", claims->expires_s) == 0 &&
	    (key->kid[0] == '\0' || jwt_add_header(jwt, "kid", key->kid) == 0) &&
	    jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)key->secret, (int)key->n) == 0)
		token = jwt_encode_str(jwt);
	jwt_free(jwt);
	return token;
}

enum token_verdict
token_verify(struct token_ring *ring, const char *token, size_t n, int64_t now_s,
    struct token_claims *claims_r)
{
	struct slice text = { token, n };
	unsigned char digest[DIGEST_SHA256_BYTES];
	enum token_verdict verdict;

	if (n > LIMIT_TOKEN)
		return TOKEN_MALFORMED;
	/* before the cache is asked: it is emptied if the keys have changed */
	look_now_and_then(ring, now_s);
	if (token_cache_find(ring->verified, text, now_s, digest, claims_r))
		return TOKEN_VALID;
	if ((verdict = verify(ring, text, now_s, claims_r)) == TOKEN_VALID)
		token_cache_keep(ring->verified, digest, now_s, claims_r);
	return verdict;
}

/* The signature is checked before any claim is looked at; what libjwt leaves out comes after. */
static enum token_verdict
verify(struct token_ring *ring, struct slice token, int64_t now_s, struct token_claims *claims_r)
{
	char text[LIMIT_TOKEN + 1], kid[KEY_KID + 1];
	const struct key *key;
	enum token_verdict verdict;
	jwt_t *jwt;

	if (!is_compact(token.p, token.n) || !read_kid(token.p, kid))
		return TOKEN_MALFORMED;
	if ((key = find_key(ring, kid)) == NULL)
		return TOKEN_BAD_SIGNATURE;
	memcpy(text, token.p, token.n);
	text[token.n] = '\0';
	if (jwt_decode(&jwt, text, (const unsigned char *)key->secret, (int)key->n) != 0) {
		/* Readable without a key: then the signature was wrong. */
		if (jwt_decode(&jwt, text, NULL, 0) != 0)
			return TOKEN_MALFORMED;
		jwt_free(jwt);
		return TOKEN_BAD_SIGNATURE;
	}
	verdict = check_claims(ring, jwt, now_s, claims_r);
	jwt_free(jwt);
	return verdict;
}

const char *
token_verdict_text(enum token_verdict verdict)
{
	static const char *const texts[] = {
		[TOKEN_VALID] = "the token is valid",
		[TOKEN_MALFORMED] = "the token is malformed",
		[TOKEN_BAD_SIGNATURE] = "the token's signature is wrong",
		[TOKEN_EXPIRED] = "the token has expired",
		[TOKEN_FOREIGN] = "the token is not an access token of this server",
	};

	return texts[verdict];
}

/* RFC 7515 3.1: three parts of base64url, none empty; and no second way to write the same bytes. */
static bool
is_compact(const char *token, size_t n)
{
	const char *end = token + n, *dot;
	int parts = 0;

	for (const char *p = token; p <= end; p = dot + 1, parts++) {
		dot = memchr(p, '.', (size_t)(end - p));
		if (dot == NULL)
			dot = end;
		if (!str_base64url_valid((struct slice){ p, (size_t)(dot - p) }))
			return false;
	}
	return parts == 3;
}

/*
 * RFC 7515 4.1.4, "" if the token names no key; false if its header is nothing of ours: no JSON, a kid that no key can
 * have, or something that must be understood and is not (4.1.11).  Nothing is believed yet.
 */
static bool
read_kid(const char *token, char kid_r[KEY_KID + 1])
{
	struct slice text = { .p = token, .n = strcspn(token, ".") };
	const struct scan_member *kid;
	struct scan_object header;
	char json[HEADER_MAX];
	size_t n;

	if (text.n > sizeof(json) || !str_base64url_read(json, text, &n) ||
	    scan_object(json, n, SCAN_TEXT, &header) != SCAN_OK || scan_find(&header, "crit") != NULL)
		return false;
	kid_r[0] = '\0';
	kid = scan_find(&header, "kid");
	return kid == NULL || (kid->type == SCAN_STRING && scan_string(kid->value, kid_r, KEY_KID + 1, &n) && n > 0);
}

/* RFC 8725 3.1, 3.8, 3.11. */
static enum token_verdict
check_claims(const struct token_ring *ring, jwt_t *jwt, int64_t now_s, struct token_claims *claims_r)
{
	struct token_claims claims = { 0 };

	if (jwt_get_alg(jwt) != JWT_ALG_HS256)
		return TOKEN_BAD_SIGNATURE;
	if (!equal(jwt_get_grant(jwt, "iss"), ring->issuer) ||
	    !equal(jwt_get_grant(jwt, "token_type"), "access"))
		return TOKEN_FOREIGN;
	if (!take_claims(jwt, &claims))
		return TOKEN_MALFORMED;
	if (claims.expires_s <= now_s || jwt_get_grant_int(jwt, "nbf") > now_s)
		return TOKEN_EXPIRED;
	*claims_r = claims;
	return TOKEN_VALID;
}

/* libjwt reads an integer that is a string or a fraction as 0, one that is missing as -1: none of ours is either. */
static bool
take_claims(jwt_t *jwt, struct token_claims *claims_r)
{
	const char *sub = jwt_get_grant(jwt, "sub"), *jti = jwt_get_grant(jwt, "jti");
	int64_t user_id;

	claims_r->user_id = jwt_get_grant_int(jwt, "user_id");
	claims_r->session_id = jwt_get_grant_int(jwt, "sid");
	claims_r->issued_s = jwt_get_grant_int(jwt, "iat");
	claims_r->expires_s = jwt_get_grant_int(jwt, "exp");
	return claims_r->session_id > 0 && claims_r->issued_s > 0 && claims_r->expires_s > 0 &&
	    jwt_get_grant_int(jwt, "nbf") != 0 &&
	    sub != NULL && str_to_int(sub, strlen(sub), 1, INT64_MAX, &user_id) && user_id == claims_r->user_id &&
	    jti != NULL && strlen(jti) == TOKEN_JTI && str_copy(claims_r->jti, sizeof(claims_r->jti), jti);
}

static bool
equal(const char *have, const char *want)
{
	return have != NULL && strcmp(have, want) == 0;
}

static int
write_secret(int fd)
{
	unsigned char bytes[SECRET_NEW];
	char text[STR_BASE64URL_SIZE(SECRET_NEW)];
	ssize_t n;

	str_random_bytes(bytes, sizeof(bytes));
	str_base64url(text, bytes, sizeof(bytes));
	text[sizeof(text) - 1] = '\n';
	n = write(fd, text, sizeof(text));
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(text, sizeof(text));
	if (n != (ssize_t)sizeof(text))
		return -1;
	return fsync(fd);
}
