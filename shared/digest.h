/*
 * digest.h: digests (the only file that knows OpenSSL's libcrypto).
 */
#ifndef UNIO_DIGEST_H
#define UNIO_DIGEST_H

#include "base.h"

#define DIGEST_SHA256_SIZE	65

/* SHA-256 (FIPS 180-4) as 64 hexadecimal digits and a NUL: how secrets are stored that need only be recognised. */
void	digest_sha256(char dst[DIGEST_SHA256_SIZE], const void *src, size_t n);

#endif
