/*
 * arena.h: everything that lives exactly as long as one request (or one database
 * job).  Allocate freely, free nothing; arena_reset() forgets it all and keeps the
 * first block, so a worker that serves small requests allocates once.
 */
#ifndef UNIO_ARENA_H
#define UNIO_ARENA_H

#include "base.h"

struct arena;

struct arena	*arena_new(void);
/* The same for what is usually little: its first block is small. */
struct arena	*arena_new_small(void);
void		 arena_free(struct arena **arena);
void		 arena_reset(struct arena *arena);
/* Zeroed, aligned for any type, valid until the arena is reset or freed. */
void		*arena_alloc(struct arena *arena, size_t size);
/* A copy; NULL for NULL. */
char		*arena_strdup(struct arena *arena, const char *s);
char		*arena_strndup(struct arena *arena, const char *s, size_t n);
char		*arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
