/*
 * digest.h: digests (the only file that knows OpenSSL's libcrypto).
 */
#ifndef UNIO_DIGEST_H
#define UNIO_DIGEST_H

#include "base.h"

#define DIGEST_SHA256_SIZE	65
#define DIGEST_SHA1_BYTES	20
#define DIGEST_MD5_BYTES	16

/* SHA-256 (FIPS 180-4) as 64 hexadecimal digits and a NUL: how secrets are stored that need only be recognised. */
void	digest_sha256(char dst[DIGEST_SHA256_SIZE], const void *src, size_t n);
/* HMAC-SHA1 (RFC 2104), for the convention that asks for no better one: see turn.h. */
void	digest_hmac_sha1(unsigned char dst[DIGEST_SHA1_BYTES], struct slice text, struct slice key);
/* MD5 (RFC 1321), because TURN wants it so (RFC 8489 9.2.2). */
void	digest_md5(unsigned char dst[DIGEST_MD5_BYTES], const void *src, size_t n);

#endif
