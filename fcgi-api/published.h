/*
 * published.h: the descriptions of this interface, docs/openapi.yaml and
 * docs/asyncapi.yaml, which travel inside the program as JSON.
 *
 * The table is made while the program is built (docs/embed.c).
 */
#ifndef UNIO_PUBLISHED_H
#define UNIO_PUBLISHED_H

#include <stddef.h>

struct published {
	const char	*name;		/* the last part of its path: openapi.json */
	const char	*text;
	size_t		 length;	/* of the text, in bytes */
	const char	*etag;		/* of the text, with its quotes (RFC 9110 8.8.3) */
};

extern const struct published	published[];
extern const size_t		published_count;

#endif
