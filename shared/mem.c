#include <stdlib.h>
#include <string.h>

#include "mem.h"

/* What malloc() keeps at hand for each thread; calloc() never looks there (glibc up to 2.40). */
#define SMALL	1032

static void	*checked(void *p);

/* malloc(0) may give NULL, so nobody asks for less than one byte. */
void *
mem_alloc(size_t size)
{
	return checked(malloc(MAX(size, 1)));
}

void *
mem_calloc(size_t n, size_t size)
{
	if (n == 1 && size <= SMALL)
		return memset(mem_alloc(size), 0, size);
	return checked(calloc(MAX(n, 1), MAX(size, 1)));
}

void *
mem_realloc(void *p, size_t size)
{
	return checked(realloc(p, MAX(size, 1)));
}

char *
mem_strdup(const char *s)
{
	return checked(strdup(s));
}

char *
mem_strndup(const char *s, size_t n)
{
	return checked(strndup(s, n));
}

static void *
checked(void *p)
{
	if (p == NULL)
		abort();
	return p;
}
