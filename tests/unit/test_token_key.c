/* token: which key a token names, and keys that are replaced while programs run. */
#include <stdlib.h>

#include <jwt.h>

#include "key.h"
#include "token_fixture.h"

static enum token_verdict
verdict_at(struct fixture *f, const char *token, int64_t now_s)
{
	struct token_claims claims;

	return token_verify(f->ring, token, strlen(token), now_s, &claims);
}

/* The key file is changed as unioctl does, behind the back of the ring. */
static void
rotate(const struct fixture *f)
{
	char error[256] = "";
	struct key_set *set = key_read(f->secret_file, error, sizeof(error));

	assert_non_null(set);
	assert_true(key_rotate(set, NOW_S));
	assert_true(key_write(f->secret_file, set, error, sizeof(error)));
	key_free(&set);
}

static void
retire(const struct fixture *f, const char *kid)
{
	char error[256] = "";
	struct key_set *set = key_read(f->secret_file, error, sizeof(error));

	assert_non_null(set);
	assert_true(key_retire(key_find(set, kid), NOW_S));
	assert_true(key_write(f->secret_file, set, error, sizeof(error)));
	key_free(&set);
}

static struct token_ring *
reopen(const struct fixture *f)
{
	char error[256] = "";
	struct token_ring *ring = token_ring_open(f->secret_file, "unio", error, sizeof(error));

	if (ring == NULL)
		fail_msg("%s", error);
	return ring;
}

static char *
issue_by_another_program(const struct fixture *f)
{
	struct token_ring *ring = reopen(f);
	char *token = token_issue(ring, &good);

	token_ring_free(&ring);
	assert_non_null(token);
	return token;
}

/* The token of the fixture's claims with that header, signed by its one secret. */
static char *
with_header(const char *key, const char *json)
{
	char *token;
	jwt_t *jwt;

	assert_int_equal(jwt_new(&jwt), 0);
	assert_int_equal(jwt_add_grants_json(jwt,
	    "{\"iss\":\"unio\",\"token_type\":\"access\",\"sub\":\"42\",\"user_id\":42,"
	    "\"sid\":7,\"jti\":\"abcdefghijklmnopqrstuv\",\"iat\":1700000000,\"exp\":1700003600}"), 0);
	assert_int_equal(jwt_add_headers_json(jwt, json), 0);
	assert_int_equal(jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)key, (int)strlen(key)), 0);
	assert_non_null(token = jwt_encode_str(jwt));
	jwt_free(jwt);
	return token;
}

static void
expect_header(struct fixture *f, const char *json, enum token_verdict want)
{
	char *token = with_header(SECRET, json);
	enum token_verdict have = verdict_at(f, token, NOW_S);

	if (have != want)
		fail_msg("%s: %d instead of %d", json, have, want);
	free(token);
}

static void
a_key_that_is_not_known_yet_is_looked_for_in_the_file(void **state)
{
	struct fixture *f = *state;
	char *old = token_issue(f->ring, &good), *fresh;
	struct token_ring *ring;

	rotate(f);
	fresh = issue_by_another_program(f);
	assert_int_equal(verdict_at(f, fresh, NOW_S), TOKEN_VALID);
	assert_int_equal(verdict_at(f, old, NOW_S), TOKEN_VALID);
	ring = reopen(f);
	token_ring_free(&f->ring);
	f->ring = ring;
	assert_int_equal(verdict_at(f, fresh, NOW_S), TOKEN_VALID);
	assert_int_equal(verdict_at(f, old, NOW_S), TOKEN_VALID);
	free(old);
	free(fresh);
}

static void
a_stranger_does_not_keep_a_new_key_out(void **state)
{
	struct fixture *f = *state;
	char *fresh, *stranger = with_header(SECRET, "{\"kid\":\"stranger\"}");

	assert_int_equal(verdict_at(f, stranger, NOW_S), TOKEN_BAD_SIGNATURE);
	rotate(f);
	fresh = issue_by_another_program(f);
	assert_int_equal(verdict_at(f, fresh, NOW_S), TOKEN_VALID);
	assert_int_equal(verdict_at(f, stranger, NOW_S), TOKEN_BAD_SIGNATURE);
	free(stranger);
	free(fresh);
}

static void
a_file_that_is_no_good_changes_nothing(void **state)
{
	struct fixture *f = *state;
	char *old = token_issue(f->ring, &good), *stranger = with_header(SECRET, "{\"kid\":\"stranger\"}");

	write_file(f->secret_file, "short", 5, 0600);
	assert_int_equal(verdict_at(f, stranger, NOW_S), TOKEN_BAD_SIGNATURE);
	assert_int_equal(verdict_at(f, old, NOW_S), TOKEN_VALID);
	assert_int_equal(unlink(f->secret_file), 0);
	assert_int_equal(verdict_at(f, stranger, NOW_S + 1), TOKEN_BAD_SIGNATURE);
	assert_int_equal(verdict_at(f, old, NOW_S + 1), TOKEN_VALID);
	free(old);
	free(stranger);
}

/* Somebody has edited it as another user, say, and then notices. */
static void
a_file_that_is_mended_by_its_mode_alone_is_read(void **state)
{
	struct fixture *f = *state;
	struct stat before, after;
	char *fresh;

	rotate(f);
	fresh = issue_by_another_program(f);
	assert_int_equal(chmod(f->secret_file, 0644), 0);
	assert_int_equal(verdict_at(f, fresh, NOW_S), TOKEN_BAD_SIGNATURE);
	assert_int_equal(stat(f->secret_file, &before), 0);
	do {	/* the clock of a file system ticks in milliseconds */
		assert_int_equal(chmod(f->secret_file, 0600), 0);
		assert_int_equal(stat(f->secret_file, &after), 0);
	} while (memcmp(&before.st_ctim, &after.st_ctim, sizeof(before.st_ctim)) == 0);
	assert_int_equal(verdict_at(f, fresh, NOW_S), TOKEN_VALID);
	free(fresh);
}

static void
a_retired_key_is_believed_no_more(void **state)
{
	struct fixture *f = *state;
	char *old = token_issue(f->ring, &good), *fresh;
	struct token_ring *ring;

	rotate(f);
	fresh = issue_by_another_program(f);
	retire(f, "");
	ring = reopen(f);
	token_ring_free(&f->ring);
	f->ring = ring;
	assert_int_equal(verdict_at(f, old, NOW_S), TOKEN_BAD_SIGNATURE);
	assert_int_equal(verdict_at(f, fresh, NOW_S), TOKEN_VALID);
	free(old);
	free(fresh);
}

/* A daemon that refuses to reload, or an API that somebody else has started. */
static void
who_was_not_told_of_a_retired_key_notices_a_second_later(void **state)
{
	struct fixture *f = *state;
	struct token_claims later = good;
	char *old = token_issue(f->ring, &good), *fresh;
	jwt_t *jwt;

	assert_int_equal(verdict_at(f, old, NOW_S), TOKEN_VALID);
	rotate(f);
	retire(f, "");
	assert_int_equal(verdict_at(f, old, NOW_S + 1), TOKEN_BAD_SIGNATURE);
	later.issued_s++;
	assert_non_null(fresh = token_issue(f->ring, &later));
	assert_int_equal(jwt_decode(&jwt, fresh, NULL, 0), 0);
	assert_non_null(jwt_get_header(jwt, "kid"));
	jwt_free(jwt);
	free(old);
	free(fresh);
}

static void
who_only_signs_notices_a_new_key_as_well(void **state)
{
	struct fixture *f = *state;
	struct token_claims later = good;
	char *token = token_issue(f->ring, &good);
	jwt_t *jwt;

	free(token);
	rotate(f);
	later.issued_s++;
	assert_non_null(token = token_issue(f->ring, &later));
	assert_int_equal(jwt_decode(&jwt, token, NULL, 0), 0);
	assert_non_null(jwt_get_header(jwt, "kid"));
	jwt_free(jwt);
	free(token);
}

/* RFC 8725 2.10: a name leads to its own key or to none. */
static void
a_token_is_checked_with_the_key_it_names_and_no_other(void **state)
{
	struct fixture *f = *state;
	char kid[KEY_KID + 1], json[64], error[256];
	struct key_set *set;
	struct token_ring *ring;
	char *token;

	rotate(f);
	set = key_read(f->secret_file, error, sizeof(error));
	str_copy(kid, sizeof(kid), key_active(set)->kid);
	key_free(&set);
	ring = reopen(f);
	token_ring_free(&f->ring);
	f->ring = ring;
	snprintf(json, sizeof(json), "{\"kid\":\"%s\"}", kid);
	token = with_header(SECRET, json);
	assert_int_equal(verdict_at(f, token, NOW_S), TOKEN_BAD_SIGNATURE);
	free(token);
	expect_header(f, "{}", TOKEN_VALID);
	expect_header(f, "{\"kid\":\"../../dev/null\"}", TOKEN_BAD_SIGNATURE);
	expect_header(f, "{\"kid\":\"-\"}", TOKEN_BAD_SIGNATURE);
	expect_header(f, "{\"kid\":\"\"}", TOKEN_MALFORMED);
	expect_header(f, "{\"kid\":7}", TOKEN_MALFORMED);
	expect_header(f, "{\"kid\":null}", TOKEN_MALFORMED);
	expect_header(f, "{\"kid\":\"more than sixteen\"}", TOKEN_MALFORMED);
	expect_header(f, "{\"crit\":[\"exp\"]}", TOKEN_MALFORMED);
	expect_header(f, "{\"jku\":\"https://evil.example.org/keys\",\"jwk\":{\"kty\":\"oct\"}}", TOKEN_VALID);
}

static void
a_new_token_names_its_key(void **state)
{
	struct fixture *f = *state;
	char *token = token_issue(f->ring, &good);
	jwt_t *jwt;

	assert_int_equal(jwt_decode(&jwt, token, NULL, 0), 0);
	assert_null(jwt_get_header(jwt, "kid"));
	jwt_free(jwt);
	free(token);
	rotate(f);
	token = issue_by_another_program(f);
	assert_int_equal(jwt_decode(&jwt, token, NULL, 0), 0);
	assert_int_equal(strlen(jwt_get_header(jwt, "kid")), 8);
	jwt_free(jwt);
	free(token);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_that_is_not_known_yet_is_looked_for_in_the_file),
		TEST(a_stranger_does_not_keep_a_new_key_out),
		TEST(a_file_that_is_no_good_changes_nothing),
		TEST(a_file_that_is_mended_by_its_mode_alone_is_read),
		TEST(a_retired_key_is_believed_no_more),
		TEST(who_was_not_told_of_a_retired_key_notices_a_second_later),
		TEST(who_only_signs_notices_a_new_key_as_well),
		TEST(a_token_is_checked_with_the_key_it_names_and_no_other),
		TEST(a_new_token_names_its_key),
	};

	return cmocka_run_group_tests_name("token_key", tests, NULL, NULL);
}
