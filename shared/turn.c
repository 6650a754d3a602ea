#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "mem.h"
#include "secret.h"
#include "str.h"
#include "turn.h"

struct turn {
	char	*urls;
	int64_t	 ttl_s;
	size_t	 secret_size;
	char	 secret[SECRET_FILE_MAX];	/* the one that signs */
};

static bool		 read_secret(struct turn *turn, const char *file, char *error_r, size_t error_size);
static const char	*check_secrets(struct slice rest);
static struct slice	 next_line(struct slice *rest);
static bool		 next_url(struct slice *rest, struct slice *url_r);
static bool		 is_turn(struct slice url);
static bool		 has_urls(const struct turn *turn, bool turns);
static void		 emit_urls(struct emit *e, const struct turn *turn, bool turns);
static void		 emit_credential(struct emit *e, const struct turn *turn, int64_t user_id, int64_t now_us);

struct turn *
turn_open(const char *urls, const char *secret_file, int64_t ttl_us, char *error_r, size_t error_size)
{
	struct turn *turn = mem_calloc(1, sizeof(*turn));

	turn->urls = mem_strdup(urls);
	turn->ttl_s = ttl_us / US_PER_S;
	if (*secret_file != '\0') {
		if (!read_secret(turn, secret_file, error_r, error_size))
			turn_free(&turn);
	} else if (has_urls(turn, true)) {
		snprintf(error_r, error_size, "turn: URLs in ice_urls need a turn_secret_file");
		turn_free(&turn);
	}
	return turn;
}

void
turn_free(struct turn **turn)
{
	if (*turn == NULL)
		return;
	explicit_bzero((*turn)->secret, sizeof((*turn)->secret));
	free((*turn)->urls);
	free(*turn);
	*turn = NULL;
}

int64_t
turn_expiry_us(const struct turn *turn, int64_t now_us)
{
	return (now_us / US_PER_S + (turn != NULL ? turn->ttl_s : 0)) * US_PER_S;
}

void
turn_emit(struct emit *e, const char *key, const struct turn *turn, int64_t user_id, int64_t now_us)
{
	emit_array(e, key);
	for (int turns = 0; turn != NULL && turns <= 1; turns++) {
		if (!has_urls(turn, turns))
			continue;
		emit_object(e, NULL);
		emit_urls(e, turn, turns);
		if (turns)
			emit_credential(e, turn, user_id, now_us);
		emit_end(e);
	}
	emit_end(e);
}

static bool
read_secret(struct turn *turn, const char *file, char *error_r, size_t error_size)
{
	struct slice rest = { .p = turn->secret }, first;
	const char *wrong;

	if (!secret_read(file, turn->secret, &rest.n, error_r, error_size))
		return false;
	if ((wrong = check_secrets(rest)) != NULL)
		return secret_refuse(file, wrong, error_r, error_size);
	first = next_line(&rest);
	memmove(turn->secret, first.p, first.n);
	turn->secret_size = first.n;
	explicit_bzero(turn->secret + first.n, sizeof(turn->secret) - first.n);
	return true;
}

/* NULL, or what is wrong with them. */
static const char *
check_secrets(struct slice rest)
{
	size_t n = 0;

	for (struct slice line; (line = next_line(&rest)).n > 0; n++) {
		if (n == TURN_SECRETS)
			return "more than two secrets";
		if (line.n < TURN_SECRET_MIN)
			return "a secret is shorter than 16 bytes";
	}
	return n > 0 ? NULL : "there is no secret in it";
}

/* Trimmed; empty lines are skipped, and at the end comes an empty one. */
static struct slice
next_line(struct slice *rest)
{
	struct slice line = { .p = rest->p };

	while (line.n == 0 && rest->n > 0) {
		const char *end = memchr(rest->p, '\n', rest->n);
		size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;

		line = str_trim((struct slice){ .p = rest->p, .n = n });
		rest->p += n + (end != NULL);
		rest->n -= n + (end != NULL);
	}
	return line;
}

static bool
next_url(struct slice *rest, struct slice *url_r)
{
	const char *end;
	size_t n;

	if (rest->n == 0)
		return false;
	end = memchr(rest->p, ',', rest->n);
	n = end != NULL ? (size_t)(end - rest->p) : rest->n;
	*url_r = str_trim((struct slice){ .p = rest->p, .n = n });
	rest->p += n + (end != NULL);
	rest->n -= n + (end != NULL);
	return true;
}

/* turn: and turns: URLs come with a credential, stun: and stuns: without. */
static bool
is_turn(struct slice url)
{
	return url.n > 0 && url.p[0] == 't';
}

static bool
has_urls(const struct turn *turn, bool turns)
{
	struct slice rest = str_slice(turn->urls), url;

	while (next_url(&rest, &url))
		if (is_turn(url) == turns)
			return true;
	return false;
}

static void
emit_urls(struct emit *e, const struct turn *turn, bool turns)
{
	struct slice rest = str_slice(turn->urls), url;

	emit_array(e, "urls");
	while (next_url(&rest, &url))
		if (is_turn(url) == turns)
			emit_slice(e, NULL, url);
	emit_end(e);
}

static void
emit_credential(struct emit *e, const struct turn *turn, int64_t user_id, int64_t now_us)
{
	unsigned char mac[DIGEST_SHA1_BYTES];
	char username[48], credential[STR_BASE64_SIZE(sizeof(mac))];

	snprintf(username, sizeof(username), "%lld:%lld",
	    (long long)(turn_expiry_us(turn, now_us) / US_PER_S), (long long)user_id);
	digest_hmac_sha1(mac, str_slice(username), (struct slice){ .p = turn->secret, .n = turn->secret_size });
	str_base64(credential, mac, sizeof(mac));
	emit_text(e, "username", username);
	emit_text(e, "credential", credential);
}
