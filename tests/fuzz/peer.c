/*
 * peer: who is really asking, behind front servers.  Input, a line each: trusted_proxies, the socket's peer,
 * X-Forwarded-For.
 */
#include <arpa/inet.h>

#include "fuzz.h"
#include "peer.h"

/* What a client may have put before what the front server wrote. */
static const char *const lies[] = { "127.0.0.1", "198.51.100.66", "::1", "unknown", ",", "\"", "a, b, c", "" };

static void	check_address(const char *client);
static void	check_key(const char *address);
static void	check_spoofing(const char *peer, const char *forwarded, const char *client);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice	 rest = { .p = (const char *)data, .n = size };
	char		*trusted = fuzz_text(fuzz_line(&rest));
	char		*peer = fuzz_text(fuzz_line(&rest));
	char		*forwarded = fuzz_text(fuzz_line(&rest));
	char		 client[LIMIT_ADDRESS];

	if (peer_list_valid(trusted)) {
		peer_client(trusted, peer, forwarded, client);
		check_address(client);
		if (!peer_is_trusted(trusted, peer)) {
			char alone[LIMIT_ADDRESS];

			peer_client(trusted, peer, NULL, alone);
			FUZZ_CHECK(strcmp(client, alone) == 0);
		}
	}
	peer_client("", peer, forwarded, client);
	check_spoofing(peer, forwarded, client);
	check_key(forwarded);
	free(trusted);
	free(peer);
	free(forwarded);
	return 0;
}

/* An address in its one spelling, or a word of ours: it stands in logs, in the database, in limits. */
static void
check_address(const char *client)
{
	struct in6_addr	six;
	char		again[LIMIT_ADDRESS];
	bool		four = inet_pton(AF_INET, client, &six) == 1;

	if (strcmp(client, "unix") == 0 || strcmp(client, "unknown") == 0)
		return;
	FUZZ_CHECK(four || inet_pton(AF_INET6, client, &six) == 1);
	FUZZ_CHECK(inet_ntop(four ? AF_INET : AF_INET6, &six, again, sizeof(again)) != NULL);
	FUZZ_CHECK(strcmp(again, client) == 0);
	FUZZ_CHECK(four || !IN6_IS_ADDR_V4MAPPED(&six));
	check_key(client);
}

/* A key is its own key but for an IPv6 site's, and always fits. */
static void
check_key(const char *address)
{
	char	key[LIMIT_ADDRESS], again[LIMIT_ADDRESS];

	peer_limit_key(address, key);
	peer_limit_key(key, again);
	FUZZ_CHECK(strcmp(key, again) == 0);
}

/* Nobody but the nearest front server is believed: what stands before its entry changes nothing. */
static void
check_spoofing(const char *peer, const char *forwarded, const char *client)
{
	size_t	n = strlen(forwarded);

	check_address(client);
	for (size_t i = 0; n > 0 && i < COUNTOF(lies); i++) {
		size_t	 size = strlen(lies[i]) + 1 + n + 1;
		char	*longer = mem_alloc(size);
		char	 other[LIMIT_ADDRESS];

		snprintf(longer, size, "%s,%s", lies[i], forwarded);
		peer_client("", peer, longer, other);
		FUZZ_CHECK(strcmp(other, client) == 0);
		free(longer);
	}
}
