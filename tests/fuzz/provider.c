/*
 * provider: who gets in with which token of an identity provider, and which file of keys is good.  Input: a token as
 * it came; or, if it begins with {, the header and the payload, a line each, which are encoded and signed with a key
 * of the provider here; a third line is the signature in place of the right one; or, behind a K, a file of keys.
 * Only what is right by another reading is valid.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "buf.h"
#include "fuzz.h"
#include "provider.h"
#include "str.h"

#define NOW_S		INT64_C(1700000000)
#define ISSUER		"https://login.example.org"
#define AUDIENCE	"unio"
#define POINT		65	/* bytes of an uncompressed one */

static EVP_PKEY			*key;
static struct provider		*provider;

static void		 open_provider(void);
static char		*memory_file(const char *text, size_t n, int *fd_r);
static void		 read_keys(struct slice text);
static void		 add_part(struct buf *token, struct slice part);
static void		 add_signature(struct buf *token);
static void		 check_header(struct slice text);
static void		 check_payload(struct slice text, const struct provider_claims *claims);
static const cJSON	*only(const cJSON *object, const char *name);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice		 rest = { .p = (const char *)data, .n = size }, header, payload;
	struct provider_claims	 claims = { .subject = NULL };
	struct arena		*arena;
	struct buf		 token = { .data = NULL };
	bool			 made = size > 0 && data[0] == '{';

	if (provider == NULL)
		open_provider();
	if (size > 0 && data[0] == 'K') {
		read_keys((struct slice){ rest.p + 1, rest.n - 1 });
		return 0;
	}
	arena = arena_new();
	if (made) {
		header = fuzz_line(&rest);
		payload = fuzz_line(&rest);
		add_part(&token, header);
		buf_addc(&token, '.');
		add_part(&token, payload);
	}
	if (!made || rest.n > 0) {
		buf_adds(&token, made ? "." : "");
		rest = fuzz_line(&rest);
		buf_add(&token, rest.p, rest.n);
	} else {
		add_signature(&token);
	}
	if (provider_verify(provider, arena, token.data, token.len, NOW_S, &claims) == TOKEN_VALID) {
		FUZZ_CHECK(token.len <= LIMIT_TOKEN && provider_is_meant(provider, token.data, token.len));
		FUZZ_CHECK(made);	/* nobody else has the key */
		check_header(header);
		check_payload(payload, &claims);
	} else {
		FUZZ_CHECK(claims.subject == NULL);
	}
	buf_free(&token);
	arena_free(&arena);
	return 0;
}

/* Its one key is made anew each time: no seed can hold a signature. */
static void
open_provider(void)
{
	char x[STR_BASE64URL_SIZE(32)], y[STR_BASE64URL_SIZE(32)], error[256];
	struct conf conf = { .jwks_issuer = (char[]){ ISSUER }, .jwks_audience = (char[]){ AUDIENCE } };
	unsigned char point[POINT];
	struct buf text = { 0 };
	size_t n;
	int fd;

	key = EVP_EC_gen("P-256");
	FUZZ_CHECK(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &n) == 1);
	FUZZ_CHECK(n == POINT);
	str_base64url(x, point + 1, 32);
	str_base64url(y, point + 33, 32);
	buf_addf(&text, "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k\",");
	buf_addf(&text, "\"x\":\"%s\",\"y\":\"%s\"}]}", x, y);
	conf.jwks_file = memory_file(text.data, text.len, &fd);
	FUZZ_CHECK(provider_check(&conf, error, sizeof(error)));
	provider = provider_open(&conf);
	free(conf.jwks_file);
	buf_free(&text);
}

/* The path of a file that nobody else sees; it stays open. */
static char *
memory_file(const char *text, size_t n, int *fd_r)
{
	struct buf path = { 0 };
	int fd = memfd_create("jwks", MFD_CLOEXEC);

	FUZZ_CHECK(fd != -1 && fchmod(fd, 0600) == 0 && write(fd, text, n) == (ssize_t)n);
	buf_addf(&path, "/proc/self/fd/%d", fd);
	*fd_r = fd;
	return path.data;
}

static void
read_keys(struct slice text)
{
	int fd;
	char *path = memory_file(text.p, text.n, &fd), error[256];
	struct jwks *set = jwks_read(path, error, sizeof(error));

	for (size_t i = 0; set != NULL && i < set->count; i++) {
		const struct jwk *jwk = &set->key[i];

		FUZZ_CHECK((jwk->key == NULL) == (jwk->why_not != NULL));
		FUZZ_CHECK(jwk->key == NULL || jwks_find(set, jwk->kid, jwk->alg) == jwk);
	}
	FUZZ_CHECK(set == NULL || jwks_usable(set) > 0);
	jwks_free(&set);
	close(fd);
	free(path);
}

static void
add_part(struct buf *token, struct slice part)
{
	str_base64url(buf_reserve(token, STR_BASE64URL_SIZE(part.n)), part.p, part.n);
	token->len += STR_BASE64URL_SIZE(part.n) - 1;
}

static void
add_signature(struct buf *token)
{
	unsigned char der[80], halves[64];
	const unsigned char *p = der;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = sizeof(der);
	ECDSA_SIG *signature;

	FUZZ_CHECK(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1);
	FUZZ_CHECK(EVP_DigestSign(ctx, der, &n, (const unsigned char *)token->data, token->len) == 1);
	EVP_MD_CTX_free(ctx);
	signature = d2i_ECDSA_SIG(NULL, &p, (long)n);
	FUZZ_CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(signature), halves, 32) == 32);
	FUZZ_CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(signature), halves + 32, 32) == 32);
	ECDSA_SIG_free(signature);
	buf_addc(token, '.');
	add_part(token, (struct slice){ (const char *)halves, sizeof(halves) });
}

static void
check_header(struct slice text)
{
	cJSON *header = cJSON_ParseWithLength(text.p, text.n);
	const char *alg = cJSON_GetStringValue(only(header, "alg")), *kid = cJSON_GetStringValue(only(header, "kid"));

	FUZZ_CHECK(alg != NULL && strcmp(alg, "ES256") == 0);
	FUZZ_CHECK(only(header, "kid") == NULL || (kid != NULL && strcmp(kid, "k") == 0));
	FUZZ_CHECK(only(header, "crit") == NULL && only(header, "b64") == NULL && only(header, "cty") == NULL);
	cJSON_Delete(header);
}

static void
check_payload(struct slice text, const struct provider_claims *claims)
{
	cJSON *payload = cJSON_ParseWithLength(text.p, text.n);
	const char *iss = cJSON_GetStringValue(only(payload, "iss")), *sub = cJSON_GetStringValue(only(payload, "sub"));
	const cJSON *aud = only(payload, "aud"), *item;
	bool ours = cJSON_IsString(aud) && strcmp(aud->valuestring, AUDIENCE) == 0;

	if (cJSON_IsArray(aud))
		cJSON_ArrayForEach(item, aud)
			ours = ours || (cJSON_IsString(item) && strcmp(item->valuestring, AUDIENCE) == 0);
	FUZZ_CHECK(ours && iss != NULL && strcmp(iss, ISSUER) == 0);
	FUZZ_CHECK(sub != NULL && *sub != '\0' && strcmp(sub, claims->subject) == 0);
	FUZZ_CHECK(cJSON_GetNumberValue(only(payload, "exp")) > (double)NOW_S);
	FUZZ_CHECK(claims->expires_s > NOW_S && claims->issued_s <= NOW_S + PROVIDER_LEEWAY_S);
	FUZZ_CHECK(claims->email == NULL || cJSON_IsTrue(only(payload, "email_verified")));
	cJSON_Delete(payload);
}

/* The member of that name, which is there once at most in whatever is accepted. */
static const cJSON *
only(const cJSON *object, const char *name)
{
	const cJSON *found = NULL, *child;

	cJSON_ArrayForEach(child, object)
		if (strcmp(child->string, name) == 0) {
			FUZZ_CHECK(found == NULL);
			found = child;
		}
	return found;
}
