#include <arpa/inet.h>
#include <string.h>

#include "conf_rule.h"
#include "sizes.h"
#include "str.h"

static const char	*for_each(const char *list, bool (*ok)(const char *item), const char *must);
static bool		 is_network(const char *item);
static bool		 is_ice_url(const char *item);
static bool		 begins(const char *text, const char *prefix);

const char *
conf_rule_filled(const char *text)
{
	return *text != '\0' ? NULL : "must not be empty";
}

const char *
conf_rule_path(const char *text)
{
	return *text != '\0' ? NULL : "must be the path of a file";
}

const char *
conf_rule_socket(const char *text)
{
	if (*text == '\0' || strlen(text) > LIMIT_SUN_PATH)
		return "must be a path of at most 107 bytes, which is what a unix socket's address holds";
	return NULL;
}

const char *
conf_rule_endpoint(const char *text)
{
	if (begins(text, "ipc://"))
		return conf_rule_socket(text + strlen("ipc://"));
	if (begins(text, "tcp://") && text[strlen("tcp://")] != '\0')
		return NULL;
	return "must be ipc://PATH or tcp://ADDRESS:PORT";
}

const char *
conf_rule_base_path(const char *text)
{
	size_t n = strlen(text);

	for (const char *p = text; *p != '\0'; p++)
		if ((*p & 0x80) != 0 || *p <= ' ' || strchr("?#%\"\\<>", *p) != NULL)
			return "must be a plain path";
	if (n > 0 && (text[0] != '/' || text[n - 1] == '/' || strstr(text, "//") != NULL))
		return "must be empty, or begin with / and not end with one";
	return NULL;
}

const char *
conf_rule_url(const char *text)
{
	const char *host = strstr(text, "://");

	if (*text == '\0')
		return NULL;
	if ((!begins(text, "http://") && !begins(text, "https://")) || host[3] == '\0' ||
	    strpbrk(host + 3, "/?# @") != NULL)
		return "must be empty, or http:// or https:// with a host and perhaps a port";
	return NULL;
}

const char *
conf_rule_networks(const char *text)
{
	return for_each(text, is_network, "must be addresses or CIDR blocks, separated by commas");
}

const char *
conf_rule_ice_urls(const char *text)
{
	return for_each(text, is_ice_url, "must be stun:, stuns:, turn: or turns: URLs, separated by commas");
}

const char *
conf_rule_together(const struct conf *conf, size_t i)
{
	const struct {
		bool		 kept;
		const char	*sentence;
	} rules[] = {
		{ conf->ping_interval < conf->idle_timeout,
		    "ping_interval must be less than idle_timeout, or healthy connections are dropped" },
		{ conf->outbound_queue_bytes >= conf->max_frame_bytes,
		    "outbound_queue_bytes must be at least max_frame_bytes" },
		{ strcmp(conf->ws_socket, conf->api_socket) != 0 &&
		    strcmp(conf->ws_socket, conf->control_socket) != 0 &&
		    strcmp(conf->api_socket, conf->control_socket) != 0,
		    "api_socket, ws_socket and control_socket must be three different paths" },
	};

	if (i >= COUNTOF(rules))
		return NULL;
	return rules[i].kept ? "" : rules[i].sentence;
}

/* Every item between the commas, without the spaces around it; an empty list is fine, an empty item is not. */
static const char *
for_each(const char *list, bool (*ok)(const char *item), const char *must)
{
	const char *end;
	char item[256];

	if (*list == '\0')
		return NULL;
	for (const char *p = list;; p = end + 1) {
		struct slice trimmed;

		end = strchrnul(p, ',');
		trimmed = str_trim((struct slice){ .p = p, .n = (size_t)(end - p) });
		if (trimmed.n >= sizeof(item))
			return must;
		memcpy(item, trimmed.p, trimmed.n);
		item[trimmed.n] = '\0';
		if (!ok(item))
			return must;
		if (*end == '\0')
			return NULL;
	}
}

static bool
is_network(const char *item)
{
	const char *slash = strchrnul(item, '/');
	char address[INET6_ADDRSTRLEN];
	unsigned char bytes[16];
	int64_t bits, bits_max;

	if ((size_t)(slash - item) >= sizeof(address))
		return false;
	memcpy(address, item, (size_t)(slash - item));
	address[slash - item] = '\0';
	if (inet_pton(AF_INET, address, bytes) == 1)
		bits_max = 32;
	else if (inet_pton(AF_INET6, address, bytes) == 1)
		bits_max = 128;
	else
		return false;
	return *slash == '\0' || str_to_int(slash + 1, strlen(slash + 1), 0, bits_max, &bits);
}

static bool
is_ice_url(const char *item)
{
	static const char *const schemes[] = { "stun:", "stuns:", "turn:", "turns:" };

	for (size_t i = 0; i < COUNTOF(schemes); i++)
		if (begins(item, schemes[i]))
			return item[strlen(schemes[i])] != '\0' && strpbrk(item, " \"\\") == NULL;
	return false;
}

static bool
begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}
