/* mem and arena: nothing fails, everything is aligned, a reset forgets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mem.h"

static bool
is_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

static void
an_allocation_of_nothing_is_still_one(void **state)
{
	void *p = mem_alloc(0), *q = mem_calloc(0, 8);

	(void)state;
	assert_non_null(p);
	assert_non_null(q);
	p = mem_realloc(p, 0);
	assert_non_null(p);
	free(p);
	free(q);
}

static void
copies_are_copies(void **state)
{
	char text[] = "hello", *whole = mem_strdup(text), *part = mem_strndup(text, 3),
	    *all = mem_strndup(text, 99);

	(void)state;
	text[0] = 'j';
	assert_string_equal(whole, "hello");
	assert_string_equal(part, "hel");
	assert_string_equal(all, "hello");
	free(whole);
	free(part);
	free(all);
}

/* What volatile hides the compiler cannot warn of, nor fold away. */
static void
too_much_memory_aborts(void **state)
{
	volatile size_t much = SIZE_MAX / 2;
	int status;
	pid_t pid;

	(void)state;
	setenv("ASAN_OPTIONS", "allocator_may_return_null=1", 1);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(0);
		free(mem_alloc(much));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
an_arena_gives_zeroed_aligned_memory_of_any_size(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t size = 0; size < 100000; size = size * 2 + 1) {
			char *p = arena_alloc(arena, size);

			assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
			assert_true(is_zero(p, size));
			memset(p, 0xff, size);
		}
		arena_reset(arena);
	}
	arena_free(&arena);
	assert_null(arena);
	arena_free(&arena);
}

static void
allocations_do_not_overlap(void **state)
{
	struct arena *arena = arena_new();
	char *p[1000];

	(void)state;
	for (size_t i = 0; i < COUNTOF(p); i++) {
		p[i] = arena_alloc(arena, 1 + i % 100);
		memset(p[i], (int)(i % 251), 1 + i % 100);
	}
	for (size_t i = 0; i < COUNTOF(p); i++)
		for (size_t k = 0; k < 1 + i % 100; k++)
			assert_int_equal((unsigned char)p[i][k], i % 251);
	arena_free(&arena);
}

static void
a_reset_arena_starts_with_the_same_block(void **state)
{
	struct arena *arena = arena_new();
	char *first = arena_alloc(arena, 10);

	(void)state;
	arena_alloc(arena, 1000000);
	arena_reset(arena);
	assert_ptr_equal(arena_alloc(arena, 10), first);
	arena_free(&arena);
}

static void
an_arena_copies_and_prints(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_null(arena_strdup(arena, NULL));
	assert_null(arena_strndup(arena, NULL, 3));
	assert_string_equal(arena_strdup(arena, ""), "");
	assert_string_equal(arena_strdup(arena, "text"), "text");
	assert_string_equal(arena_strndup(arena, "text", 2), "te");
	assert_string_equal(arena_strndup(arena, "text", 9), "text");
	assert_string_equal(arena_printf(arena, "%s-%d", "a", 7), "a-7");
	assert_int_equal(strlen(arena_printf(arena, "%50000d", 1)), 50000);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_allocation_of_nothing_is_still_one),
		cmocka_unit_test(copies_are_copies),
		cmocka_unit_test(too_much_memory_aborts),
		cmocka_unit_test(an_arena_gives_zeroed_aligned_memory_of_any_size),
		cmocka_unit_test(allocations_do_not_overlap),
		cmocka_unit_test(a_reset_arena_starts_with_the_same_block),
		cmocka_unit_test(an_arena_copies_and_prints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
