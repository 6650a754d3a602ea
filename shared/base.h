/*
 * base.h: what every file of Unio may assume.
 *
 * Fixed-width integers, bool, and three compiler attributes.  Times are int64_t
 * microseconds throughout; a variable that holds one ends in _us, one that holds
 * whole seconds ends in _s.
 *
 * Results come in three shapes, each said in one sentence above its function:
 * bool; int 0/-1; look-up 1 found / 0 none / -1 error.  Out-parameters end in _r
 * and are untouched on failure.
 */
#ifndef UNIO_BASE_H
#define UNIO_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NODISCARD	__attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define COUNTOF(a)	(sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)	((a) < (b) ? (a) : (b))
#define MAX(a, b)	((a) > (b) ? (a) : (b))

#define US_PER_S	INT64_C(1000000)
#define US_PER_MS	INT64_C(1000)

/* Bytes that somebody else owns; not NUL-terminated. */
struct slice {
	const char	*p;
	size_t		 n;
};

#endif
