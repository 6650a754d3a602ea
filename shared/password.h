/*
 * password.h: argon2id (RFC 9106) by libsodium.
 *
 * Hashing takes tens of milliseconds on purpose and is never done inside a
 * database transaction.  An unknown account is verified against a dummy hash of the
 * same cost, so that the time tells nothing.
 */
#ifndef UNIO_PASSWORD_H
#define UNIO_PASSWORD_H

#include "base.h"

#define PASSWORD_HASH_SIZE	128	/* crypto_pwhash_STRBYTES */

struct password_cost {
	int64_t	passes;
	int64_t	memory;		/* bytes */
};

/* Once per process, before the others; 0/-1. */
NODISCARD int	password_init(void);
/* 0, or -1 when there is not memory enough. */
NODISCARD int	password_hash(const char *password, const struct password_cost *cost, char hash_r[PASSWORD_HASH_SIZE]);
/* hash NULL: no such account, "!": one without a password; takes as long (the dummy is hashed at cost) and is false. */
NODISCARD bool	password_verify(const char *hash, const char *password, const struct password_cost *cost);
void		password_wipe(void *secret, size_t n);

#endif
