/*
 * digest.h: digests, and signatures over them (the only file that knows OpenSSL's libcrypto).
 */
#ifndef UNIO_DIGEST_H
#define UNIO_DIGEST_H

#include "base.h"

#define DIGEST_SHA256_SIZE	65
#define DIGEST_SHA256_BYTES	32
#define DIGEST_SHA1_BYTES	20
#define DIGEST_MD5_BYTES	16

/* SHA-256 (FIPS 180-4) as 64 hexadecimal digits and a NUL: how secrets are stored that need only be recognised. */
void	digest_sha256(char dst[DIGEST_SHA256_SIZE], const void *src, size_t n);
void	digest_sha256_bytes(unsigned char dst[DIGEST_SHA256_BYTES], const void *src, size_t n);
/* HMAC-SHA256 (RFC 2104). */
void	digest_hmac_sha256(unsigned char dst[DIGEST_SHA256_BYTES], struct slice text, struct slice key);
/* HMAC-SHA1 (RFC 2104), for the convention that asks for no better one: see turn.h. */
void	digest_hmac_sha1(unsigned char dst[DIGEST_SHA1_BYTES], struct slice text, struct slice key);
/* MD5 (RFC 1321), because TURN wants it so (RFC 8489 9.2.2). */
void	digest_md5(unsigned char dst[DIGEST_MD5_BYTES], const void *src, size_t n);

/*
 * A public key (RFC 7518 6), made once and used for many signatures; the caller's.  NULL if the numbers are none: a
 * modulus shorter than DIGEST_RSA_MIN bits or longer than DIGEST_RSA_MAX, an exponent below 65537, a point that is not
 * on the curve.  Big-endian, as they stand in a JWK.
 */
struct digest_key;

#define DIGEST_RSA_MIN	2048		/* RFC 7518 3.3 */
#define DIGEST_RSA_MAX	8192		/* bits; what more would cost a check is no security */
#define DIGEST_P256	32		/* bytes of a coordinate, and of either half of a signature */

struct digest_key *digest_key_rsa(struct slice n, struct slice e);
struct digest_key *digest_key_p256(struct slice x, struct slice y);
void		   digest_key_free(struct digest_key **key);
/*
 * RSASSA-PKCS1-v1_5 or ECDSA on P-256, as the key is, with SHA-256 (RFC 7518 3.3, 3.4: two halves of 32 bytes, no DER);
 * anything that is not exactly a signature of the text is false.
 */
NODISCARD bool	   digest_verify(const struct digest_key *key, struct slice text, struct slice signature);

#endif
