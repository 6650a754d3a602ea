/*
 * mem.h: malloc's family, but out of memory aborts here and nowhere else, so that
 * no caller checks.  Free with free(3).  arena.h comes with it.
 */
#ifndef UNIO_MEM_H
#define UNIO_MEM_H

#include "arena.h"
#include "base.h"

void	*mem_alloc(size_t size) __attribute__((malloc));
void	*mem_calloc(size_t n, size_t size) __attribute__((malloc));
void	*mem_realloc(void *p, size_t size);
char	*mem_strdup(const char *s) __attribute__((malloc));
/* At most n bytes of s, and a NUL. */
char	*mem_strndup(const char *s, size_t n) __attribute__((malloc));

#endif
