#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"

#define SMALLEST	64

void
buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

void
buf_reset(struct buf *b, size_t keep)
{
	if (b->cap > keep)
		buf_free(b);
	else
		buf_clear(b);
}

char *
buf_reserve(struct buf *b, size_t n)
{
	size_t need = b->len + n + 1, cap = MAX(b->cap, SMALLEST);

	if (need <= n)
		abort();
	if (need > b->cap) {
		while (cap < need)
			cap = cap > SIZE_MAX / 2 ? need : cap * 2;
		b->data = mem_realloc(b->data, cap);
		b->cap = cap;
	}
	b->data[need - 1] = '\0';
	return b->data + b->len;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	char *end = buf_reserve(b, n);

	if (n > 0)
		memcpy(end, p, n);
	b->len += n;
}

void
buf_addc(struct buf *b, char c)
{
	*buf_reserve(b, 1) = c;
	b->len++;
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

/* Digits come from the right; below zero it computes with the negative number, whose range is one larger. */
void
buf_add_int(struct buf *b, int64_t number)
{
	char text[24];
	char *p = text + sizeof(text);
	int64_t rest = number;

	do {
		*--p = (char)('0' + (rest < 0 ? -(rest % 10) : rest % 10));
		rest /= 10;
	} while (rest != 0);
	if (number < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(text + sizeof(text) - p));
}

/* Printed into the room that is there; a second time only if that was too little. */
void
buf_addf(struct buf *b, const char *fmt, ...)
{
	char *end = buf_reserve(b, 0);
	size_t room = b->cap - b->len;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(end, room, fmt, args);
	va_end(args);
	if (n < 0)
		abort();
	if ((size_t)n >= room) {
		end = buf_reserve(b, (size_t)n);
		va_start(args, fmt);
		vsnprintf(end, (size_t)n + 1, fmt, args);
		va_end(args);
	}
	b->len += (size_t)n;
}

void
buf_consume(struct buf *b, size_t n)
{
	n = MIN(n, b->len);
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->len - n + 1);
	b->len -= n;
}
