/*
 * buf.h: a growable run of bytes.
 *
 * A zeroed struct is an empty buffer.  data is NUL-terminated whenever it is not
 * NULL (the NUL is not counted in len), so that text can be handed to C functions.
 * Owned by whoever declares it; buf_free() returns it to the empty state.
 */
#ifndef UNIO_BUF_H
#define UNIO_BUF_H

#include "base.h"

struct buf {
	char	*data;
	size_t	 len;
	size_t	 cap;
};

void	buf_free(struct buf *b);
/* Empties it, keeping the memory. */
void	buf_clear(struct buf *b);
/* Empties it, giving the memory back if it is more than keep. */
void	buf_reset(struct buf *b, size_t keep);
/* Makes room for n more bytes and returns where they go; the caller adds n to len, or less, and then puts the NUL. */
char	*buf_reserve(struct buf *b, size_t n);
void	buf_add(struct buf *b, const void *p, size_t n);
void	buf_addc(struct buf *b, char c);
void	buf_adds(struct buf *b, const char *s);
/* In decimal. */
void	buf_add_int(struct buf *b, int64_t number);
void	buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Drops the first n bytes. */
void	buf_consume(struct buf *b, size_t n);

#endif
