/*
 * plain.h: the plain part of a JSON string (RFC 8259 7): bytes that mean themselves, and escapes of two bytes.  Pure.
 *
 * Most of what is relayed is such text, an SDP above all, whose lines end in \r\n: it is looked at a block of bytes at
 * a time, 16 where the processor is known to have SSE2 (every x86-64; soon four of them), else 8 in a word.  The two
 * escapes that end a line do not stop that.
 */
#ifndef UNIO_PLAIN_H
#define UNIO_PLAIN_H

#include "base.h"

/*
 * Where it ends: at a quote, a control character, a byte that is not ASCII, a backslash that begins any other escape,
 * or none, or stands at the end of a block; or at end.
 */
const char	*plain_end(const char *p, const char *end);
/* A backslash and this character are an escape. */
bool		 plain_escape(char c);

#endif
