/*
 * escape.h: reads the escapes of JSON strings (RFC 8259 7), for scan.c.
 */
#ifndef UNIO_ESCAPE_H
#define UNIO_ESCAPE_H

#include "base.h"

/* The value of the \uXXXX at p, or -1 if there is none before end. */
int32_t	escape_unit(const char *p, const char *end);
/*
 * Decodes the next character of the inside of a string that has been scanned, moves
 * *p behind it and returns its bytes.  \u0000 gives a NUL, a lone surrogate the three
 * bytes that UTF-8 has no use for: so strings that differ stay different.
 */
size_t	escape_take(const char **p, const char *end, char dst[4]);
/* Two insides of strings mean the same; bool. */
bool	escape_equal(struct slice a, struct slice b);
/* The inside of a string means this text, in which a backslash is one; bool. */
bool	escape_spells(struct slice raw, struct slice text);

#endif
