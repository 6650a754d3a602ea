#include <arpa/inet.h>

#include <string.h>

#include "digest.h"
#include "emit.h"
#include "webhook.h"

#define SIGNATURE_BYTES	DIGEST_SHA256_BYTES

static struct slice	authority_of(const char *rest);
static bool		is_authority(struct slice authority);
static bool		is_name(struct slice host);
static bool		is_ipv6(struct slice host);
static struct slice	host_of(struct slice authority);
static bool		is_this_machine(struct slice host);
static bool		next_word(const char **list, struct slice *word_r);
static bool		read_key(const char *secret, char key[WEBHOOK_KEY_MAX], size_t *n_r);

/*
 * Fewer characters than RFC 3986 has, so that no two readers can see another host in it: no name and password,
 * no backslash, nothing that is not ASCII.
 */
const char *
webhook_url_wrong(const char *url, bool http)
{
	bool		 tls = strncmp(url, "https://", 8) == 0;
	struct slice	 authority;
	size_t		 n = strlen(url);

	if (!tls && strncmp(url, "http://", 7) != 0)
		return "must begin with https:// or http://";
	if (n > WEBHOOK_URL)
		return "must be at most 2048 bytes long";
	for (const char *p = url; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || strchr("\\\"<>^`{|}#", *p) != NULL)
			return "must be of ASCII characters that need no quotation, and name no fragment";
	authority = authority_of(url + (tls ? 8 : 7));
	if (!is_authority(authority))
		return "must name a host and perhaps a port, without a user or a password";
	if (!tls && !http && !is_this_machine(host_of(authority)))
		return "must begin with https://, since it leads to another machine (webhook_http)";
	return NULL;
}

static struct slice
authority_of(const char *rest)
{
	return (struct slice){ .p = rest, .n = strcspn(rest, "/?") };
}

static bool
is_authority(struct slice authority)
{
	struct slice	host = host_of(authority);
	int64_t		port;

	if (!is_name(host) && !is_ipv6(host))
		return false;
	return host.n == authority.n || (authority.p[host.n] == ':' &&
	    str_to_int(authority.p + host.n + 1, authority.n - host.n - 1, 1, 65535, &port));
}

static bool
is_name(struct slice host)
{
	static const char	letters[] = "-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t			i = 0;

	while (i < host.n && memchr(letters, host.p[i], sizeof(letters) - 1) != NULL)
		i++;
	return i > 0 && i == host.n;
}

/* RFC 3986 3.2.2, in brackets. */
static bool
is_ipv6(struct slice host)
{
	char		text[INET6_ADDRSTRLEN];
	struct in6_addr	address;

	if (host.n < 2 || host.p[0] != '[' || host.p[host.n - 1] != ']' || host.n - 2 >= sizeof(text))
		return false;
	memcpy(text, host.p + 1, host.n - 2);
	text[host.n - 2] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

static struct slice
host_of(struct slice authority)
{
	const char	*end;

	end = memchr(authority.p, authority.n > 0 && authority.p[0] == '[' ? ']' : ':', authority.n);
	if (end != NULL)
		authority.n = (size_t)(end - authority.p) + (*end == ']');
	return authority;
}

/* RFC 6761 6.3 says of localhost that it never leads anywhere else. */
static bool
is_this_machine(struct slice host)
{
	char		text[INET6_ADDRSTRLEN];
	struct in_addr	address;

	if (str_equal(host, "localhost") || str_equal(host, "[::1]"))
		return true;
	if (host.n >= sizeof(text))
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	return inet_pton(AF_INET, text, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

const char *
webhook_events_wrong(const char *events)
{
	struct slice	word;
	bool		known;

	if (*events == '\0')
		return NULL;
	while (next_word(&events, &word)) {
		known = false;
		for (size_t i = 0; i < EVENT_UNKNOWN; i++)
			known = known || (event_is_public((enum event_type)i) &&
			    str_equal(word, event_type_name((enum event_type)i)));
		if (!known)
			return "must be types of events that rooms are told, with commas and no spaces";
	}
	return NULL;
}

bool
webhook_events_have(const char *events, enum event_type type)
{
	struct slice	word;

	if (!event_is_public(type))
		return false;
	if (*events == '\0')
		return true;
	while (next_word(&events, &word))
		if (str_equal(word, event_type_name(type)))
			return true;
	return false;
}

/* What stands before the next comma, or the end; NULL in *list after the last. */
static bool
next_word(const char **list, struct slice *word_r)
{
	const char	*end;

	if (*list == NULL)
		return false;
	end = strchrnul(*list, ',');
	*word_r = (struct slice){ .p = *list, .n = (size_t)(end - *list) };
	*list = *end == ',' ? end + 1 : NULL;
	return true;
}

void
webhook_secret_make(char dst[WEBHOOK_SECRET_SIZE])
{
	char	key[WEBHOOK_KEY_MADE];

	str_random_bytes(key, sizeof(key));
	memcpy(dst, WEBHOOK_PREFIX, sizeof(WEBHOOK_PREFIX));
	str_base64(dst + sizeof(WEBHOOK_PREFIX) - 1, key, sizeof(key));
	explicit_bzero(key, sizeof(key));
}

bool
webhook_secret_valid(const char *secret)
{
	char	key[WEBHOOK_KEY_MAX];
	size_t	n;
	bool	valid = read_key(secret, key, &n);

	explicit_bzero(key, sizeof(key));
	return valid;
}

void
webhook_id_make(char dst[WEBHOOK_ID_SIZE])
{
	str_copy(dst, WEBHOOK_ID_SIZE, "msg_");
	str_random(dst + 4, WEBHOOK_ID_SIZE - 5);
}

bool
webhook_sign(const char *secret, const char *id, int64_t time_s, struct slice body, struct buf *out)
{
	struct buf	text = { 0 };
	unsigned char	digest[SIGNATURE_BYTES];
	char		key[WEBHOOK_KEY_MAX], base64[STR_BASE64_SIZE(SIGNATURE_BYTES)];
	size_t		n;

	if (!read_key(secret, key, &n))
		return false;
	buf_addf(&text, "%s.%lld.", id, (long long)time_s);
	buf_add(&text, body.p, body.n);
	digest_hmac_sha256(digest, (struct slice){ text.data, text.len }, (struct slice){ key, n });
	str_base64(base64, digest, sizeof(digest));
	buf_addf(out, "%sv1,%s", out->len > 0 ? " " : "", base64);
	explicit_bzero(key, sizeof(key));
	buf_free(&text);
	return true;
}

/* The other base64 alphabet, and padded, is what str.h reads by another name. */
static bool
read_key(const char *secret, char key[WEBHOOK_KEY_MAX], size_t *n_r)
{
	char		text[STR_BASE64_SIZE(WEBHOOK_KEY_MAX)];
	size_t		n = strlen(secret), prefix = sizeof(WEBHOOK_PREFIX) - 1;
	bool		ok;

	if (n >= WEBHOOK_SECRET_SIZE || strncmp(secret, WEBHOOK_PREFIX, prefix) != 0 || (n - prefix) % 4 != 0)
		return false;
	n -= prefix;
	memcpy(text, secret + prefix, n + 1);
	if (strpbrk(text, "-_") != NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
	for (size_t i = 0; i < 2 && n > 0 && text[n - 1] == '='; i++)
		n--;
	/* 88 characters hold 66 bytes if none is padding */
	ok = n * 3 / 4 >= WEBHOOK_KEY_MIN && n * 3 / 4 <= WEBHOOK_KEY_MAX &&
	    str_base64url_read(key, (struct slice){ text, n }, n_r);
	explicit_bzero(text, sizeof(text));
	return ok;
}

/* The event's members are a level of their own: one of them may be called as one of ours. */
void
webhook_message(const struct event *event, struct buf *out)
{
	struct emit	e = emit_into(out);

	emit_object(&e, NULL);
	emit_text(&e, "type", event_type_name(event->type));
	emit_time(&e, "timestamp", event->created_at);
	emit_int(&e, "event_id", event->id);
	if (event->meeting_id != 0)
		emit_int(&e, "meeting_id", event->meeting_id);
	else
		emit_null(&e, "meeting_id");
	emit_raw(&e, "data", str_slice(event->body));
	emit_end(&e);
}

void
webhook_test_message(int64_t webhook_id, int64_t now_us, struct buf *out)
{
	struct emit	e = emit_into(out);

	emit_object(&e, NULL);
	emit_text(&e, "type", WEBHOOK_TEST);
	emit_time(&e, "timestamp", now_us);
	emit_null(&e, "event_id");
	emit_null(&e, "meeting_id");
	emit_object(&e, "data");
	emit_int(&e, "webhook_id", webhook_id);
	emit_end(&e);
	emit_end(&e);
}
