#include <string.h>

#include "escape.h"
#include "str.h"

static size_t	put_utf8(char dst[4], uint32_t c);

size_t
escape_take(const char **p, const char *end, char dst[4])
{
	static const char named[] = "\"\\/bfnrt", names[] = "\"\\/\b\f\n\r\t";
	int32_t unit, low;
	size_t n;

	if (**p != '\\') {
		n = MAX(str_utf8_next(*p, (size_t)(end - *p)), 1);
		memcpy(dst, *p, n);
		*p += n;
		return n;
	}
	if ((*p)[1] != 'u') {
		dst[0] = names[strchr(named, (*p)[1]) - named];
		*p += 2;
		return 1;
	}
	unit = escape_unit(*p, end);
	*p += 6;
	if (unit >= 0xd800 && unit <= 0xdbff && (low = escape_unit(*p, end)) >= 0xdc00 && low <= 0xdfff) {
		*p += 6;
		unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
	}
	return put_utf8(dst, (uint32_t)unit);
}

int32_t
escape_unit(const char *p, const char *end)
{
	int32_t value = 0;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		char c = (char)(p[i] | 0x20);

		if (p[i] >= '0' && p[i] <= '9')
			value = value << 4 | (p[i] - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (c - 'a' + 10);
		else
			return -1;
	}
	return value;
}

bool
escape_equal(struct slice a, struct slice b)
{
	const char *a_end = a.p + a.n, *b_end = b.p + b.n;
	char ac[4], bc[4];
	size_t an;

	while (a.p < a_end && b.p < b_end) {
		an = escape_take(&a.p, a_end, ac);
		if (escape_take(&b.p, b_end, bc) != an || memcmp(ac, bc, an) != 0)
			return false;
	}
	return a.p == a_end && b.p == b_end;
}

bool
escape_spells(struct slice raw, struct slice text)
{
	const char *end = raw.p + raw.n;
	char c[4];
	size_t n;

	while (raw.p < end) {
		n = escape_take(&raw.p, end, c);
		if (n > text.n || memcmp(c, text.p, n) != 0)
			return false;
		text.p += n;
		text.n -= n;
	}
	return text.n == 0;
}

static size_t
put_utf8(char dst[4], uint32_t c)
{
	if (c < 0x80) {
		dst[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		dst[0] = (char)(0xc0 | c >> 6);
		dst[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		dst[0] = (char)(0xe0 | c >> 12);
		dst[1] = (char)(0x80 | (c >> 6 & 0x3f));
		dst[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	dst[0] = (char)(0xf0 | c >> 18);
	dst[1] = (char)(0x80 | (c >> 12 & 0x3f));
	dst[2] = (char)(0x80 | (c >> 6 & 0x3f));
	dst[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}
