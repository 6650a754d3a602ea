#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "sizes.h"
#include "str.h"

static const char	base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static const char	base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool	is_domain(const char *s);
static char	*encode64(char *dst, const void *src, size_t n, const char *alphabet);
static int	 value_of(char c);

/* Computes below zero, where the range is one larger. */
bool
str_to_int(const char *s, size_t n, int64_t min, int64_t max, int64_t *value_r)
{
	bool negative = min < 0 && n > 0 && s[0] == '-';
	size_t i = negative ? 1 : 0;
	int64_t value = 0;

	if (i == n || (s[i] == '0' && n > i + 1))
		return false;
	for (; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, s[i] - '0', &value))
			return false;
	}
	if (!negative && __builtin_sub_overflow(0, value, &value))
		return false;
	if (value < min || value > max)
		return false;
	*value_r = value;
	return true;
}

bool
str_copy(char *dst, size_t size, const char *src)
{
	size_t n = strnlen(src, size);

	if (size == 0)
		return false;
	memcpy(dst, src, MIN(n, size - 1));
	dst[MIN(n, size - 1)] = '\0';
	return n < size;
}

bool
str_equal(struct slice s, const char *text)
{
	return s.n == strlen(text) && (s.n == 0 || memcmp(s.p, text, s.n) == 0);
}

struct slice
str_slice(const char *s)
{
	return (struct slice){ .p = s, .n = strlen(s) };
}

struct slice
str_trim(struct slice s)
{
	static const char space[] = " \t\r\n\f\v";

	while (s.n > 0 && memchr(space, s.p[0], sizeof(space) - 1) != NULL) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && memchr(space, s.p[s.n - 1], sizeof(space) - 1) != NULL)
		s.n--;
	return s;
}

/* RFC 3629 4: only the second byte's range depends on the first; that excludes overlong forms and surrogates. */
size_t
str_utf8_next(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	unsigned char low = 0x80, high = 0xbf;
	size_t length;

	if (n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	length = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n < length)
		return 0;
	switch (p[0]) {
	case 0xe0: low = 0xa0; break;
	case 0xed: high = 0x9f; break;
	case 0xf0: low = 0x90; break;
	case 0xf4: high = 0x8f; break;
	}
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return length;
}

bool
str_utf8_valid(const char *s, size_t n)
{
	for (size_t i = 0, step; i < n; i += step)
		if ((step = str_utf8_next(s + i, n - i)) == 0)
			return false;
	return true;
}

/* Every byte but the continuation bytes begins a code point. */
size_t
str_utf8_count(const char *s, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += ((unsigned char)s[i] & 0xc0) != 0x80;
	return count;
}

/* C0 and DEL are one byte; C1 is U+0080 to U+009F, in UTF-8 0xc2 and that same number. */
bool
str_has_control(const char *s, bool lines)
{
	for (const unsigned char *p = (const unsigned char *)s; *p != '\0'; p++) {
		if (lines && (*p == '\n' || *p == '\r' || *p == '\t'))
			continue;
		if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
			return true;
	}
	return false;
}

bool
str_is_email(const char *s)
{
	size_t n = strnlen(s, LIMIT_EMAIL + 1);
	const char *at = memchr(s, '@', n);

	if (n > LIMIT_EMAIL || at == NULL || at == s || !str_utf8_valid(s, n) || str_has_control(s, false))
		return false;
	for (const char *p = s; p < at; p++)
		if (*p == ' ' || strchr("\"(),:;<>[\\]", *p) != NULL)
			return false;
	return is_domain(at + 1);
}

void
str_hex(char *dst, const void *src, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = src;

	for (size_t i = 0; i < n; i++) {
		*dst++ = digits[p[i] >> 4];
		*dst++ = digits[p[i] & 15];
	}
	*dst = '\0';
}

void
str_base64url(char *dst, const void *src, size_t n)
{
	*encode64(dst, src, n, base64url) = '\0';
}

void
str_base64(char *dst, const void *src, size_t n)
{
	char *end = encode64(dst, src, n, base64);

	while ((end - dst) % 4 != 0)
		*end++ = '=';
	*end = '\0';
}

/* Six bits a character, without padding; where it ends. */
static char *
encode64(char *dst, const void *src, size_t n, const char *alphabet)
{
	const unsigned char *p = src;
	uint32_t bits = 0;
	unsigned count = 0;

	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | p[i];
		for (count += 8; count >= 6; count -= 6)
			*dst++ = alphabet[bits >> (count - 6) & 63];
	}
	if (count > 0)
		*dst++ = alphabet[bits << (6 - count) & 63];
	return dst;
}

bool
str_base64url_valid(struct slice text)
{
	static const int spare_bits[] = { 0, -1, 0xf, 0x3 };
	int spare = spare_bits[text.n % 4];

	if (text.n == 0 || spare == -1)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (value_of(text.p[i]) == -1)
			return false;
	return (value_of(text.p[text.n - 1]) & spare) == 0;
}

bool
str_base64url_read(char *dst, struct slice text, size_t *n_r)
{
	char *p = dst;
	uint32_t bits = 0;
	unsigned count = 0;

	if (!str_base64url_valid(text))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		bits = bits << 6 | (uint32_t)value_of(text.p[i]);
		if ((count += 6) >= 8)
			*p++ = (char)(bits >> (count -= 8) & 0xff);
	}
	*n_r = (size_t)(p - dst);
	return true;
}

bool
str_is_base64url(char c)
{
	return value_of(c) != -1;
}

/* RFC 4648 5; -1 for any other character. */
static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* 64 divides 256, so taking six bits of each byte favours no character. */
void
str_random(char *dst, size_t chars)
{
	str_random_bytes(dst, chars);
	for (size_t i = 0; i < chars; i++)
		dst[i] = base64url[(unsigned char)dst[i] & 63];
	dst[chars] = '\0';
}

/* A kernel without random numbers is no place to make secrets: abort. */
void
str_random_bytes(void *dst, size_t n)
{
	char *p = dst;

	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno != EINTR)
			abort();
		if (got > 0) {
			p += got;
			n -= (size_t)got;
		}
	}
}

/* Labels of letters, digits, hyphens or non-ASCII characters, with single dots between them. */
static bool
is_domain(const char *s)
{
	bool label = false;

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '-' || c >= 0x80;

		if (!plain && (c != '.' || !label))
			return false;
		label = plain;
	}
	return label;
}
