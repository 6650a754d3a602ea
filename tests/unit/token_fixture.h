/*
 * token_fixture.h: a secret file of a test's own, the ring read from it, and claims that are good.
 */
#ifndef UNIO_TEST_TOKEN_FIXTURE_H
#define UNIO_TEST_TOKEN_FIXTURE_H

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

#define NOW_S	INT64_C(1700000000)
#define SECRET	"0123456789abcdefghijklmnopqrstuvwxyz"

struct fixture {
	char			 dir[32];
	char			 secret_file[64];
	struct token_ring	*ring;
};

static void
write_file(const char *path, const char *text, size_t n, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, n, file), n);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char error[256];

	str_copy(f->dir, sizeof(f->dir), "/tmp/unio-test-token-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->secret_file, sizeof(f->secret_file), "%s/secret.key", f->dir);
	write_file(f->secret_file, SECRET, strlen(SECRET), 0600);
	f->ring = token_ring_open(f->secret_file, "unio", error, sizeof(error));
	*state = f;
	return f->ring != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	token_ring_free(&f->ring);
	unlink(f->secret_file);
	rmdir(f->dir);
	free(f);
	return 0;
}

static const struct token_claims good = {
	.user_id = 42, .session_id = 7, .issued_s = NOW_S, .expires_s = NOW_S + 3600,
	    .jti = "abcdefghijklmnopqrstuv",
	.email = "user@example.org", .full_name = "A \"User\" \xc3\xa9",
};

#endif
