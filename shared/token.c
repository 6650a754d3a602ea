#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jwt.h>

#include "buf.h"
#include "mem.h"
#include "secret.h"
#include "str.h"
#include "token.h"

#define SECRET_NEW	32	/* random bytes of a new one */

struct token_ring {
	char	*issuer;
	size_t	 key_size;
	char	 key[SECRET_FILE_MAX];
};

static bool		 read_secret(struct token_ring *ring, const char *file, char *error_r, size_t error_size);
static const char	*check_secret(struct slice key);
static int		 write_secret(int fd);
static bool		 is_compact(const char *token, size_t n);
static bool		 is_canonical(const char *p, size_t n);
static int		 value_of(char c);
static bool		 take_claims(jwt_t *jwt, struct token_claims *claims_r);
static bool		 equal(const char *have, const char *want);
static enum token_verdict check_claims(const struct token_ring *ring, jwt_t *jwt, int64_t now_s,
    struct token_claims *claims_r);

struct token_ring *
token_ring_open(const char *secret_file, const char *issuer, char *error_r, size_t error_size)
{
	struct token_ring *ring = mem_calloc(1, sizeof(*ring));

	ring->issuer = mem_strdup(issuer);
	if (!read_secret(ring, secret_file, error_r, error_size))
		token_ring_free(&ring);
	return ring;
}

void
token_ring_free(struct token_ring **ring)
{
	if (*ring == NULL)
		return;
	explicit_bzero((*ring)->key, sizeof((*ring)->key));
	free((*ring)->issuer);
	free(*ring);
	*ring = NULL;
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
token_issue(const struct token_ring *ring, const struct token_claims *claims)
{
	char sub[24], *token = NULL;
	jwt_t *jwt;

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
	    jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)ring->key, (int)ring->key_size) == 0)
		token = jwt_encode_str(jwt);
	jwt_free(jwt);
	return token;
}

/* The signature is checked before any claim is looked at; what libjwt leaves out comes after. */
enum token_verdict
token_verify(const struct token_ring *ring, const char *token, size_t n, int64_t now_s,
    struct token_claims *claims_r)
{
	char text[LIMIT_TOKEN + 1];
	enum token_verdict verdict;
	jwt_t *jwt;

	if (n > LIMIT_TOKEN || !is_compact(token, n))
		return TOKEN_MALFORMED;
	memcpy(text, token, n);
	text[n] = '\0';
	if (jwt_decode(&jwt, text, (const unsigned char *)ring->key, (int)ring->key_size) != 0) {
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

static bool
read_secret(struct token_ring *ring, const char *file, char *error_r, size_t error_size)
{
	const char *wrong;
	struct slice key = { .p = ring->key };

	if (!secret_read(file, ring->key, &key.n, error_r, error_size))
		return false;
	key = str_trim(key);
	if ((wrong = check_secret(key)) != NULL)
		return secret_refuse(file, wrong, error_r, error_size);
	memmove(ring->key, key.p, key.n);
	ring->key_size = key.n;
	return true;
}

/* NULL, or what is wrong with it. */
static const char *
check_secret(struct slice key)
{
	static const char pem[] = "-----BEGIN";

	if (key.n < LIMIT_SECRET_MIN)
		return "the secret is shorter than 32 bytes";
	/* A public key as an HMAC secret is the oldest of the forgeries. */
	if (memcmp(key.p, pem, sizeof(pem) - 1) == 0)
		return "a PEM key is not a secret for HS256";
	return NULL;
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
		if (!is_canonical(p, (size_t)(dot - p)))
			return false;
	}
	return parts == 3;
}

/* Not empty, of the alphabet alone, and the bits beyond the last whole byte are zero. */
static bool
is_canonical(const char *p, size_t n)
{
	static const int spare_bits[] = { 0, -1, 0xf, 0x3 };
	int spare = spare_bits[n % 4];

	if (n == 0 || spare == -1)
		return false;
	for (size_t i = 0; i < n; i++)
		if (value_of(p[i]) == -1)
			return false;
	return (value_of(p[n - 1]) & spare) == 0;
}

/* RFC 4648 5; -1 for any other character. */
static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
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
