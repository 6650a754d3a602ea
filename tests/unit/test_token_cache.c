/* token_cache: what was verified a moment ago is believed again, and nothing else ever is. */
#include <jwt.h>

#include "key.h"
#include "token_cache.h"
#include "token_fixture.h"

static struct slice
slice(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static bool
finds(const struct token_cache *cache, const char *token, int64_t now_s)
{
	unsigned char digest[DIGEST_SHA256_BYTES];
	struct token_claims claims;

	return token_cache_find(cache, slice(token), now_s, digest, &claims);
}

static void
keep(struct token_cache *cache, const char *token, int64_t now_s)
{
	unsigned char digest[DIGEST_SHA256_BYTES];
	struct token_claims claims;

	assert_false(token_cache_find(cache, slice(token), now_s, digest, &claims));
	token_cache_keep(cache, digest, now_s, &good);
}

static void
what_was_kept_is_found_with_its_claims(void **state)
{
	struct token_cache *cache = token_cache_new();
	unsigned char digest[DIGEST_SHA256_BYTES];
	struct token_claims claims;

	(void)state;
	assert_false(finds(cache, "a", NOW_S));
	keep(cache, "a", NOW_S);
	assert_true(token_cache_find(cache, slice("a"), NOW_S, digest, &claims));
	assert_int_equal(claims.user_id, good.user_id);
	assert_int_equal(claims.session_id, good.session_id);
	assert_string_equal(claims.jti, good.jti);
	assert_false(finds(cache, "b", NOW_S));
	assert_false(finds(cache, "", NOW_S));
	token_cache_free(&cache);
	assert_null(cache);
}

static void
an_entry_ends_in_the_second_of_its_token(void **state)
{
	struct token_cache *cache = token_cache_new();

	(void)state;
	keep(cache, "a", NOW_S);
	assert_true(finds(cache, "a", good.expires_s - 1));
	assert_false(finds(cache, "a", good.expires_s));
	assert_false(finds(cache, "a", good.expires_s + 1000));
	token_cache_free(&cache);
}

static void
a_clock_that_was_set_back_finds_nothing(void **state)
{
	struct token_cache *cache = token_cache_new();

	(void)state;
	keep(cache, "a", NOW_S);
	assert_false(finds(cache, "a", NOW_S - 1));
	assert_true(finds(cache, "a", NOW_S));
	token_cache_free(&cache);
}

static void
nothing_is_found_after_it_was_cleared(void **state)
{
	struct token_cache *cache = token_cache_new();

	(void)state;
	keep(cache, "a", NOW_S);
	token_cache_clear(cache);
	assert_false(finds(cache, "a", NOW_S));
	token_cache_free(&cache);
}

/* Thirty times as many as there are places: it stays as large as it is, and confuses no two. */
static void
a_token_that_gave_way_is_not_found_and_none_is_taken_for_another(void **state)
{
	struct token_cache *cache = token_cache_new();
	unsigned char digest[DIGEST_SHA256_BYTES];
	struct token_claims claims = good;
	size_t found = 0;
	char text[24];	/* any 64-bit number */

	(void)state;
	for (int64_t i = 1; i <= 30 * TOKEN_CACHE; i++) {
		snprintf(text, sizeof(text), "%lld", (long long)i);
		assert_false(token_cache_find(cache, slice(text), NOW_S, digest, &claims));
		claims = good;
		claims.user_id = i;
		token_cache_keep(cache, digest, NOW_S, &claims);
	}
	for (int64_t i = 1; i <= 30 * TOKEN_CACHE; i++) {
		snprintf(text, sizeof(text), "%lld", (long long)i);
		if (token_cache_find(cache, slice(text), NOW_S, digest, &claims)) {
			assert_int_equal(claims.user_id, i);
			found++;
		}
	}
	assert_in_range(found, TOKEN_CACHE / 2, TOKEN_CACHE);
	token_cache_free(&cache);
}

/* With one place for each token a fifth of these would be lost. */
static void
half_as_many_tokens_as_places_are_nearly_all_kept(void **state)
{
	struct token_cache *cache = token_cache_new();
	size_t found = 0;
	char text[16];

	(void)state;
	for (int i = 0; i < TOKEN_CACHE / 2; i++) {
		snprintf(text, sizeof(text), "%d", i);
		keep(cache, text, NOW_S);
	}
	for (int i = 0; i < TOKEN_CACHE / 2; i++) {
		snprintf(text, sizeof(text), "%d", i);
		found += finds(cache, text, NOW_S);
	}
	assert_in_range(found, TOKEN_CACHE / 2 * 9 / 10, TOKEN_CACHE / 2);
	token_cache_free(&cache);
}

/* A token that was verified anew, after a clock was set back, takes its own place and no other. */
static void
a_token_that_is_kept_again_takes_no_second_place(void **state)
{
	struct token_cache *cache = token_cache_new();

	(void)state;
	keep(cache, "a", NOW_S);
	for (int i = 1; i < 100; i++)
		keep(cache, "a", NOW_S - i);
	assert_true(finds(cache, "a", NOW_S - 99));
	token_cache_free(&cache);
}

/* ---- behind token_verify() ---- */

static enum token_verdict
verdict_at(struct fixture *f, const char *token, int64_t now_s)
{
	struct token_claims claims = { .user_id = -1 };
	enum token_verdict verdict = token_verify(f->ring, token, strlen(token), now_s, &claims);

	assert_true(verdict == TOKEN_VALID ? claims.user_id == good.user_id : claims.user_id == -1);
	return verdict;
}

/* A good token that the ring has just verified, twice. */
static char *
known_token(struct fixture *f)
{
	char *token = token_issue(f->ring, &good);

	assert_non_null(token);
	assert_int_equal(verdict_at(f, token, NOW_S), TOKEN_VALID);
	assert_int_equal(verdict_at(f, token, NOW_S), TOKEN_VALID);
	return token;
}

static void
a_known_token_expires(void **state)
{
	struct fixture *f = *state;
	char *token = known_token(f);

	assert_int_equal(verdict_at(f, token, good.expires_s - 1), TOKEN_VALID);
	assert_int_equal(verdict_at(f, token, good.expires_s), TOKEN_EXPIRED);
	assert_int_equal(verdict_at(f, token, good.expires_s + 1), TOKEN_EXPIRED);
	free(token);
}

/* Every character in its turn, those of the signature among them; "A" and "B" differ in the bits that count. */
static void
no_change_of_a_known_token_passes(void **state)
{
	struct fixture *f = *state;
	char *token = known_token(f);

	for (size_t i = 0; token[i] != '\0'; i++) {
		char was = token[i];

		token[i] = was == 'A' ? 'B' : 'A';
		assert_int_not_equal(verdict_at(f, token, NOW_S), TOKEN_VALID);
		token[i] = was;
	}
	for (size_t n = strlen(token); n-- > 0;) {
		struct token_claims claims;

		assert_int_not_equal(token_verify(f->ring, token, n, NOW_S, &claims), TOKEN_VALID);
	}
	assert_int_equal(verdict_at(f, token, NOW_S), TOKEN_VALID);
	free(token);
}

/* The same claims, signed by nothing, or by the right key with another algorithm (RFC 8725 3.1). */
static void
another_algorithm_for_a_known_token_is_refused(void **state)
{
	static const jwt_alg_t algorithms[] = { JWT_ALG_NONE, JWT_ALG_HS384, JWT_ALG_HS512 };
	struct fixture *f = *state;
	char *token = known_token(f), *forged;
	jwt_t *jwt;

	for (size_t i = 0; i < COUNTOF(algorithms); i++) {
		bool none = algorithms[i] == JWT_ALG_NONE;

		assert_int_equal(jwt_decode(&jwt, token, (const unsigned char *)SECRET, sizeof(SECRET) - 1), 0);
		assert_int_equal(jwt_set_alg(jwt, algorithms[i], none ? NULL : (const unsigned char *)SECRET,
		    none ? 0 : (int)sizeof(SECRET) - 1), 0);
		assert_non_null(forged = jwt_encode_str(jwt));
		assert_int_not_equal(verdict_at(f, forged, NOW_S), TOKEN_VALID);
		jwt_free(jwt);
		free(forged);
	}
	free(token);
}

static void
a_known_token_ends_with_its_key(void **state)
{
	struct fixture *f = *state;
	char *token = known_token(f), error[256];
	struct key_set *set = key_read(f->secret_file, error, sizeof(error));

	assert_non_null(set);
	assert_true(key_rotate(set, NOW_S));
	assert_true(key_write(f->secret_file, set, error, sizeof(error)));
	assert_int_equal(verdict_at(f, token, NOW_S + 1), TOKEN_VALID);	/* replaced is not retired */
	assert_true(key_retire(key_find(set, ""), NOW_S));
	assert_true(key_write(f->secret_file, set, error, sizeof(error)));
	assert_int_equal(verdict_at(f, token, NOW_S + 2), TOKEN_BAD_SIGNATURE);
	key_free(&set);
	free(token);
}

static void
a_known_token_ends_with_its_secret(void **state)
{
	static const char other[] = "another secret that is as long as that one";
	struct fixture *f = *state;
	char *token = known_token(f);

	unlink(f->secret_file);
	write_file(f->secret_file, other, strlen(other), 0600);
	assert_int_equal(verdict_at(f, token, NOW_S + 1), TOKEN_BAD_SIGNATURE);
	free(token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_kept_is_found_with_its_claims),
		cmocka_unit_test(an_entry_ends_in_the_second_of_its_token),
		cmocka_unit_test(a_clock_that_was_set_back_finds_nothing),
		cmocka_unit_test(nothing_is_found_after_it_was_cleared),
		cmocka_unit_test(a_token_that_gave_way_is_not_found_and_none_is_taken_for_another),
		cmocka_unit_test(half_as_many_tokens_as_places_are_nearly_all_kept),
		cmocka_unit_test(a_token_that_is_kept_again_takes_no_second_place),
		cmocka_unit_test_setup_teardown(a_known_token_expires, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_change_of_a_known_token_passes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_algorithm_for_a_known_token_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_known_token_ends_with_its_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_known_token_ends_with_its_secret, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
