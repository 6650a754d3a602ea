#include <stdlib.h>
#include <string.h>

#include "conf_rule.h"
#include "cors.h"
#include "local.h"
#include "peer.h"
#include "shard.h"
#include "sizes.h"
#include "str.h"

/* Where the programs of a site listen; to be freed one by one. */
struct places {
	char	*name[3 + 4 * SHARD_MAX];
	size_t	 n;
};

static bool	is_ice_url(struct slice item);
static bool	has_turn_url(const char *urls);
static bool	begins(const char *text, const char *prefix);
static bool	names_fit(const struct conf *conf);
static bool	names_differ(const struct conf *conf);
static bool	metrics_differ(const struct conf *conf);
static void	add_place(struct places *places, const char *name, int64_t daemon);
static bool	same_place(const char *a, const char *b);

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
conf_rule_local(const char *text)
{
	struct local local;

	if (*text == '\0' || local_parse(text, &local))
		return NULL;
	return "must be empty, a loopback address and a port (127.0.0.1:9465, [::1]:9465), or the path of a socket";
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
conf_rule_origins(const char *text)
{
	return strcmp(text, "*") == 0 || cors_list_valid(text) ? NULL :
	    "must be origins as browsers send them (https://app.example.org), separated by commas, or *";
}

const char *
conf_rule_networks(const char *text)
{
	return peer_list_valid(text) ? NULL : "must be addresses or CIDR blocks, separated by commas";
}

const char *
conf_rule_ice_urls(const char *text)
{
	const char *end;

	for (const char *p = text; *text != '\0'; p = end + 1) {
		end = strchrnul(p, ',');
		if (!is_ice_url(str_trim((struct slice){ .p = p, .n = (size_t)(end - p) })))
			return "must be stun:, stuns:, turn: or turns: URLs, separated by commas";
		if (*end == '\0')
			break;
	}
	return NULL;
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
		{ names_fit(conf),
		    "with so many daemons the path of a socket has more than 107 bytes" },
		{ names_differ(conf),
		    "with so many daemons the paths of two sockets are the same" },
		{ metrics_differ(conf),
		    "api_metrics, signald_metrics and hookd_metrics must differ, also from every socket" },
		{ *conf->api_metrics == '\0' || conf->workers > 0,
		    "api_metrics needs workers: processes that another program starts know only their own figures" },
		{ *conf->jwks_file == '\0' || (*conf->jwks_issuer != '\0' && *conf->jwks_audience != '\0'),
		    "jwks_file needs jwks_issuer and jwks_audience: tokens must be the provider's, and for us" },
		{ *conf->jwks_file == '\0' || strcmp(conf->jwks_issuer, conf->issuer) != 0,
		    "jwks_issuer and issuer must differ" },
		{ !conf->jwks_link_email || conf->registration != CONF_REGISTRATION_OPEN,
		    "jwks_link_email needs registration = closed: anybody could make an account with a stranger's "
		    "address, and keep its password" },
		{ conf->byte_burst >= conf->max_frame_bytes,
		    "byte_burst must be at least max_frame_bytes" },
		{ *conf->turn_secret_file != '\0' || !has_turn_url(conf->ice_urls),
		    "turn: and turns: URLs in ice_urls need a turn_secret_file" },
	};

	if (i >= COUNTOF(rules))
		return NULL;
	return rules[i].kept ? "" : rules[i].sentence;
}

static bool
is_ice_url(struct slice item)
{
	static const char *const schemes[] = { "stun:", "stuns:", "turn:", "turns:" };

	for (size_t i = 0; i < COUNTOF(schemes); i++) {
		size_t n = strlen(schemes[i]);

		if (item.n > n && memcmp(item.p, schemes[i], n) == 0)
			return memchr(item.p, ' ', item.n) == NULL && memchr(item.p, '"', item.n) == NULL;
	}
	return false;
}

/* Of a list that has passed its rule. */
static bool
has_turn_url(const char *urls)
{
	for (const char *p = urls; *p != '\0'; p = strchrnul(p, ',')) {
		p += strspn(p, ", \t");
		if (begins(p, "turn"))
			return true;
	}
	return false;
}

/* The sockets of the last daemon have the longest names. */
static bool
names_fit(const struct conf *conf)
{
	const char *const names[] = { conf->ws_socket, conf->control_socket, conf->wake_endpoint };
	bool fit = true;

	for (size_t i = 0; i < COUNTOF(names); i++) {
		char *own = shard_name(names[i], conf->daemons);

		fit = fit && conf_rule_socket(begins(own, "ipc://") ? own + strlen("ipc://") : own) == NULL;
		free(own);
	}
	return fit;
}

/* What a daemon K has of one key's may be what the configuration has under another. */
static bool
names_differ(const struct conf *conf)
{
	const char *const names[] = { conf->ws_socket, conf->control_socket, conf->api_socket };
	bool differ = true;

	for (int64_t daemon = 2; daemon <= conf->daemons; daemon++)
		for (size_t i = 0; i < COUNTOF(names); i++) {
			char *own = shard_name(names[i], daemon);

			for (size_t k = 0; k < COUNTOF(names); k++)
				differ = differ && strcmp(own, names[k]) != 0;
			free(own);
		}
	return differ;
}

/* No two programs tell their figures at one place, and none where a program has a socket. */
static bool
metrics_differ(const struct conf *conf)
{
	struct places places = { .n = 0 };
	bool differ = true;
	size_t metrics;

	add_place(&places, conf->api_metrics, 1);
	add_place(&places, conf->hookd_metrics, 1);
	for (int64_t daemon = 1; daemon <= conf->daemons; daemon++)
		add_place(&places, conf->signald_metrics, daemon);
	metrics = places.n;
	add_place(&places, conf->api_socket, 1);
	for (int64_t daemon = 1; daemon <= conf->daemons; daemon++) {
		add_place(&places, conf->ws_socket, daemon);
		add_place(&places, conf->control_socket, daemon);
		add_place(&places, conf->wake_endpoint, daemon);
	}
	for (size_t i = 0; i < metrics; i++)
		for (size_t k = i + 1; k < places.n; k++)
			differ = differ && !same_place(places.name[i], places.name[k]);
	for (size_t i = 0; i < places.n; i++)
		free(places.name[i]);
	return differ;
}

/* What that daemon has by this name, if there is any. */
static void
add_place(struct places *places, const char *name, int64_t daemon)
{
	if (*name != '\0')
		places->name[places->n++] = shard_name(name, daemon);
}

/* However it is written: [::1]:1 is tcp://[0::1]:1. */
static bool
same_place(const char *a, const char *b)
{
	struct local x, y;

	a += begins(a, "ipc://") || begins(a, "tcp://") ? strlen("ipc://") : 0;
	b += begins(b, "ipc://") || begins(b, "tcp://") ? strlen("ipc://") : 0;
	return strcmp(a, b) == 0 || (local_parse(a, &x) && local_parse(b, &y) && x.size == y.size &&
	    memcmp(&x.address, &y.address, x.size) == 0);
}

static bool
begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}
