#include <stdlib.h>

#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "digest.h"
#include "str.h"

void
digest_sha256(char dst[DIGEST_SHA256_SIZE], const void *src, size_t n)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	SHA256(src, n, digest);
	str_hex(dst, digest, sizeof(digest));
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
