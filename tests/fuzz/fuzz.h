/*
 * fuzz.h: what the fuzz targets share: the input in pieces, and the word for what must hold.
 *
 * A target is one file: libFuzzer's function over one input.  It says what must hold of the result as well: that
 * nothing crashes is the least.  The same file with replay.c is an ordinary program that reads the seeds of
 * corpus/<target>/ once.  Inputs are text where possible, so that a seed can be read and a finding be understood.
 */
#ifndef UNIO_FUZZ_H
#define UNIO_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "mem.h"

#define FUZZ_CHECK(condition)									\
	do {											\
		if (!(condition)) {								\
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
			abort();								\
		}										\
	} while (0)

/* The name is libFuzzer's.  0, whatever came. */
int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes the first line, without its end; what follows stays in rest. */
static inline struct slice
fuzz_line(struct slice *rest)
{
	struct slice line = { .p = rest->p };
	const char *end = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;

	line.n = end != NULL ? (size_t)(end - rest->p) : rest->n;
	rest->p += line.n + (end != NULL);
	rest->n -= line.n + (end != NULL);
	return line;
}

/* Takes a byte, 0 at the end. */
static inline uint8_t
fuzz_byte(struct slice *rest)
{
	if (rest->n == 0)
		return 0;
	rest->n--;
	return (uint8_t)*rest->p++;
}

/* A text of its own, as long as need be, so that a step beyond it is seen; up to a NUL.  Free it. */
static inline char *
fuzz_text(struct slice slice)
{
	char *longer = mem_strndup(slice.n > 0 ? slice.p : "", slice.n);
	char *text = mem_strdup(longer);

	free(longer);
	return text;
}

/* The slice lies in the text, or is empty. */
static inline bool
fuzz_within(struct slice slice, struct slice text)
{
	return slice.n == 0 || (slice.p >= text.p && slice.p + slice.n <= text.p + text.n);
}

#endif
