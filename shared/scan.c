#include <string.h>

#include "escape.h"
#include "plain.h"
#include "scan.h"
#include "str.h"

/* cJSON copies a number into 64 bytes. */
#define NUMBER_MAX	63

struct scanner {
	const char		*p;
	const char		*end;
	int			 flags;
	unsigned		 depth;		/* brackets open */
	uint64_t		 arrays;	/* bit d: the bracket with d others around it is an array's */
	struct scan_object	*object;	/* where the outermost members go, or NULL */
	struct scan_member	*member;	/* whose value is being read, or NULL */
	size_t			 escaped;	/* bytes of its keys that hold a backslash */
	bool			 too_many;	/* members for object, or such bytes */
};

/* What the grammar wants next. */
enum want { WANT_VALUE, WANT_ITEM_OR_END, WANT_KEY_OR_END, WANT_COMMA_OR_END, WANT_NOTHING };

_Static_assert(LIMIT_JSON_DEPTH + LIMIT_JSON_WRAP < 64, "one bit of arrays for each level");
_Static_assert(LIMIT_JSON_MEMBERS <= 64, "one bit of escaped for each member");

static enum scan_result	 scan(const char *p, size_t n, int flags, struct scan_object *object);
static enum scan_result	 scan_value(struct scanner *s, enum want *want);
static enum scan_result	 scan_member(struct scanner *s, enum want *want);
static enum scan_result	 scan_comma(struct scanner *s, enum want *want);
static enum scan_result	 open_bracket(struct scanner *s, bool array, enum want *want);
static void		 close_bracket(struct scanner *s, enum want *want);
static void		 end_value(struct scanner *s, enum want *want);
static enum scan_result	 skip_word(struct scanner *s, const char *word, size_t n);
static enum scan_result	 skip_number(struct scanner *s);
static bool		 skip_digits(struct scanner *s);
static enum scan_result	 skip_string(struct scanner *s);
static enum scan_result	 skip_escape(struct scanner *s);
static inline bool	 skip_space(struct scanner *s);
static void		 note_key(struct scanner *s, struct slice key);
static enum scan_type	 type_of(char c);
static bool		 find_duplicate(struct scan_object *object);

enum scan_result
scan_text(const char *p, size_t n, int flags)
{
	return scan(p, n, flags, NULL);
}

enum scan_result
scan_object(const char *p, size_t n, int flags, struct scan_object *object_r)
{
	enum scan_result result;

	object_r->count = 0;
	object_r->escaped = 0;
	object_r->offender = (struct slice){ 0 };
	if ((result = scan(p, n, flags, object_r)) != SCAN_OK)
		return result;
	return find_duplicate(object_r) ? SCAN_DUPLICATE : SCAN_OK;
}

const struct scan_member *
scan_named(const struct scan_object *object, struct slice key)
{
	for (size_t i = 0; i < object->count; i++) {
		const struct scan_member *member = &object->member[i];

		if ((object->escaped >> i & 1) != 0 ? escape_spells(member->key, key)
		    : member->key.n == key.n && memcmp(member->key.p, key.p, key.n) == 0)
			return member;
	}
	return NULL;
}

bool
scan_string(struct slice value, char *dst, size_t size, size_t *len_r)
{
	const char *p = value.p + 1, *end = value.p + value.n - 1;
	size_t len = 0, n;
	char c[4];

	if (value.n < 2 || value.p[0] != '"')
		return false;
	n = (size_t)(end - p);
	if (n < size && memchr(p, '\\', n) == NULL) {
		/* nothing to decode: the scan has seen that it is UTF-8 without control characters */
		memcpy(dst, p, n);
		dst[n] = '\0';
		*len_r = n;
		return true;
	}
	for (; p < end; len += n) {
		n = escape_take(&p, end, c);
		if (c[0] == '\0' || str_utf8_next(c, n) != n || len + n >= size)
			return false;
		memcpy(dst + len, c, n);
	}
	if (len >= size)
		return false;
	dst[len] = '\0';
	*len_r = len;
	return true;
}

bool
scan_int(struct slice value, int64_t min, int64_t max, int64_t *number_r)
{
	int64_t number;

	if (!str_to_int(value.p, value.n, INT64_MIN, INT64_MAX, &number) || number < min || number > max)
		return false;
	*number_r = number;
	return true;
}

/* ---- the grammar: RFC 8259 2 to 7, without recursion ------------------------ */

/* All of it becomes one function, so that the state stays in registers. */
static __attribute__((flatten)) enum scan_result
scan(const char *p, size_t n, int flags, struct scan_object *object)
{
	struct scanner s = { .p = p, .end = p + n, .flags = flags, .object = object };
	enum want want = WANT_VALUE;
	enum scan_result result = SCAN_OK;
	bool is_object = skip_space(&s) && *s.p == '{';

	while (want != WANT_NOTHING && result == SCAN_OK) {
		if (!skip_space(&s))
			return SCAN_SYNTAX;
		if (want == WANT_COMMA_OR_END)
			result = scan_comma(&s, &want);
		else if ((want == WANT_ITEM_OR_END && *s.p == ']') || (want == WANT_KEY_OR_END && *s.p == '}'))
			close_bracket(&s, &want);
		else if (want == WANT_KEY_OR_END)
			result = scan_member(&s, &want);
		else
			result = scan_value(&s, &want);
	}
	if (result != SCAN_OK)
		return result;
	if (skip_space(&s))
		return SCAN_SYNTAX;
	if (object != NULL && !is_object)
		return SCAN_NOT_OBJECT;
	return s.too_many ? SCAN_MEMBERS : SCAN_OK;
}

static enum scan_result
scan_value(struct scanner *s, enum want *want)
{
	enum scan_result result;

	if (s->depth == 1 && s->member != NULL) {
		s->member->value.p = s->p;
		s->member->type = type_of(*s->p);
	}
	switch (*s->p) {
	case '{':
	case '[':
		return open_bracket(s, *s->p == '[', want);
	case '"':
		result = skip_string(s);
		break;
	case 't':
		result = skip_word(s, "true", 4);
		break;
	case 'f':
		result = skip_word(s, "false", 5);
		break;
	case 'n':
		result = skip_word(s, "null", 4);
		break;
	default:
		result = skip_number(s);
		break;
	}
	if (result == SCAN_OK)
		end_value(s, want);
	return result;
}

/* Its key and the beginning of its value, or, if that is simple, all of it. */
static enum scan_result
scan_member(struct scanner *s, enum want *want)
{
	const char *begin = s->p + 1;
	enum scan_result result;

	if (*s->p != '"')
		return SCAN_SYNTAX;
	if ((result = skip_string(s)) != SCAN_OK)
		return result;
	if (s->depth == 1 && s->object != NULL)
		note_key(s, (struct slice){ .p = begin, .n = (size_t)(s->p - 1 - begin) });
	if (!skip_space(s) || *s->p != ':')
		return SCAN_SYNTAX;
	s->p++;
	return skip_space(s) ? scan_value(s, want) : SCAN_SYNTAX;
}

static enum scan_result
scan_comma(struct scanner *s, enum want *want)
{
	bool in_array = (s->arrays >> (s->depth - 1) & 1) != 0;

	if (*s->p == (in_array ? ']' : '}')) {
		close_bracket(s, want);
		return SCAN_OK;
	}
	if (*s->p != ',')
		return SCAN_SYNTAX;
	s->p++;
	if (!skip_space(s))
		return SCAN_SYNTAX;
	return in_array ? scan_value(s, want) : scan_member(s, want);
}

static enum scan_result
open_bracket(struct scanner *s, bool array, enum want *want)
{
	uint64_t bit = UINT64_C(1) << s->depth;

	if (s->depth >= LIMIT_JSON_DEPTH &&
	    ((s->flags & SCAN_WRAPPED) == 0 || s->depth == LIMIT_JSON_DEPTH + LIMIT_JSON_WRAP))
		return SCAN_DEPTH;
	s->arrays = array ? s->arrays | bit : s->arrays & ~bit;
	s->depth++;
	s->p++;
	*want = array ? WANT_ITEM_OR_END : WANT_KEY_OR_END;
	return SCAN_OK;
}

static void
close_bracket(struct scanner *s, enum want *want)
{
	s->p++;
	s->depth--;
	end_value(s, want);
}

static void
end_value(struct scanner *s, enum want *want)
{
	if (s->depth == 1 && s->member != NULL)
		s->member->value.n = (size_t)(s->p - s->member->value.p);
	*want = s->depth == 0 ? WANT_NOTHING : WANT_COMMA_OR_END;
}

static enum scan_result
skip_word(struct scanner *s, const char *word, size_t n)
{
	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return SCAN_SYNTAX;
	s->p += n;
	return SCAN_OK;
}

static enum scan_result
skip_number(struct scanner *s)
{
	const char *begin = s->p;

	if (*s->p == '-')
		s->p++;
	if (s->p < s->end && *s->p == '0')
		s->p++;
	else if (!skip_digits(s))
		return SCAN_SYNTAX;
	if (s->p < s->end && *s->p == '.') {
		s->p++;
		if (!skip_digits(s))
			return SCAN_SYNTAX;
	}
	if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
		s->p++;
		if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
			s->p++;
		if (!skip_digits(s))
			return SCAN_SYNTAX;
	}
	if ((s->flags & SCAN_TEXT) != 0 && s->p - begin > NUMBER_MAX)
		return SCAN_SYNTAX;
	return SCAN_OK;
}

/* One or more. */
static bool
skip_digits(struct scanner *s)
{
	const char *begin = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > begin;
}

static enum scan_result
skip_string(struct scanner *s)
{
	enum scan_result result;
	size_t n;

	s->p++;
	for (;;) {
		s->p = plain_end(s->p, s->end);
		if (s->p == s->end || (unsigned char)*s->p < ' ')
			return SCAN_SYNTAX;
		if (*s->p == '"') {
			s->p++;
			return SCAN_OK;
		}
		if (*s->p == '\\' && (result = skip_escape(s)) != SCAN_OK)
			return result;
		for (; s->p < s->end && (unsigned char)*s->p >= 0x80; s->p += n) {
			if ((n = str_utf8_next(s->p, (size_t)(s->end - s->p))) == 0)
				return SCAN_UTF8;
		}
	}
}

/* One escape, or with SCAN_TEXT a whole surrogate pair. */
static enum scan_result
skip_escape(struct scanner *s)
{
	int32_t unit, low;

	if (s->end - s->p < 2)
		return SCAN_SYNTAX;
	if (plain_escape(s->p[1])) {
		s->p += 2;
		return SCAN_OK;
	}
	if ((unit = escape_unit(s->p, s->end)) == -1)
		return SCAN_SYNTAX;
	s->p += 6;
	if ((s->flags & SCAN_TEXT) == 0 || (unit != 0 && (unit < 0xd800 || unit > 0xdfff)))
		return SCAN_OK;
	low = escape_unit(s->p, s->end);
	if (unit < 0xd800 || unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return SCAN_ESCAPE;
	s->p += 6;
	return SCAN_OK;
}

/* Whether there is anything behind it. */
static inline bool
skip_space(struct scanner *s)
{
	for (; s->p < s->end; s->p++)
		if ((unsigned char)*s->p > ' ' || (*s->p != ' ' && *s->p != '\t' && *s->p != '\n' && *s->p != '\r'))
			return true;
	return false;
}

/* ---- members and their keys ------------------------------------------------- */

static void
note_key(struct scanner *s, struct slice key)
{
	struct scan_object *object = s->object;
	bool escaped = memchr(key.p, '\\', key.n) != NULL;

	s->escaped += escaped ? key.n : 0;
	if (object->count == LIMIT_JSON_MEMBERS || s->escaped > LIMIT_JSON_ESCAPED) {
		s->too_many = true;
		s->member = NULL;
		return;
	}
	object->escaped |= (uint64_t)escaped << object->count;
	s->member = &object->member[object->count++];
	s->member->key = key;
}

static enum scan_type
type_of(char c)
{
	switch (c) {
	case '{': return SCAN_OBJECT;
	case '[': return SCAN_ARRAY;
	case '"': return SCAN_STRING;
	case 't': return SCAN_TRUE;
	case 'f': return SCAN_FALSE;
	case 'n': return SCAN_NULL;
	default: return SCAN_NUMBER;
	}
}

/* Quadratic, over at most LIMIT_JSON_MEMBERS, of which few bytes are decoded to compare; a frame has a handful. */
static bool
find_duplicate(struct scan_object *object)
{
	for (size_t i = 1; i < object->count; i++) {
		struct slice key = object->member[i].key;

		for (size_t k = 0; k < i; k++) {
			struct slice elder = object->member[k].key;
			bool plain = ((object->escaped >> i | object->escaped >> k) & 1) == 0;

			if (plain ? key.n == elder.n && memcmp(key.p, elder.p, key.n) == 0 : escape_equal(key, elder)) {
				object->offender = key;
				return true;
			}
		}
	}
	return false;
}
