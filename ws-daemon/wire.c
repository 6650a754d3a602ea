#include <string.h>

#include "closing.h"
#include "str.h"
#include "wire.h"

/* A reply with a JSON body of that many bytes, after which the connection is closed. */
#define REPLY(status, headers, length, body) \
	"HTTP/1.1 " status "\r\n" headers "Content-Type: application/json\r\nContent-Length: " #length \
	"\r\nConnection: close\r\n\r\n" body

#define KEY_BYTES	24	/* 16 in base64 */

static bool	begin(struct wire_text *, unsigned char);
static size_t	plain(const char *, size_t);
static inline uint64_t word_at(const char *);
static bool	may_be_sent(int);

const char *
wire_upgrade(bool get, const char *version, const char *key)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	if (!get)
		return REPLY("405 Method Not Allowed", "Allow: GET\r\n", 59,
		    "{\"error\":\"an upgrade is a GET\",\"code\":\"method_not_allowed\"}");
	if (strcmp(version, "13") != 0)
		return REPLY("426 Upgrade Required", "Sec-WebSocket-Version: 13\r\n", 71,
		    "{\"error\":\"this is a WebSocket of version 13\",\"code\":\"upgrade_required\"}");
	if (strlen(key) != KEY_BYTES || strspn(key, letters) != KEY_BYTES - 2 || strcmp(key + KEY_BYTES - 2, "==") != 0)
		return REPLY("400 Bad Request", "", 66,
		    "{\"error\":\"Sec-WebSocket-Key is not 16 bytes\",\"code\":\"bad_request\"}");
	return NULL;
}

const char *
wire_busy(void)
{
	return REPLY("429 Too Many Requests", "Retry-After: 1\r\n", 72,
	    "{\"error\":\"too many connections from this address\",\"code\":\"rate_limited\"}");
}

const char *
wire_stranger(void)
{
	return REPLY("403 Forbidden", "", 80,
	    "{\"error\":\"pages of this origin may not use this server\",\"code\":\"origin_refused\"}");
}

bool
wire_text(struct wire_text *text, const char *p, size_t n, bool last)
{
	size_t i = 0;

	while (i < n) {
		unsigned char c = (unsigned char)p[i];

		if (text->missing == 0) {
			if (c < 0x80) {
				i += plain(p + i, n - i);
				continue;
			}
			if (!begin(text, c))
				return false;
		} else {
			if (c < MAX(text->low, 0x80) || c > (text->high != 0 ? text->high : 0xbf))
				return false;
			text->low = text->high = 0;
			text->missing--;
		}
		i++;
	}
	return !last || text->missing == 0;
}

/* Overlong forms, surrogates and what lies beyond Unicode show in the second byte at the latest. */
static bool
begin(struct wire_text *text, unsigned char c)
{
	if (c < 0xc2 || c > 0xf4)
		return false;
	text->missing = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	text->low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0;
	text->high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0;
	return true;
}

/* How many bytes of ASCII there are at the beginning, 32 and then eight at a time; the first is one. */
static size_t
plain(const char *p, size_t n)
{
	const uint64_t	highs = UINT64_C(0x8080808080808080);
	const char	*end = p + n, *q = p + 1;

	while (end - q >= 32 && ((word_at(q) | word_at(q + 8) | word_at(q + 16) | word_at(q + 24)) & highs) == 0)
		q += 32;
	while (end - q >= 8 && (word_at(q) & highs) == 0)
		q += 8;
	while (q < end && (unsigned char)*q < 0x80)
		q++;
	return (size_t)(q - p);
}

static inline uint64_t
word_at(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

int
wire_close(unsigned char *p, size_t n)
{
	int fault = 0;

	if (n == 1)
		return CLOSING_PROTOCOL;
	if (n > 1 && !may_be_sent(p[0] << 8 | p[1]))
		fault = CLOSING_PROTOCOL;
	else if (n > 1 && !str_utf8_valid((const char *)p + 2, n - 2))
		fault = CLOSING_NO_TEXT;
	if (fault != 0) {
		memset(p, ' ', n);
		p[0] = (unsigned char)(fault >> 8);
		p[1] = (unsigned char)fault;
	}
	return 0;
}

/* Of those below 3000 the ones that are registered, and mean something in a frame (1004 to 1006 and 1015 do not). */
static bool
may_be_sent(int code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
