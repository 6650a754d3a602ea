#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "digest.h"
#include "json.h"
#include "log.h"
#include "mem.h"
#include "provider.h"
#include "scan.h"
#include "sizes.h"
#include "str.h"

#define TIME_MAX	INT64_C(253402300799)	/* the last second of the year 9999: nobody's token outlives it */
#define DECODED_MAX	(LIMIT_TOKEN / 4 * 3)
#define TYPE_MAX	32			/* bytes of a typ; the longest of ours has 18 */

struct provider {
	char		*file;
	char		*issuer;
	char		*audience;
	struct jwks	*keys;		/* NULL: the file was no good since the start */
	struct stat	 tried;		/* the file as it was when it was last read, or could not be */
	int64_t		 looked_s;
};

/* The three parts of a compact token (RFC 7515 3.1), and what stands before the second dot, which is signed. */
struct parts {
	struct slice	header, payload, signature;
	struct slice	text;
};

/* What the header says, none of it believed. */
struct header {
	enum jwk_alg	alg;
	bool		named;
	char		kid[JWK_KID + 1];	/* if named */
};

static bool	read_keys(struct provider *provider, char *error_r, size_t error_size);
static void	look_now_and_then(struct provider *provider, int64_t now_s);
static bool	split(const char *token, size_t n, struct parts *parts_r);
static bool	read_header(struct slice text, struct header *header_r);
static bool	read_alg(struct slice text, enum jwk_alg *alg_r);
static bool	is_access_token(const struct scan_object *header);
static enum token_verdict check_claims(const struct provider *provider, struct arena *arena, const struct json *json,
    int64_t now_s, struct provider_claims *claims_r);
static bool	is_for_us(const struct provider *provider, const struct json *json);
static bool	take_times(const struct json *json, int64_t *not_before_r, struct provider_claims *claims);
static bool	take_names(struct arena *arena, const struct json *json, struct provider_claims *claims);
static const char *full_name(struct arena *arena, const struct json *json);
static bool	is_subject(const char *text);

struct provider *
provider_open(const struct conf *conf)
{
	struct provider *provider;
	char error[256];

	if (*conf->jwks_file == '\0')
		return NULL;
	provider = mem_calloc(1, sizeof(*provider));
	provider->file = mem_strdup(conf->jwks_file);
	provider->issuer = mem_strdup(conf->jwks_issuer);
	provider->audience = mem_strdup(conf->jwks_audience);
	(void)!read_keys(provider, error, sizeof(error));
	return provider;
}

void
provider_free(struct provider **provider)
{
	if (*provider == NULL)
		return;
	jwks_free(&(*provider)->keys);
	free((*provider)->file);
	free((*provider)->issuer);
	free((*provider)->audience);
	free(*provider);
	*provider = NULL;
}

bool
provider_check(const struct conf *conf, char *error_r, size_t error_size)
{
	struct jwks *keys = NULL;
	bool good = *conf->jwks_file == '\0' || (keys = jwks_read(conf->jwks_file, error_r, error_size)) != NULL;

	jwks_free(&keys);
	return good;
}

void
provider_warn(const struct conf *conf, FILE *out)
{
	char error[512];

	if (!provider_check(conf, error, sizeof(error)))
		fprintf(out, "%s; the programs start, but accept no token of the provider until it is mended\n", error);
}

/* The look comes before the reading: if the file is replaced in between, it differs from what was looked at. */
static bool
read_keys(struct provider *provider, char *error_r, size_t error_size)
{
	struct jwks *keys;

	(void)!stat(provider->file, &provider->tried);
	if ((keys = jwks_read(provider->file, error_r, error_size)) == NULL)
		return false;
	jwks_free(&provider->keys);
	provider->keys = keys;
	return true;
}

/* A file that is gone or no good changes nothing: whoever writes it may be in the middle of that. */
static void
look_now_and_then(struct provider *provider, int64_t now_s)
{
	const struct timespec *tried = &provider->tried.st_ctim;
	char error[256];
	struct stat st;

	if (now_s == provider->looked_s)
		return;
	provider->looked_s = now_s;
	if (stat(provider->file, &st) == -1 || (st.st_ino == provider->tried.st_ino &&
	    st.st_ctim.tv_sec == tried->tv_sec && st.st_ctim.tv_nsec == tried->tv_nsec))
		return;
	if (read_keys(provider, error, sizeof(error)))
		log_info("jwks", LOG_INT("keys", (int64_t)jwks_usable(provider->keys)));
	else
		log_error("jwks", LOG_TEXT("error", error));
}

bool
provider_is_meant(const struct provider *provider, const char *token, size_t n)
{
	enum jwk_alg alg;
	const char *dot;

	if (provider == NULL || n > LIMIT_TOKEN || (dot = memchr(token, '.', n)) == NULL)
		return false;
	return read_alg((struct slice){ token, (size_t)(dot - token) }, &alg);
}

enum token_verdict
provider_verify(struct provider *provider, struct arena *arena, const char *token, size_t n, int64_t now_s,
    struct provider_claims *claims_r)
{
	char signature[DECODED_MAX], payload[DECODED_MAX];
	enum token_verdict verdict;
	const struct jwk *jwk;
	struct header header;
	struct parts parts;
	struct json *json;
	const char *reason;
	size_t length;

	if (!split(token, n, &parts) || !read_header(parts.header, &header) ||
	    !str_base64url_read(signature, parts.signature, &length))
		return TOKEN_MALFORMED;
	look_now_and_then(provider, now_s);
	if (provider->keys == NULL ||
	    (jwk = jwks_find(provider->keys, header.named ? header.kid : NULL, header.alg)) == NULL ||
	    !digest_verify(jwk->key, parts.text, (struct slice){ signature, length }))
		return TOKEN_BAD_SIGNATURE;
	if (!str_base64url_read(payload, parts.payload, &length) ||
	    (json = json_parse_object(payload, length, &reason)) == NULL)
		return TOKEN_MALFORMED;
	verdict = check_claims(provider, arena, json, now_s, claims_r);
	json_free(&json);
	return verdict;
}

struct provider_claims
provider_claims_copy(struct arena *arena, const struct provider_claims *claims)
{
	struct provider_claims copy = *claims;

	copy.issuer = arena_strdup(arena, claims->issuer);
	copy.subject = arena_strdup(arena, claims->subject);
	copy.session = arena_strdup(arena, claims->session);
	copy.email = claims->email != NULL ? arena_strdup(arena, claims->email) : NULL;
	copy.full_name = claims->full_name != NULL ? arena_strdup(arena, claims->full_name) : NULL;
	return copy;
}

/* None is empty, and each is the one spelling of its bytes. */
static bool
split(const char *token, size_t n, struct parts *parts_r)
{
	const char *end = token + n, *dot, *dot2;

	if (n > LIMIT_TOKEN || (dot = memchr(token, '.', n)) == NULL ||
	    (dot2 = memchr(dot + 1, '.', (size_t)(end - dot - 1))) == NULL)
		return false;
	*parts_r = (struct parts){
		.header = { token, (size_t)(dot - token) },
		.payload = { dot + 1, (size_t)(dot2 - dot - 1) },
		.signature = { dot2 + 1, (size_t)(end - dot2 - 1) },
		.text = { token, (size_t)(dot2 - token) },
	};
	return str_base64url_valid(parts_r->header) && str_base64url_valid(parts_r->payload) &&
	    str_base64url_valid(parts_r->signature);
}

/* RFC 7515 4.1.11: what must be understood is not; RFC 7519 5.2: what is nested is not opened. */
static bool
read_header(struct slice text, struct header *header_r)
{
	static const char *const refused[] = { "crit", "b64", "cty", "zip", "enc" };
	struct header header = { .named = false };
	const struct scan_member *kid;
	struct scan_object object;
	char json[DECODED_MAX];
	size_t n;

	if (!read_alg(text, &header.alg) || !str_base64url_read(json, text, &n) ||
	    scan_object(json, n, SCAN_TEXT, &object) != SCAN_OK || !is_access_token(&object))
		return false;
	for (size_t i = 0; i < COUNTOF(refused); i++)
		if (scan_find(&object, refused[i]) != NULL)
			return false;
	if ((kid = scan_find(&object, "kid")) != NULL) {
		if (kid->type != SCAN_STRING || !scan_string(kid->value, header.kid, sizeof(header.kid), &n) || n == 0)
			return false;
		header.named = true;
	}
	*header_r = header;
	return true;
}

static bool
read_alg(struct slice text, enum jwk_alg *alg_r)
{
	const struct scan_member *alg;
	struct scan_object object;
	char json[DECODED_MAX], name[8];
	size_t n;

	if (text.n > LIMIT_TOKEN || !str_base64url_read(json, text, &n) ||
	    scan_object(json, n, SCAN_TEXT, &object) != SCAN_OK)
		return false;
	alg = scan_find(&object, "alg");
	return alg != NULL && alg->type == SCAN_STRING && scan_string(alg->value, name, sizeof(name), &n) &&
	    jwk_alg_find(name, alg_r);
}

/* RFC 8725 3.11, RFC 9068 2.1: tokens of other kinds are signed with the same keys; some providers name none. */
static bool
is_access_token(const struct scan_object *header)
{
	static const char *const types[] = { "JWT", "at+jwt", "application/at+jwt" };
	const struct scan_member *typ = scan_find(header, "typ");
	char name[TYPE_MAX];
	size_t n;

	if (typ == NULL)
		return true;
	if (typ->type != SCAN_STRING || !scan_string(typ->value, name, sizeof(name), &n))
		return false;
	for (size_t i = 0; i < COUNTOF(types); i++)
		if (strcasecmp(types[i], name) == 0)
			return true;
	return false;
}

/* RFC 8725 3.8, 3.9: both the issuer and the audience, exactly. */
static enum token_verdict
check_claims(const struct provider *provider, struct arena *arena, const struct json *json, int64_t now_s,
    struct provider_claims *claims_r)
{
	struct provider_claims claims = { .issuer = provider->issuer };
	int64_t not_before = 0;
	const char *issuer;

	if (json_get_text(json, "iss", &issuer) != 1 || strcmp(issuer, provider->issuer) != 0 ||
	    !is_for_us(provider, json))
		return TOKEN_FOREIGN;
	if (!take_times(json, &not_before, &claims) || !take_names(arena, json, &claims))
		return TOKEN_MALFORMED;
	if (claims.expires_s <= now_s || not_before > now_s + PROVIDER_LEEWAY_S ||
	    claims.issued_s > now_s + PROVIDER_LEEWAY_S)
		return TOKEN_EXPIRED;
	*claims_r = claims;
	return TOKEN_VALID;
}

/* RFC 7519 4.1.3: one, or several; all of them texts. */
static bool
is_for_us(const struct provider *provider, const struct json *json)
{
	const struct json *list;
	const char *audience;
	bool found = false;
	size_t n;

	if (json_get_text(json, "aud", &audience) == 1)
		return strcmp(audience, provider->audience) == 0;
	if (json_get_array(json, "aud", &list) != 1)
		return false;
	n = json_array_length(list);
	for (size_t i = 0; i < n; i++) {
		if (json_as_text(json_array_item(list, i), &audience) != 1)
			return false;
		found = found || strcmp(audience, provider->audience) == 0;
	}
	return found;
}

/* Whole seconds, all of them; when it was issued must be known, since a revocation ends what was issued before. */
static bool
take_times(const struct json *json, int64_t *not_before_r, struct provider_claims *claims)
{
	return json_get_int(json, "exp", 1, TIME_MAX, &claims->expires_s) == 1 &&
	    json_get_int(json, "iat", 1, TIME_MAX, &claims->issued_s) == 1 &&
	    json_get_int(json, "nbf", 0, TIME_MAX, not_before_r) != -1;
}

/* An address that the provider has not verified is anybody's: it counts as none. */
static bool
take_names(struct arena *arena, const struct json *json, struct provider_claims *claims)
{
	const char *subject, *session, *email;
	char digest[DIGEST_SHA256_SIZE] = "";
	bool verified = false;

	if (json_get_text(json, "sub", &subject) != 1 || !is_subject(subject))
		return false;
	claims->subject = arena_strdup(arena, subject);
	switch (json_get_text(json, "sid", &session)) {
	case 1:
		digest_sha256(digest, session, strlen(session));
		break;
	case 0:
		break;
	default:
		return false;
	}
	claims->session = arena_strdup(arena, digest);
	if (json_get_text(json, "email", &email) == 1 && json_get_bool(json, "email_verified", &verified) == 1 &&
	    verified && str_is_email(email))
		claims->email = arena_strdup(arena, email);
	claims->full_name = full_name(arena, json);
	return true;
}

/* The first that is a name which an account may have. */
static const char *
full_name(struct arena *arena, const struct json *json)
{
	static const char *const members[] = { "name", "preferred_username" };
	const char *text;

	for (size_t i = 0; i < COUNTOF(members); i++)
		if (json_get_text(json, members[i], &text) == 1 && *text != '\0' &&
		    str_utf8_count(text, strlen(text)) <= LIMIT_FULL_NAME && !str_has_control(text, false))
			return arena_strdup(arena, text);
	return NULL;
}

static bool
is_subject(const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return n > 0 && n <= PROVIDER_SUBJECT;
}
