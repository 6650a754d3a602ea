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
