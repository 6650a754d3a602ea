#include <string.h>

#include <sodium.h>

#include "password.h"

_Static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "the size that libsodium writes");

int
password_init(void)
{
	return sodium_init() < 0 ? -1 : 0;
}

int
password_hash(const char *password, const struct password_cost *cost, char hash_r[PASSWORD_HASH_SIZE])
{
	char hash[PASSWORD_HASH_SIZE];

	if (crypto_pwhash_str(hash, password, strlen(password), (unsigned long long)cost->passes,
	    (size_t)cost->memory) != 0)
		return -1;
	memcpy(hash_r, hash, sizeof(hash));
	return 0;
}

bool
password_verify(const char *hash, const char *password, const struct password_cost *cost)
{
	char dummy[PASSWORD_HASH_SIZE];

	if (hash == NULL || *hash != '$') {
		/* Only the time that it takes matters. */
		(void)!password_hash(password, cost, dummy);
		return false;
	}
	return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

void
password_wipe(void *secret, size_t n)
{
	sodium_memzero(secret, n);
}
