/* token: what is issued verifies, and nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jwt.h>

#include "buf.h"
#include "str.h"
#include "token.h"
#include "token_fixture.h"

static enum token_verdict
verdict(const struct fixture *f, const char *token)
{
	struct token_claims claims = { .user_id = -1 };
	enum token_verdict result = token_verify(f->ring, token, strlen(token), NOW_S, &claims);

	/* Nothing is told of a token that is not valid. */
	assert_true(result == TOKEN_VALID ? claims.user_id > 0 : claims.user_id == -1);
	return result;
}

/* A token of that header and payload, signed for real by libjwt with any algorithm and key. */
static char *
forged(const char *payload, jwt_alg_t alg, const char *key)
{
	char *token;
	jwt_t *jwt;

	assert_int_equal(jwt_new(&jwt), 0);
	assert_int_equal(jwt_add_grants_json(jwt, payload), 0);
	assert_int_equal(jwt_set_alg(jwt, alg, (const unsigned char *)key,
	    key != NULL ? (int)strlen(key) : 0), 0);
	assert_non_null(token = jwt_encode_str(jwt));
	jwt_free(jwt);
	return token;
}

static void
expect_payload(const struct fixture *f, const char *payload, enum token_verdict want)
{
	char *token = forged(payload, JWT_ALG_HS256, SECRET);
	enum token_verdict have = verdict(f, token);

	if (have != want)
		fail_msg("%s: %d instead of %d", payload, have, want);
	free(token);
}

/* A payload that is good but for the members given as "name":value,
    which replace or (with an empty value) remove. */
static char *
payload_with(const char *name, const char *value)
{
	static const struct { const char *name, *value; } members[] = {
		{ "iss", "\"unio\"" }, { "token_type", "\"access\"" }, { "sub", "\"42\"" },
		{ "user_id", "42" }, { "sid", "7" },
		{ "jti", "\"abcdefghijklmnopqrstuv\"" }, { "iat", "1700000000" }, { "exp", "1700003600" },
	};
	struct buf payload = { 0 };
	bool known = false;

	for (size_t i = 0; i < COUNTOF(members); i++) {
		bool same = strcmp(members[i].name, name) == 0;
		const char *text = same ? value : members[i].value;

		known = known || same;
		if (*text != '\0')
			buf_addf(&payload, "%c\"%s\":%s", payload.len == 0 ? '{' : ',', members[i].name, text);
	}
	if (!known)
		buf_addf(&payload, ",\"%s\":%s", name, value);
	buf_addc(&payload, '}');
	return payload.data;
}

static void
expect_claim(const struct fixture *f, const char *name, const char *value, enum token_verdict want)
{
	char *payload = payload_with(name, value);

	expect_payload(f, payload, want);
	free(payload);
}

static void
an_issued_token_verifies_with_its_claims(void **state)
{
	struct fixture *f = *state;
	char *token = token_issue(f->ring, &good);
	struct token_claims claims;

	assert_non_null(token);
	assert_int_equal(token_verify(f->ring, token, strlen(token), NOW_S, &claims), TOKEN_VALID);
	assert_int_equal(claims.user_id, 42);
	assert_int_equal(claims.session_id, 7);
	assert_int_equal(claims.issued_s, NOW_S);
	assert_int_equal(claims.expires_s, NOW_S + 3600);
	assert_string_equal(claims.jti, good.jti);
	assert_null(claims.email);
	free(token);
}

static void
a_token_carries_the_claims_of_the_contract(void **state)
{
	static const char *const strings[][2] = {
		{ "sub", "42" }, { "email", "user@example.org" }, { "full_name", "A \"User\" \xc3\xa9" },
		{ "token_type", "access" },
		{ "iss", "unio" }, { "jti", "abcdefghijklmnopqrstuv" },
	};
	struct fixture *f = *state;
	char *token = token_issue(f->ring, &good);
	jwt_t *jwt;

	assert_int_equal(jwt_decode(&jwt, token, (const unsigned char *)SECRET, (int)strlen(SECRET)), 0);
	assert_int_equal(jwt_get_alg(jwt), JWT_ALG_HS256);
	for (size_t i = 0; i < COUNTOF(strings); i++)
		assert_string_equal(jwt_get_grant(jwt, strings[i][0]), strings[i][1]);
	assert_int_equal(jwt_get_grant_int(jwt, "user_id"), 42);
	assert_int_equal(jwt_get_grant_int(jwt, "sid"), 7);
	assert_int_equal(jwt_get_grant_int(jwt, "iat"), NOW_S);
	assert_int_equal(jwt_get_grant_int(jwt, "exp"), NOW_S + 3600);
	jwt_free(jwt);
	free(token);
}

static void
a_token_without_a_name_cannot_be_issued(void **state)
{
	const struct token_claims nameless = { .user_id = 42 };

	assert_null(token_issue(((struct fixture *)*state)->ring, &nameless));
}

static void
a_token_expires_on_its_second(void **state)
{
	struct fixture *f = *state;
	char *token = token_issue(f->ring, &good);
	struct token_claims claims;

	assert_int_equal(token_verify(f->ring, token, strlen(token), NOW_S + 3599, &claims), TOKEN_VALID);
	assert_int_equal(token_verify(f->ring, token, strlen(token), NOW_S + 3600, &claims), TOKEN_EXPIRED);
	assert_int_equal(token_verify(f->ring, token, strlen(token), NOW_S + 999999, &claims), TOKEN_EXPIRED);
	free(token);
}

static void
only_hs256_with_our_key_is_a_signature(void **state)
{
	struct fixture *f = *state;
	char *payload = payload_with("x", "1");
	static const struct { jwt_alg_t alg; const char *key; enum token_verdict want; } cases[] = {
		{ JWT_ALG_HS256, SECRET, TOKEN_VALID },
		{ JWT_ALG_HS256, "0123456789abcdefghijklmnopqrstuvwxyZ", TOKEN_BAD_SIGNATURE },
		{ JWT_ALG_HS256, SECRET "\n", TOKEN_BAD_SIGNATURE },
		{ JWT_ALG_HS256, "0", TOKEN_BAD_SIGNATURE },
		{ JWT_ALG_HS384, SECRET, TOKEN_BAD_SIGNATURE },
		{ JWT_ALG_HS512, SECRET, TOKEN_BAD_SIGNATURE },
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		char *token = forged(payload, cases[i].alg, cases[i].key);

		assert_int_equal(verdict(f, token), cases[i].want);
		free(token);
	}
	free(payload);
}

/* Makes HEADER.PAYLOAD.SIGNATURE of three plain texts. */
static char *
assembled(const char *header, const char *payload, const char *signature)
{
	struct buf token = { 0 };
	const char *const parts[] = { header, payload, signature };

	for (size_t i = 0; i < COUNTOF(parts); i++) {
		size_t n = strlen(parts[i]);

		str_base64url(buf_reserve(&token, STR_BASE64URL_SIZE(n) + 1), parts[i], n);
		token.len += strlen(token.data + token.len);
		if (i < 2)
			buf_addc(&token, '.');
	}
	return token.data;
}

static void
headers_that_deny_or_confuse_the_algorithm_are_refused(void **state)
{
	static const char *const headers[] = {
		"{\"alg\":\"none\"}", "{\"alg\":\"None\"}", "{\"alg\":\"NONE\",\"typ\":\"JWT\"}",
		"{\"alg\":\"RS256\"}", "{\"alg\":\"ES256\"}",
		"{\"alg\":\"hs256\"}", "{\"alg\":\"\"}", "{\"alg\":null}", "{\"typ\":\"JWT\"}", "{}", "[]",
		"null", "x",
	};
	struct fixture *f = *state;
	char *payload = payload_with("x", "1");

	for (size_t i = 0; i < COUNTOF(headers); i++) {
		char *token = assembled(headers[i], payload, "x");

		assert_int_not_equal(verdict(f, token), TOKEN_VALID);
		free(token);
	}
	free(payload);
}

static void
an_unsigned_token_is_refused_with_and_without_its_last_dot(void **state)
{
	struct fixture *f = *state;
	char *payload = payload_with("x", "1"), *token = forged(payload, JWT_ALG_NONE, NULL);

	assert_int_equal(verdict(f, token), TOKEN_MALFORMED);
	token[strlen(token) - 1] = '\0';
	assert_int_equal(verdict(f, token), TOKEN_MALFORMED);
	free(token);
	free(payload);
}

static void
claims_of_another_issuer_or_kind_are_foreign(void **state)
{
	static const char *const wrong[] = { "", "null", "\"\"", "\"Unio\"", "\"unio \"", "[\"unio\"]", "1",
	    "\"refresh\"" };
	struct fixture *f = *state;

	expect_claim(f, "x", "1", TOKEN_VALID);
	for (size_t i = 0; i < COUNTOF(wrong); i++) {
		expect_claim(f, "iss", wrong[i], TOKEN_FOREIGN);
		expect_claim(f, "token_type", wrong[i], TOKEN_FOREIGN);
	}
}

static void
numbers_must_be_whole_positive_and_there(void **state)
{
	static const char *const names[] = { "exp", "iat", "sid", "user_id" };
	static const char *const wrong[] = {
		"", "null", "true", "0", "-1", "42.5", "42.0", "1700003600.0", "\"42\"", "\"1700003600\"",
		"[42]", "{}", "1e3",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNTOF(names); i++)
		for (size_t k = 0; k < COUNTOF(wrong); k++)
			expect_claim(f, names[i], wrong[k], TOKEN_MALFORMED);
	expect_claim(f, "exp", "1699999999", TOKEN_EXPIRED);
	expect_claim(f, "exp", "9223372036854775807", TOKEN_VALID);
	expect_claim(f, "nbf", "1700000001", TOKEN_EXPIRED);
	expect_claim(f, "nbf", "1700000000", TOKEN_VALID);
	expect_claim(f, "nbf", "\"1699999999\"", TOKEN_MALFORMED);
	expect_claim(f, "nbf", "1900000000.5", TOKEN_MALFORMED);
	expect_claim(f, "nbf", "null", TOKEN_MALFORMED);
}

static void
the_subject_is_the_user_id(void **state)
{
	static const char *const wrong[] = { "", "42", "\"\"", "\"43\"", "\"042\"", "\" 42\"", "\"42 \"",
	    "\"+42\"", "\"4.2e1\"", "\"0\"", "null" };
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNTOF(wrong); i++)
		expect_claim(f, "sub", wrong[i], TOKEN_MALFORMED);
	expect_claim(f, "user_id", "43", TOKEN_MALFORMED);
}

static void
the_token_has_an_identifier_of_its_own(void **state)
{
	static const char *const wrong[] = {
		"", "\"\"", "7", "null", "\"abcdefghijklmnopqrstu\"", "\"abcdefghijklmnopqrstuvw\"",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNTOF(wrong); i++)
		expect_claim(f, "jti", wrong[i], TOKEN_MALFORMED);
}

static void
a_token_is_never_taken_in_part_or_changed(void **state)
{
	struct fixture *f = *state;
	char *token = token_issue(f->ring, &good);
	size_t n = strlen(token);
	struct token_claims claims;

	for (size_t i = 0; i < n; i++)
		assert_int_not_equal(token_verify(f->ring, token, i, NOW_S, &claims), TOKEN_VALID);
	for (size_t i = 0; i < n; i++) {
		char kept = token[i];

		for (const char *c = "Aa0.-_=+/ \x80"; *c != '\0'; c++) {
			token[i] = *c;
			assert_int_equal(verdict(f, token) == TOKEN_VALID, *c == kept);
		}
		token[i] = kept;
	}
	free(token);
}

/* The last character of a 32-byte signature has two bits to spare: four spellings, of which one is ours. */
static void
a_signature_has_one_spelling(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	struct fixture *f = *state;
	char *token = token_issue(f->ring, &good), *last = token + strlen(token) - 1, kept = *last;
	int valid = 0;

	for (const char *c = alphabet; *c != '\0'; c++) {
		*last = *c;
		valid += verdict(f, token) == TOKEN_VALID;
	}
	assert_int_equal(valid, 1);
	*last = kept;
	free(token);
}

static void
what_is_no_token_is_malformed(void **state)
{
	static const char *const texts[] = {
		"", ".", "..", "...", "a", "a.b", "a.b.c.d", ".b.c", "a..c", "a.b.", "e30.e30.e30",
		"e30.e30.e3 0", "e30=.e30=.e30=",
		"eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9..", "Bearer a.b.c", "\n", "e.e.e", "eyJ.eyJ.eyJ",
	};
	struct fixture *f = *state;
	struct token_claims claims;

	for (size_t i = 0; i < COUNTOF(texts); i++)
		assert_int_equal(verdict(f, texts[i]), TOKEN_MALFORMED);
	assert_int_equal(token_verify(f->ring, "a\0b", 3, NOW_S, &claims), TOKEN_MALFORMED);
}

static void
a_token_over_the_limit_is_not_looked_at(void **state)
{
	struct fixture *f = *state;

	for (size_t filler = 2500; filler <= 4000; filler += 1500) {
		char *value = calloc(1, filler + 3), *payload, *token;

		memset(value, 'x', filler + 2);
		value[0] = value[filler + 1] = '"';
		payload = payload_with("filler", value);
		token = forged(payload, JWT_ALG_HS256, SECRET);
		assert_int_equal(verdict(f, token),
		    strlen(token) <= LIMIT_TOKEN ? TOKEN_VALID : TOKEN_MALFORMED);
		assert_int_equal(strlen(token) <= LIMIT_TOKEN, filler == 2500);
		free(value);
		free(payload);
		free(token);
	}
}

static void
every_verdict_has_a_sentence(void **state)
{
	(void)state;
	for (int i = TOKEN_VALID; i <= TOKEN_FOREIGN; i++)
		assert_true(strlen(token_verdict_text((enum token_verdict)i)) > 10);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_issued_token_verifies_with_its_claims),
		TEST(a_token_carries_the_claims_of_the_contract),
		TEST(a_token_without_a_name_cannot_be_issued),
		TEST(a_token_expires_on_its_second),
		TEST(only_hs256_with_our_key_is_a_signature),
		TEST(headers_that_deny_or_confuse_the_algorithm_are_refused),
		TEST(an_unsigned_token_is_refused_with_and_without_its_last_dot),
		TEST(claims_of_another_issuer_or_kind_are_foreign),
		TEST(numbers_must_be_whole_positive_and_there),
		TEST(the_subject_is_the_user_id),
		TEST(the_token_has_an_identifier_of_its_own),
		TEST(a_token_is_never_taken_in_part_or_changed),
		TEST(a_signature_has_one_spelling),
		TEST(what_is_no_token_is_malformed),
		TEST(a_token_over_the_limit_is_not_looked_at),
		TEST(every_verdict_has_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
