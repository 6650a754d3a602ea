/*
 * token: who gets in with which token.  Input: a token as it came; or, if it begins with {, the header and the
 * payload, a line each, which are encoded and signed with the server's own key here, so that the claims are reached;
 * a third line is the signature in place of the right one.  Only what is right by another reading is valid.
 */
#include <unistd.h>

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "buf.h"
#include "fuzz.h"
#include "str.h"
#include "token.h"

#define NOW_S	INT64_C(1700000000)
#define SECRET	"0123456789abcdefghijklmnopqrstuvwxyz"

static struct token_ring	*open_ring(void);
static void			 add_part(struct buf *token, struct slice part);
static void			 add_signature(struct buf *token);
static bool			 is_signed(const struct buf *token);
static void			 check_payload(struct slice text, const struct token_claims *claims);
static void			 check_header(struct slice text);
static const cJSON		*last_of(const cJSON *object, const char *name);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct token_ring	*ring;
	struct slice			 rest = { .p = (const char *)data, .n = size }, header, payload;
	struct token_claims		 claims = { .user_id = -1 };
	struct buf			 token = { .data = NULL };
	bool				 made = size > 0 && data[0] == '{';

	if (ring == NULL)
		ring = open_ring();
	if (made) {
		header = fuzz_line(&rest);
		payload = fuzz_line(&rest);
		add_part(&token, header);
		buf_addc(&token, '.');
		add_part(&token, payload);
	}
	if (!made || rest.n > 0) {
		buf_adds(&token, made ? "." : "");
		header = made ? header : (struct slice){ 0 };
		rest = fuzz_line(&rest);
		buf_add(&token, rest.p, rest.n);
	} else {
		add_signature(&token);
	}
	if (token_verify(ring, token.data, token.len, NOW_S, &claims) == TOKEN_VALID) {
		FUZZ_CHECK(token.len <= LIMIT_TOKEN && is_signed(&token));
		FUZZ_CHECK(claims.user_id > 0 && claims.session_id > 0 && claims.expires_s > NOW_S);
		if (made) {
			check_header(header);
			check_payload(payload, &claims);
		}
	} else {
		FUZZ_CHECK(claims.user_id == -1);
	}
	buf_free(&token);
	return 0;
}

static struct token_ring *
open_ring(void)
{
	char			 path[] = "/tmp/unio-fuzz-token-XXXXXX", error[256];
	int			 fd = mkstemp(path);
	struct token_ring	*ring;

	FUZZ_CHECK(fd >= 0 && write(fd, SECRET, strlen(SECRET)) == (ssize_t)strlen(SECRET));
	close(fd);
	ring = token_ring_open(path, "unio", error, sizeof(error));
	unlink(path);
	FUZZ_CHECK(ring != NULL);
	return ring;
}

static void
add_part(struct buf *token, struct slice part)
{
	char *text = mem_alloc(STR_BASE64URL_SIZE(part.n));

	str_base64url(text, part.p, part.n);
	buf_adds(token, text);
	free(text);
}

static void
add_signature(struct buf *token)
{
	unsigned char	mac[32];
	unsigned	n = sizeof(mac);

	FUZZ_CHECK(HMAC(EVP_sha256(), SECRET, (int)strlen(SECRET), (const unsigned char *)token->data, token->len, mac,
	    &n) != NULL);
	buf_addc(token, '.');
	add_part(token, (struct slice){ .p = (const char *)mac, .n = n });
}

/* Ends with the one signature that what is before it can have. */
static bool
is_signed(const struct buf *token)
{
	const char	*dot = memrchr(token->data, '.', token->len);
	struct buf	 right = { .data = NULL };
	bool		 same;

	if (dot == NULL)
		return false;
	buf_add(&right, token->data, (size_t)(dot - token->data));
	add_signature(&right);
	same = right.len == token->len && memcmp(right.data, token->data, right.len) == 0;
	buf_free(&right);
	return same;
}

static void
check_header(struct slice text)
{
	cJSON		*root = cJSON_ParseWithLength(text.p, text.n);
	const cJSON	*alg = last_of(root, "alg");

	FUZZ_CHECK(cJSON_IsString(alg) && strcasecmp(alg->valuestring, "HS256") == 0);
	cJSON_Delete(root);
}

static void
check_payload(struct slice text, const struct token_claims *claims)
{
	cJSON		*root = cJSON_ParseWithLength(text.p, text.n);
	const cJSON	*iss = last_of(root, "iss"), *type = last_of(root, "token_type"), *sub = last_of(root, "sub");
	const cJSON	*exp = last_of(root, "exp"), *sid = last_of(root, "sid"), *nbf = last_of(root, "nbf");
	int64_t		 user_id;

	FUZZ_CHECK(cJSON_IsString(iss) && strcmp(iss->valuestring, "unio") == 0);
	FUZZ_CHECK(cJSON_IsString(type) && strcmp(type->valuestring, "access") == 0);
	FUZZ_CHECK(cJSON_IsString(sub));
	FUZZ_CHECK(str_to_int(sub->valuestring, strlen(sub->valuestring), 1, INT64_MAX, &user_id));
	FUZZ_CHECK(user_id == claims->user_id);
	FUZZ_CHECK(cJSON_IsNumber(exp) && exp->valuedouble == (double)claims->expires_s);
	FUZZ_CHECK(cJSON_IsNumber(sid) && sid->valuedouble == (double)claims->session_id);
	FUZZ_CHECK(nbf == NULL || (cJSON_IsNumber(nbf) && nbf->valuedouble <= (double)NOW_S));
	cJSON_Delete(root);
}

/* RFC 7519 4: of names that stand twice the last one counts, where the token is not refused for it. */
static const cJSON *
last_of(const cJSON *object, const char *name)
{
	const cJSON *child, *found = NULL;

	cJSON_ArrayForEach(child, object)
		if (child->string != NULL && strcmp(child->string, name) == 0)
			found = child;
	return found;
}
