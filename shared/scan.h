/*
 * scan.h: a strict reader of JSON texts (RFC 8259) that builds nothing.
 *
 * One pass checks grammar, UTF-8 (RFC 3629), depth and size, and notes where the
 * members of the outermost object lie, so that a value can be passed on byte for
 * byte as a slice of what came in.  Pure: no allocation, no library.  Stricter than
 * cJSON: whatever this accepts, cJSON accepts with the same value.
 */
#ifndef UNIO_SCAN_H
#define UNIO_SCAN_H

#include <string.h>

#include "base.h"
#include "sizes.h"

enum scan_type { SCAN_NULL, SCAN_FALSE, SCAN_TRUE, SCAN_NUMBER, SCAN_STRING, SCAN_ARRAY, SCAN_OBJECT };

enum scan_result {
	SCAN_OK,
	SCAN_SYNTAX,		/* not JSON, or bytes after it */
	SCAN_UTF8,		/* ill-formed UTF-8 */
	SCAN_DEPTH,		/* over LIMIT_JSON_DEPTH levels; the outermost is the first */
	SCAN_ESCAPE,		/* \u0000 or a lone surrogate (only with SCAN_TEXT) */
	SCAN_NOT_OBJECT,
	SCAN_DUPLICATE,		/* the same top-level key twice, compared decoded */
	SCAN_MEMBERS		/* over LIMIT_JSON_MEMBERS top-level members, or LIMIT_JSON_ESCAPED */
};

/* Refuse escapes that C strings or UTF-8 cannot hold: for what will be decoded, not passed on. */
#define SCAN_TEXT	0x01
/* LIMIT_JSON_WRAP levels more: for what one of our programs puts around what it has let in. */
#define SCAN_WRAPPED	0x02

struct scan_member {
	struct slice	key;		/* raw, without the quotes */
	struct slice	value;		/* raw, quotes and brackets included, no surrounding space */
	enum scan_type	type;
};

struct scan_object {
	struct scan_member	member[LIMIT_JSON_MEMBERS];
	size_t			count;
	uint64_t		escaped;	/* bit i: the key of member i holds a backslash */
	struct slice		offender;	/* SCAN_DUPLICATE: the key */
};

/*
 * SCAN_TEXT also refuses a number of over 63 bytes, which cJSON would cut.  What is
 * wrong with the grammar is said before what is wrong with the members.
 */

/* Any JSON text, whole.  SCAN_OK, SCAN_SYNTAX, SCAN_UTF8, SCAN_DEPTH or SCAN_ESCAPE. */
NODISCARD enum scan_result	scan_text(const char *p, size_t n, int flags);
/* A JSON text that is an object; object_r is scratch on failure (offender apart). */
NODISCARD enum scan_result	scan_object(const char *p, size_t n, int flags, struct scan_object *object_r);
/* The member named key (compared decoded), or NULL. */
const struct scan_member	*scan_named(const struct scan_object *object, struct slice key);
/* Decodes a SCAN_STRING value into dst with a NUL; false if it does not fit, or holds \u0000 or a lone surrogate. */
NODISCARD bool			 scan_string(struct slice value, char *dst, size_t size, size_t *len_r);
/* A SCAN_NUMBER that is an integer literal (no fraction, no exponent) within [min, max]; bool. */
NODISCARD bool			 scan_int(struct slice value, int64_t min, int64_t max, int64_t *number_r);

/* scan_named(); nothing is measured at run time if key is a literal. */
static inline const struct scan_member *
scan_find(const struct scan_object *object, const char *key)
{
	return scan_named(object, (struct slice){ .p = key, .n = strlen(key) });
}

#endif
