#include <string.h>

#include "str.h"
#include "ticket.h"

void
ticket_make(char ticket_r[TICKET_SIZE])
{
	str_random(ticket_r, TICKET_CHARS);
}

bool
ticket_hash(const char *text, size_t n, char hash_r[DIGEST_SHA256_SIZE])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	if (n != TICKET_CHARS)
		return false;
	for (size_t i = 0; i < n; i++)
		if (memchr(letters, text[i], sizeof(letters) - 1) == NULL)
			return false;
	digest_sha256(hash_r, text, n);
	return true;
}
