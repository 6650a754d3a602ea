/*
 * ahead.h: memory that is needed soon is asked for now.
 *
 * A relay waits for memory more than it computes: what one session needs has left the
 * processor's caches when its turn comes again.  Wherever the next one is known, its
 * memory is asked for while this one is being dealt with.  These are hints: they change
 * nothing, and any address will do.
 */
#ifndef UNIO_AHEAD_H
#define UNIO_AHEAD_H

#include "base.h"

#define AHEAD_LINE	64	/* bytes that come at a time */

/* Some n bytes from p on, in steps of a line, to be written to sooner or later; nothing, if p is NULL. */
static inline void
ahead(const void *p, size_t n)
{
	size_t at;

	if (p == NULL)
		return;
	for (at = 0; at < n; at += AHEAD_LINE)
		__builtin_prefetch((const char *)p + at, 1);
}

#endif
