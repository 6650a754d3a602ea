#include <arpa/inet.h>
#include <string.h>

#include "peer.h"
#include "str.h"

#define ADDRESS_BITS	128
#define SITE_BITS	64	/* of an IPv6 address; the rest is the host's own choice (RFC 4291 2.5.1) */
#define SITE_SUFFIX	"/64"
#define SHOWN_FOUR	24	/* bits that are kept of an address of which all shall not be */
#define SHOWN_SIX	48

/* IPv4 is kept as IPv4-mapped IPv6 (RFC 4291 2.5.5.2), so that one comparison serves both. */
struct block {
	uint8_t		address[ADDRESS_BITS / 8];
	unsigned	bits;
};

static bool	parse_address(struct slice text, struct block *block_r);
static bool	parse_block(struct slice text, struct block *block_r);
static void	cut(struct block *address, unsigned bits);
static bool	contains(const struct block *block, const struct block *address);
static bool	is_four(const struct block *address);
static bool	is_loopback(const struct block *address);
static bool	is_listed(const char *blocks, const struct block *address);
static void	spell(const struct block *address, char dst[LIMIT_ADDRESS]);
static struct slice last_entry(struct slice list);
static struct slice without_port(struct slice entry);

static const uint8_t mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

void
peer_client(const char *trusted_proxies, const char *peer, const char *forwarded_for, char client_r[LIMIT_ADDRESS])
{
	struct slice rest = str_slice(forwarded_for != NULL ? forwarded_for : "");
	struct block current = { 0 };
	bool known = parse_address(str_slice(peer), &current);
	bool trusted = peer_is_trusted(trusted_proxies, peer);

	while (trusted && rest.n > 0) {
		struct slice entry = last_entry(rest);

		rest.n = entry.p > rest.p ? (size_t)(entry.p - rest.p) - 1 : 0;
		if (!parse_address(without_port(str_trim(entry)), &current))
			break;
		known = true;
		trusted = is_listed(trusted_proxies, &current);
	}
	if (known)
		spell(&current, client_r);
	else
		str_copy(client_r, LIMIT_ADDRESS, *peer == '\0' ? "unix" : "unknown");
}

void
peer_shown(enum conf_addresses mode, const char *address, char shown_r[LIMIT_ADDRESS])
{
	struct block block;
	bool four;

	if (mode == CONF_ADDRESSES_FULL || !parse_address(str_slice(address), &block)) {
		str_copy(shown_r, LIMIT_ADDRESS, address);
		return;
	}
	if (mode == CONF_ADDRESSES_NONE) {
		str_copy(shown_r, LIMIT_ADDRESS, "hidden");
		return;
	}
	four = is_four(&block);
	cut(&block, four ? ADDRESS_BITS - 32 + SHOWN_FOUR : SHOWN_SIX);
	spell(&block, shown_r);
	str_copy(shown_r + strlen(shown_r), LIMIT_ADDRESS - strlen(shown_r), four ? "/24" : "/48");
}

static void
cut(struct block *address, unsigned bits)
{
	memset(address->address + bits / 8, 0, sizeof(address->address) - bits / 8);
}

bool
peer_is_trusted(const char *trusted_proxies, const char *peer)
{
	struct block block;

	if (!parse_address(str_slice(peer), &block))
		return *peer == '\0';
	return is_loopback(&block) || is_listed(trusted_proxies, &block);
}

void
peer_limit_key(const char *address, char key_r[LIMIT_ADDRESS])
{
	struct block block;

	/* without a colon it is IPv4, which has one spelling only, or no address */
	if (strchr(address, ':') == NULL || !parse_address(str_slice(address), &block))
		str_copy(key_r, LIMIT_ADDRESS, address);
	else if (is_four(&block))
		spell(&block, key_r);
	else {
		memset(block.address + SITE_BITS / 8, 0, sizeof(block.address) - SITE_BITS / 8);
		spell(&block, key_r);
		str_copy(key_r + strlen(key_r), LIMIT_ADDRESS - strlen(key_r), SITE_SUFFIX);
	}
}

bool
peer_list_valid(const char *blocks)
{
	for (struct slice rest = str_slice(blocks); str_trim(rest).n > 0;) {
		struct slice entry = last_entry(rest);
		struct block block;

		if (!parse_block(str_trim(entry), &block))
			return false;
		rest.n = entry.p > rest.p ? (size_t)(entry.p - rest.p) - 1 : 0;
	}
	return true;
}

static bool
is_listed(const char *blocks, const struct block *address)
{
	for (struct slice rest = str_slice(blocks); rest.n > 0;) {
		struct slice entry = last_entry(rest);
		struct block block;

		if (parse_block(str_trim(entry), &block) && contains(&block, address))
			return true;
		rest.n = entry.p > rest.p ? (size_t)(entry.p - rest.p) - 1 : 0;
	}
	return false;
}

static bool
contains(const struct block *block, const struct block *address)
{
	size_t whole = block->bits / 8;
	unsigned odd = block->bits % 8;

	if (memcmp(block->address, address->address, whole) != 0)
		return false;
	return odd == 0 || ((block->address[whole] ^ address->address[whole]) >> (8 - odd)) == 0;
}

static bool
is_four(const struct block *address)
{
	return memcmp(address->address, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

static bool
is_loopback(const struct block *address)
{
	static const uint8_t six[ADDRESS_BITS / 8] = { [15] = 1 };

	if (is_four(address))
		return address->address[12] == 127;
	return memcmp(address->address, six, sizeof(six)) == 0;
}

static bool
parse_address(struct slice text, struct block *block_r)
{
	struct block block = { .bits = ADDRESS_BITS };
	char copy[LIMIT_ADDRESS];

	if (text.n == 0 || text.n >= sizeof(copy))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	if (inet_pton(AF_INET, copy, block.address + sizeof(mapped_prefix)) == 1)
		memcpy(block.address, mapped_prefix, sizeof(mapped_prefix));
	else if (inet_pton(AF_INET6, copy, block.address) != 1)
		return false;
	*block_r = block;
	return true;
}

static bool
parse_block(struct slice text, struct block *block_r)
{
	const char *slash = memchr(text.p, '/', text.n);
	struct slice address = { text.p, slash != NULL ? (size_t)(slash - text.p) : text.n };
	struct block block;
	int64_t bits;

	if (!parse_address(address, &block))
		return false;
	if (slash != NULL) {
		bool four = memchr(address.p, ':', address.n) == NULL;

		if (!str_to_int(slash + 1, text.n - address.n - 1, 0, four ? 32 : ADDRESS_BITS, &bits))
			return false;
		block.bits = (unsigned)bits + (four ? ADDRESS_BITS - 32 : 0);
	}
	*block_r = block;
	return true;
}

static void
spell(const struct block *address, char dst[LIMIT_ADDRESS])
{
	bool four = is_four(address);
	const uint8_t *from = address->address + (four ? sizeof(mapped_prefix) : 0);

	if (inet_ntop(four ? AF_INET : AF_INET6, from, dst, LIMIT_ADDRESS) == NULL)
		str_copy(dst, LIMIT_ADDRESS, "unknown");
}

/* What stands after the last comma. */
static struct slice
last_entry(struct slice list)
{
	const char *comma = memrchr(list.p, ',', list.n);

	return comma == NULL ? list : (struct slice){ comma + 1, (size_t)(list.p + list.n - comma) - 1 };
}

/* Some front servers write "192.0.2.1:5678", and "[2001:db8::1]:5678" or without the port. */
static struct slice
without_port(struct slice entry)
{
	const char *end;

	if (entry.n > 0 && *entry.p == '[') {
		end = memchr(entry.p, ']', entry.n);
		return end == NULL ? entry : (struct slice){ entry.p + 1, (size_t)(end - entry.p) - 1 };
	}
	end = memchr(entry.p, ':', entry.n);
	if (end != NULL && memrchr(entry.p, ':', entry.n) == end)
		entry.n = (size_t)(end - entry.p);
	return entry;
}
