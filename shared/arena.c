#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "mem.h"

/* Room for an ordinary request and its reply, so that the first block is the only one. */
#define BLOCK_SIZE	16384
/* For a few short texts: with what malloc() and we add, no more than what threads have at hand. */
#define SMALL_SIZE	960

struct block {
	struct block	*previous;
	size_t		 size;
	size_t		 used;
	max_align_t	 data[];
};

/* The newest block is the one allocated from; the oldest is kept for ever.  There is none before the first use. */
struct arena {
	struct block	*newest;
	size_t		 first;		/* size of the oldest */
};

static void	 push_block(struct arena *arena, size_t size);
static void	 pop_block(struct arena *arena);
static size_t	 rounded(size_t size);

struct arena *
arena_new(void)
{
	struct arena *arena = mem_calloc(1, sizeof(*arena));

	arena->first = BLOCK_SIZE;
	return arena;
}

struct arena *
arena_new_small(void)
{
	struct arena *arena = mem_calloc(1, sizeof(*arena));

	arena->first = SMALL_SIZE;
	return arena;
}

void
arena_free(struct arena **arena)
{
	if (*arena == NULL)
		return;
	while ((*arena)->newest != NULL)
		pop_block(*arena);
	free(*arena);
	*arena = NULL;
}

void
arena_reset(struct arena *arena)
{
	if (arena->newest == NULL)
		return;
	while (arena->newest->previous != NULL)
		pop_block(arena);
	arena->newest->used = 0;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	size_t need = rounded(size);
	struct block *block;
	char *p;

	if (need < size)
		abort();
	if (arena->newest == NULL || arena->newest->size - arena->newest->used < need)
		push_block(arena, MAX(need, arena->newest == NULL ? arena->first : BLOCK_SIZE));
	block = arena->newest;
	p = (char *)block->data + block->used;
	block->used += need;
	return memset(p, 0, need);
}

char *
arena_strdup(struct arena *arena, const char *s)
{
	return s != NULL ? arena_strndup(arena, s, strlen(s)) : NULL;
}

char *
arena_strndup(struct arena *arena, const char *s, size_t n)
{
	char *copy;

	if (s == NULL)
		return NULL;
	n = strnlen(s, n);
	copy = arena_alloc(arena, n + 1);
	memcpy(copy, s, n);
	return copy;
}

char *
arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		abort();
	text = arena_alloc(arena, (size_t)n + 1);
	va_start(args, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, args);
	va_end(args);
	return text;
}

static void
push_block(struct arena *arena, size_t size)
{
	struct block *block = mem_alloc(sizeof(*block) + size);

	block->previous = arena->newest;
	block->size = size;
	block->used = 0;
	arena->newest = block;
}

static void
pop_block(struct arena *arena)
{
	struct block *block = arena->newest;

	arena->newest = block->previous;
	free(block);
}

/* The next multiple of the strictest alignment; at least one, so that no two allocations share an address. */
static size_t
rounded(size_t size)
{
	const size_t unit = _Alignof(max_align_t);

	return (MAX(size, 1) + unit - 1) / unit * unit;
}
