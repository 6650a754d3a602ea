#include <string.h>

#include "digest.h"
#include "str.h"
#include "stun.h"

/* RFC 8489 5: type, length, cookie, id. */
#define HEADER		20
#define COOKIE		0x2112a442u
#define SUCCESS		0x0100
#define FAILURE		0x0110
#define CLASS		0x0110

/* RFC 8489 18.3, RFC 8656 18. */
enum {
	USERNAME = 0x0006,
	MESSAGE_INTEGRITY = 0x0008,
	ERROR_CODE = 0x0009,
	LIFETIME = 0x000d,
	REALM = 0x0014,
	NONCE = 0x0015,
	REQUESTED_TRANSPORT = 0x0019
};

#define UDP		17	/* as an IP protocol number */
#define TEXT_MAX	763	/* bytes of a realm or a nonce: RFC 8489 14.9, 14.10 */

static void	put16(struct buf *, unsigned);
static unsigned	get16(const char *);
static void	add(struct buf *, unsigned, struct slice);
static void	set_length(struct buf *, size_t);
static void	sign(struct buf *, const struct stun_credential *);
static bool	take(struct stun_reply *, unsigned, struct slice);
static bool	is_text(struct slice);

void
stun_request(struct buf *out, enum stun_method method, const struct stun_credential *credential,
    unsigned char id_r[STUN_ID])
{
	static const char transport[] = { UDP, 0, 0, 0 }, now[] = { 0, 0, 0, 0 };

	buf_clear(out);
	put16(out, method);
	put16(out, 0);
	put16(out, COOKIE >> 16);
	put16(out, COOKIE & 0xffff);
	str_random_bytes(id_r, STUN_ID);
	buf_add(out, id_r, STUN_ID);
	if (method == STUN_ALLOCATE)
		add(out, REQUESTED_TRANSPORT, (struct slice){ transport, sizeof(transport) });
	if (method == STUN_REFRESH)
		add(out, LIFETIME, (struct slice){ now, sizeof(now) });
	if (credential != NULL)
		sign(out, credential);
	set_length(out, out->len - HEADER);
}

/* RFC 8489 14.5: the HMAC covers the message up to here, with a length that counts it in. */
static void
sign(struct buf *out, const struct stun_credential *c)
{
	unsigned char key[DIGEST_MD5_BYTES], mac[DIGEST_SHA1_BYTES];
	struct buf text = { 0 };

	add(out, USERNAME, str_slice(c->username));
	add(out, REALM, c->realm);
	add(out, NONCE, c->nonce);
	buf_addf(&text, "%s:%.*s:%s", c->username, (int)c->realm.n, c->realm.p, c->password);
	digest_md5(key, text.data, text.len);
	explicit_bzero(text.data, text.len);
	buf_free(&text);
	set_length(out, out->len - HEADER + 4 + sizeof(mac));
	digest_hmac_sha1(mac, (struct slice){ out->data, out->len }, (struct slice){ (const char *)key, sizeof(key) });
	add(out, MESSAGE_INTEGRITY, (struct slice){ (const char *)mac, sizeof(mac) });
}

/* Padded to four bytes, which its length does not count. */
static void
add(struct buf *out, unsigned type, struct slice value)
{
	static const char padding[4];

	put16(out, type);
	put16(out, (unsigned)value.n);
	buf_add(out, value.p, value.n);
	buf_add(out, padding, (4 - value.n % 4) % 4);
}

static void
put16(struct buf *out, unsigned value)
{
	buf_addc(out, (char)(value >> 8 & 0xff));
	buf_addc(out, (char)(value & 0xff));
}

static unsigned
get16(const char *p)
{
	return (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static void
set_length(struct buf *out, size_t n)
{
	out->data[2] = (char)(n >> 8 & 0xff);
	out->data[3] = (char)(n & 0xff);
}

int
stun_length(struct slice in)
{
	size_t n;

	if (in.n < HEADER)
		return 0;
	if ((get16(in.p) & 0xc000) != 0 || get16(in.p + 4) != COOKIE >> 16 || get16(in.p + 6) != (COOKIE & 0xffff))
		return -1;
	n = HEADER + get16(in.p + 2);
	return in.n >= n ? (int)n : 0;
}

bool
stun_read(struct slice message, const unsigned char id[STUN_ID], struct stun_reply *reply_r)
{
	struct stun_reply reply = { .success = false };
	size_t at = HEADER, n;

	if (stun_length(message) <= 0 || memcmp(message.p + 8, id, STUN_ID) != 0)
		return false;
	if ((get16(message.p) & CLASS) != SUCCESS && (get16(message.p) & CLASS) != FAILURE)
		return false;
	reply.success = (get16(message.p) & CLASS) == SUCCESS;
	message.n = (size_t)stun_length(message);
	for (; at + 4 <= message.n; at += 4 + (n + 3) / 4 * 4) {
		n = get16(message.p + at + 2);
		if (n > message.n - at - 4 ||
		    !take(&reply, get16(message.p + at), (struct slice){ message.p + at + 4, n }))
			return false;
	}
	*reply_r = reply;
	return true;
}

static bool
take(struct stun_reply *reply, unsigned type, struct slice value)
{
	if (type == ERROR_CODE && value.n >= 4) {
		/* RFC 8489 14.8 */
		reply->error = (value.p[2] & 0x7) * 100 + (unsigned char)value.p[3];
		reply->reason = (struct slice){ value.p + 4, value.n - 4 };
	} else if (type == REALM) {
		reply->realm = value;
		return is_text(value);
	} else if (type == NONCE) {
		reply->nonce = value;
		return is_text(value);
	}
	return true;
}

/* The server gets it back, from a copy that is a string: one that is shorter than its slice would tell too much. */
static bool
is_text(struct slice value)
{
	return value.n <= TEXT_MAX && memchr(value.p, '\0', value.n) == NULL;
}
