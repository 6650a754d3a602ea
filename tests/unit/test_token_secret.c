/* token: where its secret comes from. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "str.h"
#include "token.h"
#include "token_fixture.h"

static void
expect_secret(struct fixture *f, const char *text, size_t n, mode_t mode, const char *want)
{
	char error[256] = "";
	struct token_ring *ring;

	write_file(f->secret_file, text, n, mode);
	ring = token_ring_open(f->secret_file, "unio", error, sizeof(error));
	if (want == NULL)
		assert_non_null(ring);
	else if (ring != NULL || strstr(error, want) == NULL)
		fail_msg("\"%s\" instead of \"%s\"", error, want);
	token_ring_free(&ring);
}

static void
a_secret_is_long_enough_and_private(void **state)
{
	struct fixture *f = *state;
	char large[5000], error[256];

	memset(large, 'x', sizeof(large));
	expect_secret(f, large, 32, 0600, NULL);
	expect_secret(f, large, 32, 0640, NULL);
	expect_secret(f, large, 32, 0400, NULL);
	expect_secret(f, large, 4096, 0600, NULL);
	expect_secret(f, large, 31, 0600, "shorter than 32 bytes");
	expect_secret(f, "", 0, 0600, "shorter than 32 bytes");
	expect_secret(f, "                                        x", 41, 0600, "shorter than 32 bytes");
	expect_secret(f, large, sizeof(large), 0600, "too large");
	expect_secret(f, large, 32, 0644, "mode must be 0600 or 0640");
	expect_secret(f, large, 32, 0660, "mode must be 0600 or 0640");
	expect_secret(f, large, 32, 0604, "mode must be 0600 or 0640");
	expect_secret(f, "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0B\n", 47, 0600, "PEM");
	assert_null(token_ring_open("/nonexistent/secret", "unio", error, sizeof(error)));
	assert_string_equal(error, "secret file /nonexistent/secret: No such file or directory");
	assert_null(token_ring_open(f->dir, "unio", error, sizeof(error)));
}

static void
white_space_around_a_secret_does_not_count(void **state)
{
	struct fixture *f = *state;
	char *token = token_issue(f->ring, &good), error[256];
	struct token_claims claims;
	struct token_ring *ring;

	write_file(f->secret_file, " \n" SECRET "\r\n\n", strlen(SECRET) + 5, 0600);
	assert_non_null(ring = token_ring_open(f->secret_file, "unio", error, sizeof(error)));
	assert_int_equal(token_verify(ring, token, strlen(token), NOW_S, &claims), TOKEN_VALID);
	token_ring_free(&ring);
	assert_null(ring);
	token_ring_free(&ring);
	free(token);
}

static void
a_secret_is_made_once_and_private(void **state)
{
	struct fixture *f = *state;
	char first[64] = "", second[64] = "", error[256];
	struct token_ring *ring;
	struct stat st;
	FILE *file;

	unlink(f->secret_file);
	assert_int_equal(token_secret_create(f->secret_file), 0);
	assert_int_equal(stat(f->secret_file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_nlink, 1);
	assert_non_null(file = fopen(f->secret_file, "r"));
	assert_non_null(fgets(first, sizeof(first), file));
	fclose(file);
	assert_int_equal(strlen(first), 44);
	assert_int_equal(token_secret_create(f->secret_file), 0);
	assert_non_null(file = fopen(f->secret_file, "r"));
	assert_non_null(fgets(second, sizeof(second), file));
	fclose(file);
	assert_string_equal(first, second);
	assert_non_null(ring = token_ring_open(f->secret_file, "unio", error, sizeof(error)));
	token_ring_free(&ring);
	errno = 0;
	assert_int_equal(token_secret_create("/nonexistent/secret"), -1);
	assert_int_equal(errno, ENOENT);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_secret_is_long_enough_and_private),
		TEST(white_space_around_a_secret_does_not_count),
		TEST(a_secret_is_made_once_and_private),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
