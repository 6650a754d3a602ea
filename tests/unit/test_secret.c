/* secret: which files are fit to hold one. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "directory.h"
#include "secret.h"

struct fixture {
	char	dir[DIRECTORY_SIZE];
	char	file[DIRECTORY_SIZE + 16];
	char	error[256];
	char	got[SECRET_FILE_MAX];
	size_t	n;
};

static int
setup(void **state)
{
	struct fixture *t = calloc(1, sizeof(*t));

	directory_make(t->dir);
	snprintf(t->file, sizeof(t->file), "%s/secret", t->dir);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *t = *state;

	directory_remove(t->dir);
	free(t);
	return 0;
}

static bool
try(struct fixture *t, const void *text, size_t n, mode_t mode)
{
	FILE *file = fopen(t->file, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, n, file), n);
	fclose(file);
	assert_int_equal(chmod(t->file, mode), 0);
	return secret_read(t->file, t->got, &t->n, t->error, sizeof(t->error));
}

static void
expect_refused(struct fixture *t, const char *why)
{
	char wanted[256];

	snprintf(wanted, sizeof(wanted), "secret file %s: %s", t->file, why);
	assert_string_equal(t->error, wanted);
}

static void
a_secret_comes_as_it_stands(void **state)
{
	struct fixture *t = *state;

	assert_true(try(t, " a\0b\n", 5, 0600));
	assert_int_equal(t->n, 5);
	assert_memory_equal(t->got, " a\0b\n", 5);
	assert_true(try(t, "", 0, 0640));
	assert_int_equal(t->n, 0);
}

static void
a_file_that_others_may_read_or_write_is_refused(void **state)
{
	static const mode_t modes[] = { 0644, 0604, 0660, 0602, 0700, 0650 };
	struct fixture *t = *state;

	for (size_t i = 0; i < COUNTOF(modes); i++) {
		assert_false(try(t, "x", 1, modes[i]));
		expect_refused(t, "others may read or write it; its mode must be 0600 or 0640");
	}
}

static void
the_largest_secret_fits_and_one_byte_more_does_not(void **state)
{
	struct fixture *t = *state;
	char text[SECRET_FILE_MAX + 1];

	memset(text, 'x', sizeof(text));
	assert_true(try(t, text, SECRET_FILE_MAX, 0600));
	assert_int_equal(t->n, SECRET_FILE_MAX);
	assert_false(try(t, text, sizeof(text), 0600));
	expect_refused(t, "too large for a secret");
}

static void
what_is_no_file_is_refused(void **state)
{
	struct fixture *t = *state;

	assert_false(secret_read(t->file, t->got, &t->n, t->error, sizeof(t->error)));
	expect_refused(t, "No such file or directory");
	assert_int_equal(mkfifo(t->file, 0600), 0);
	assert_false(secret_read(t->file, t->got, &t->n, t->error, sizeof(t->error)));
	expect_refused(t, "not a file");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_secret_comes_as_it_stands, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_that_others_may_read_or_write_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(the_largest_secret_fits_and_one_byte_more_does_not, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
