/*
 * mem.h: memory, in two kinds.
 *
 * mem_*: malloc's family, but out of memory aborts here and nowhere else, so that
 * no caller checks.  Free with free(3).
 *
 * arena: everything that lives exactly as long as one request (or one database
 * job).  Allocate freely, free nothing; arena_reset() forgets it all and keeps the
 * first block, so a worker that serves small requests allocates once.
 */
#ifndef UNIO_MEM_H
#define UNIO_MEM_H

#include <stdarg.h>

#include "base.h"

struct arena;

void		*mem_alloc(size_t size) __attribute__((malloc));
void		*mem_calloc(size_t n, size_t size) __attribute__((malloc));
void		*mem_realloc(void *p, size_t size);
char		*mem_strdup(const char *s) __attribute__((malloc));
char		*mem_strndup(const char *s, size_t n) __attribute__((malloc));

struct arena	*arena_new(void);
void		 arena_free(struct arena **arena);
void		 arena_reset(struct arena *arena);
/* Zeroed, aligned for any type, valid until the arena is reset or freed. */
void		*arena_alloc(struct arena *arena, size_t size);
/* A copy; NULL for NULL. */
char		*arena_strdup(struct arena *arena, const char *s);
char		*arena_strndup(struct arena *arena, const char *s, size_t n);
char		*arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
