#include <stdlib.h>
#include <string.h>

#include "jwk.h"
#include "mem.h"
#include "str.h"

static const char	*take(const struct json *json, struct jwk *jwk);
static const char	*check_use(const struct json *json);
static const char	*build(const struct json *json, struct jwk *jwk);
static bool		 is_private(const struct json *json);
static bool		 lists_verify(const struct json *operations);
static bool		 read_number(const struct json *json, const char *name, struct slice *bytes_r);

static const struct {
	const char	*alg, *kty;
	const char	*parts[2];	/* of the key, in the order in which digest.h wants them */
	struct digest_key *(*make)(struct slice, struct slice);
	const char	*wrong;
} algs[] = {
	[JWK_RS256] = { "RS256", "RSA", { "n", "e" }, digest_key_rsa,
	    "is no RSA key of 2048 to 8192 bits with an exponent of 65537 or more" },
	[JWK_ES256] = { "ES256", "EC", { "x", "y" }, digest_key_p256, "is no point of the curve P-256" },
};

void
jwk_read(const struct json *json, struct jwk *jwk_r)
{
	struct jwk jwk = { .kid = NULL };
	const char *kid = "";
	int named = json_get_text(json, "kid", &kid);

	if (named == -1 || (named == 1 && (*kid == '\0' || strlen(kid) > JWK_KID)))
		jwk.why_not = "has a kid that is no name";
	else
		jwk.why_not = take(json, &jwk);
	jwk.kid = mem_strdup(named == 1 ? kid : "");
	*jwk_r = jwk;
}

void
jwk_clear(struct jwk *jwk)
{
	digest_key_free(&jwk->key);
	free(jwk->kid);
	jwk->kid = NULL;
}

const char *
jwk_alg_name(enum jwk_alg alg)
{
	return algs[alg].alg;
}

bool
jwk_alg_find(const char *name, enum jwk_alg *alg_r)
{
	for (size_t i = 0; i < COUNTOF(algs); i++)
		if (strcmp(algs[i].alg, name) == 0) {
			*alg_r = (enum jwk_alg)i;
			return true;
		}
	return false;
}

/* NULL, or why not. */
static const char *
take(const struct json *json, struct jwk *jwk)
{
	const char *kty, *alg, *curve, *wrong;
	size_t i = 0;

	if (json_get_text(json, "kty", &kty) != 1)
		return "names no kty";
	while (i < COUNTOF(algs) && strcmp(algs[i].kty, kty) != 0)
		i++;
	if (i == COUNTOF(algs))
		return "is neither an RSA key nor one of an elliptic curve";
	if ((jwk->is_private = is_private(json)))
		return "holds a private key, which belongs to nobody but the provider";
	jwk->alg = (enum jwk_alg)i;
	if (jwk->alg == JWK_ES256 && (json_get_text(json, "crv", &curve) != 1 || strcmp(curve, "P-256") != 0))
		return "is on another curve than P-256";
	switch (json_get_text(json, "alg", &alg)) {
	case 0:
		break;
	case 1:
		if (strcmp(alg, algs[i].alg) == 0)
			break;
		return "is for another algorithm than RS256 or ES256";
	default:
		return "has an alg that is no name";
	}
	wrong = check_use(json);
	return wrong != NULL ? wrong : build(json, jwk);
}

/* RFC 7517 4.2, 4.3: what is not said is allowed. */
static const char *
check_use(const struct json *json)
{
	static const char other[] = "is not meant for signatures";
	const struct json *operations;
	const char *use;

	switch (json_get_text(json, "use", &use)) {
	case 0:
		break;
	case 1:
		if (strcmp(use, "sig") == 0)
			break;
		return other;
	default:
		return other;
	}
	switch (json_get_array(json, "key_ops", &operations)) {
	case 0:
		return NULL;
	case 1:
		return lists_verify(operations) ? NULL : other;
	default:
		return other;
	}
}

static const char *
build(const struct json *json, struct jwk *jwk)
{
	struct slice part[2] = { { NULL, 0 }, { NULL, 0 } };

	if (read_number(json, algs[jwk->alg].parts[0], &part[0]) &&
	    read_number(json, algs[jwk->alg].parts[1], &part[1]))
		jwk->key = algs[jwk->alg].make(part[0], part[1]);
	for (size_t i = 0; i < COUNTOF(part); i++)
		free((void *)(uintptr_t)part[i].p);
	return jwk->key != NULL ? NULL : algs[jwk->alg].wrong;
}

/* RFC 7518 6.2.2, 6.3.2, 6.4. */
static bool
is_private(const struct json *json)
{
	static const char *const members[] = { "d", "p", "q", "k" };
	const char *text;

	for (size_t i = 0; i < COUNTOF(members); i++)
		if (json_get_text(json, members[i], &text) != 0)
			return true;
	return false;
}

static bool
lists_verify(const struct json *operations)
{
	size_t n = json_array_length(operations);
	const char *text;

	for (size_t i = 0; i < n; i++)
		if (json_as_text(json_array_item(operations, i), &text) == 1 && strcmp(text, "verify") == 0)
			return true;
	return false;
}

/* Base64url in its one spelling (RFC 7518 2); the bytes are the caller's to free. */
static bool
read_number(const struct json *json, const char *name, struct slice *bytes_r)
{
	const char *text;
	struct slice coded;
	char *bytes;
	size_t n;

	if (json_get_text(json, name, &text) != 1)
		return false;
	coded = str_slice(text);
	bytes = mem_alloc(coded.n + 1);
	if (!str_base64url_read(bytes, coded, &n)) {
		free(bytes);
		return false;
	}
	*bytes_r = (struct slice){ bytes, n };
	return true;
}
