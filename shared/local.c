#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "local.h"
#include "sizes.h"
#include "str.h"

static bool	parse_path(const char *text, struct local *local_r);
static bool	parse_host(const char *text, size_t n, in_port_t port, struct local *local_r);

bool
local_parse(const char *text, struct local *local_r)
{
	const char *colon = strrchr(text, ':');
	int64_t port;

	if (*text == '/')
		return parse_path(text, local_r);
	if (colon == NULL || !str_to_int(colon + 1, strlen(colon + 1), 1, UINT16_MAX, &port))
		return false;
	return parse_host(text, (size_t)(colon - text), htons((uint16_t)port), local_r);
}

static bool
parse_path(const char *text, struct local *local_r)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	if (strlen(text) > LIMIT_SUN_PATH || !str_copy(sun.sun_path, sizeof(sun.sun_path), text))
		return false;
	*local_r = (struct local){ .size = sizeof(sun) };
	memcpy(&local_r->address, &sun, sizeof(sun));
	return true;
}

static bool
parse_host(const char *text, size_t n, in_port_t port, struct local *local_r)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = port };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = port };
	bool brackets = n > 2 && text[0] == '[' && text[n - 1] == ']';
	char host[INET6_ADDRSTRLEN];
	struct local local = { .size = 0 };

	snprintf(host, sizeof(host), "%.*s", (int)(brackets ? n - 2 : n), brackets ? text + 1 : text);
	if (!brackets && inet_pton(AF_INET, host, &in.sin_addr) == 1 &&
	    ntohl(in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET) {
		local.size = sizeof(in);
		memcpy(&local.address, &in, sizeof(in));
	} else if (brackets && inet_pton(AF_INET6, host, &in6.sin6_addr) == 1 &&
	    IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr)) {
		local.size = sizeof(in6);
		memcpy(&local.address, &in6, sizeof(in6));
	} else {
		return false;
	}
	*local_r = local;
	return true;
}
