#include <stdbool.h>
#include <string.h>

#include "stamp.h"

static char	*put_hex(char *, uint64_t, int);
static bool	 get_hex(const char **, int, uint64_t *);

void
stamp_put(char *dst, const struct stamp *stamp)
{
	memcpy(dst, STAMP_MARK, sizeof(STAMP_MARK) - 1);
	dst = put_hex(dst + sizeof(STAMP_MARK) - 1, stamp->room, 6);
	dst = put_hex(dst, stamp->sender, 4);
	dst = put_hex(dst, stamp->number, 8);
	put_hex(dst, stamp->due_ns, 16);
}

const char *
stamp_find(const char *p, size_t n, struct stamp *stamp_r)
{
	const char	*at = memmem(p, n, STAMP_MARK, sizeof(STAMP_MARK) - 1);
	uint64_t	 room, sender, number;

	if (at == NULL || (size_t)(p + n - at) < STAMP_BYTES)
		return "a message without its stamp";
	at += sizeof(STAMP_MARK) - 1;
	if (!get_hex(&at, 6, &room) || !get_hex(&at, 4, &sender) || !get_hex(&at, 8, &number) ||
	    !get_hex(&at, 16, &stamp_r->due_ns))
		return "a message with a damaged stamp";
	stamp_r->room = (uint32_t)room;
	stamp_r->sender = (uint32_t)sender;
	stamp_r->number = (uint32_t)number;
	return NULL;
}

const char *
stamp_check(const struct stamp *stamp, uint32_t room, uint32_t self, uint32_t people, uint32_t *next)
{
	if (stamp->room != room || stamp->sender >= people || stamp->sender == self)
		return "a misrouted message";
	if (stamp->number > next[stamp->sender])
		return "a lost or misordered message";
	if (stamp->number < next[stamp->sender])
		return "a doubled or misordered message";
	next[stamp->sender]++;
	return NULL;
}

static char *
put_hex(char *dst, uint64_t value, int digits)
{
	int i;

	for (i = digits - 1; i >= 0; i--, value >>= 4)
		dst[i] = "0123456789abcdef"[value & 15];
	return dst + digits;
}

static bool
get_hex(const char **at, int digits, uint64_t *value_r)
{
	uint64_t	 value = 0;
	const char	*p = *at;
	int		 i;

	for (i = 0; i < digits; i++) {
		if (p[i] >= '0' && p[i] <= '9')
			value = value << 4 | (uint64_t)(p[i] - '0');
		else if (p[i] >= 'a' && p[i] <= 'f')
			value = value << 4 | (uint64_t)(p[i] - 'a' + 10);
		else
			return false;
	}
	*at += digits;
	*value_r = value;
	return true;
}
