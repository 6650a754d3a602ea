#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

#include "digest.h"
#include "mem.h"
#include "str.h"

#define RSA_EXPONENT_MIN	65537	/* FIPS 186-5 5.1 */
#define RSA_EXPONENT_MAX	8	/* bytes; they are never so long */
#define POINT_UNCOMPRESSED	0x04	/* SEC 1 2.3.3 */
#define DER_MAX			80	/* bytes of a P-256 signature in DER: 72 at most */

struct digest_key {
	EVP_PKEY	*pkey;
	bool		 is_ec;
};

static BIGNUM			*number(struct slice bytes);
static struct digest_key	*build(const char *type, OSSL_PARAM_BLD *builder);
static int			 to_der(struct slice signature, unsigned char der_r[DER_MAX]);

void
digest_sha256(char dst[DIGEST_SHA256_SIZE], const void *src, size_t n)
{
	unsigned char digest[DIGEST_SHA256_BYTES];

	digest_sha256_bytes(digest, src, n);
	str_hex(dst, digest, sizeof(digest));
}

void
digest_sha256_bytes(unsigned char dst[DIGEST_SHA256_BYTES], const void *src, size_t n)
{
	SHA256(src, n, dst);
}

void
digest_hmac_sha256(unsigned char dst[DIGEST_SHA256_BYTES], struct slice text, struct slice key)
{
	if (HMAC(EVP_sha256(), key.p, (int)key.n, (const unsigned char *)text.p, text.n, dst, NULL) == NULL)
		abort();	/* out of memory */
}

void
digest_hmac_sha1(unsigned char dst[DIGEST_SHA1_BYTES], struct slice text, struct slice key)
{
	if (HMAC(EVP_sha1(), key.p, (int)key.n, (const unsigned char *)text.p, text.n, dst, NULL) == NULL)
		abort();	/* out of memory, or a library without SHA-1 */
}

void
digest_md5(unsigned char dst[DIGEST_MD5_BYTES], const void *src, size_t n)
{
	if (EVP_Digest(src, n, dst, NULL, EVP_md5(), NULL) != 1)
		abort();	/* out of memory, or a library without MD5 */
}

struct digest_key *
digest_key_rsa(struct slice n, struct slice e)
{
	struct digest_key *key = NULL;
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *modulus, *exponent;
	int bits;

	if (n.n > DIGEST_RSA_MAX / 8 || e.n > RSA_EXPONENT_MAX) {
		OSSL_PARAM_BLD_free(builder);
		return NULL;
	}
	modulus = number(n);
	exponent = number(e);
	bits = BN_num_bits(modulus);
	if (bits >= DIGEST_RSA_MIN && bits <= DIGEST_RSA_MAX && BN_is_odd(modulus) && BN_is_odd(exponent) &&
	    BN_get_word(exponent) >= RSA_EXPONENT_MIN &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
		key = build("RSA", builder);
	OSSL_PARAM_BLD_free(builder);
	BN_free(modulus);
	BN_free(exponent);
	return key;
}

struct digest_key *
digest_key_p256(struct slice x, struct slice y)
{
	unsigned char point[1 + 2 * DIGEST_P256] = { POINT_UNCOMPRESSED };
	struct digest_key *key = NULL;
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();

	if (x.n == DIGEST_P256 && y.n == DIGEST_P256) {
		memcpy(point + 1, x.p, DIGEST_P256);
		memcpy(point + 1 + DIGEST_P256, y.p, DIGEST_P256);
		if (OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1, 0) == 1 &&
		    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)) == 1)
			key = build("EC", builder);
	}
	OSSL_PARAM_BLD_free(builder);
	if (key != NULL)
		key->is_ec = true;
	return key;
}

static BIGNUM *
number(struct slice bytes)
{
	BIGNUM *number = BN_bin2bn((const unsigned char *)bytes.p, (int)bytes.n, NULL);

	if (number == NULL)
		abort();	/* out of memory */
	return number;
}

/* The key that those parameters are, if they are one: the library looks whether a point is on the curve. */
static struct digest_key *
build(const char *type, OSSL_PARAM_BLD *builder)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL), *check = NULL;
	struct digest_key *key = NULL;
	EVP_PKEY *pkey = NULL;

	if (params != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) == 1)
		check = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	if (check != NULL && EVP_PKEY_public_check(check) == 1) {
		key = mem_calloc(1, sizeof(*key));
		key->pkey = pkey;
		pkey = NULL;
	}
	EVP_PKEY_CTX_free(check);
	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

void
digest_key_free(struct digest_key **key)
{
	if (*key == NULL)
		return;
	EVP_PKEY_free((*key)->pkey);
	free(*key);
	*key = NULL;
}

bool
digest_verify(const struct digest_key *key, struct slice text, struct slice signature)
{
	unsigned char der[DER_MAX];
	const unsigned char *p = (const unsigned char *)signature.p;
	EVP_MD_CTX *ctx;
	bool ok;

	if (key->is_ec) {
		int n = to_der(signature, der);

		if (n <= 0)
			return false;
		p = der;
		signature.n = (size_t)n;
	}
	if ((ctx = EVP_MD_CTX_new()) == NULL)
		abort();	/* out of memory */
	ok = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
	    EVP_DigestVerify(ctx, p, signature.n, (const unsigned char *)text.p, text.n) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* The library wants ASN.1 where JWS has two numbers one after the other; its length, or 0. */
static int
to_der(struct slice signature, unsigned char der_r[DER_MAX])
{
	unsigned char *end = der_r;
	ECDSA_SIG *halves;
	int n = 0;

	if (signature.n != 2 * DIGEST_P256)
		return 0;
	halves = ECDSA_SIG_new();
	if (halves == NULL || ECDSA_SIG_set0(halves, number((struct slice){ signature.p, DIGEST_P256 }),
	    number((struct slice){ signature.p + DIGEST_P256, DIGEST_P256 })) != 1)
		abort();	/* out of memory */
	if (i2d_ECDSA_SIG(halves, NULL) <= DER_MAX)
		n = i2d_ECDSA_SIG(halves, &end);
	ECDSA_SIG_free(halves);
	return n;
}
