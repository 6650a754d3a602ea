/* password: argon2id hashes that verify, and an unknown account that takes as long as a known one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "password.h"

static const struct password_cost cheap = { .passes = 1, .memory = 8192 };

static int
set_up(void **state)
{
	(void)state;
	return password_init();
}

static void
a_hash_verifies_its_password_alone(void **state)
{
	char hash[PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(password_hash("correct horse", &cheap, hash), 0);
	assert_memory_equal(hash, "$argon2id$", 10);
	assert_true(password_verify(hash, "correct horse", &cheap));
	assert_false(password_verify(hash, "correct hors", &cheap));
	assert_false(password_verify(hash, "correct horse ", &cheap));
	assert_false(password_verify(hash, "", &cheap));
}

static void
two_hashes_of_one_password_differ(void **state)
{
	char one[PASSWORD_HASH_SIZE], two[PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(password_hash("same", &cheap, one), 0);
	assert_int_equal(password_hash("same", &cheap, two), 0);
	assert_string_not_equal(one, two);
}

static void
the_cost_is_in_the_hash_and_an_older_one_still_verifies(void **state)
{
	struct password_cost dear = { .passes = 2, .memory = 65536 };
	char hash[PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(password_hash("text", &dear, hash), 0);
	assert_non_null(strstr(hash, "m=64,t=2,"));
	assert_true(password_verify(hash, "text", &cheap));
}

static void
what_is_no_hash_verifies_nothing(void **state)
{
	(void)state;
	assert_false(password_verify("", "", &cheap));
	assert_false(password_verify("!", "!", &cheap));
	assert_false(password_verify("$argon2id$v=19$m=8,t=1,p=1$", "", &cheap));
	assert_false(password_verify(NULL, "anything", &cheap));
}

/* Factors of four, so that a busy machine does not matter: without the dummy it would be a thousand. */
static void
an_unknown_account_takes_as_long_as_a_wrong_password(void **state)
{
	struct password_cost dear = { .passes = 3, .memory = 8 << 20 };
	char hash[PASSWORD_HASH_SIZE];
	int64_t begin_us, known_us = INT64_MAX, unknown_us = INT64_MAX;

	(void)state;
	assert_int_equal(password_hash("text", &dear, hash), 0);
	for (int i = 0; i < 5; i++) {
		begin_us = clock_mono_us();
		assert_false(password_verify(hash, "other", &dear));
		known_us = MIN(known_us, clock_mono_us() - begin_us);
		begin_us = clock_mono_us();
		assert_false(password_verify(NULL, "other", &dear));
		unknown_us = MIN(unknown_us, clock_mono_us() - begin_us);
	}
	assert_true(unknown_us > known_us / 4);
	assert_true(unknown_us < known_us * 4);
}

static void
impossible_memory_is_an_error_and_leaves_the_result_alone(void **state)
{
	struct password_cost absurd = { .passes = 1, .memory = INT64_C(1) << 62 };
	char hash[PASSWORD_HASH_SIZE] = "before";

	(void)state;
	assert_int_equal(password_hash("text", &absurd, hash), -1);
	assert_string_equal(hash, "before");
}

static void
wiping_leaves_zeros(void **state)
{
	char secret[32] = "secret", zeros[32] = { 0 };

	(void)state;
	password_wipe(secret, sizeof(secret));
	assert_memory_equal(secret, zeros, sizeof(secret));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hash_verifies_its_password_alone),
		cmocka_unit_test(two_hashes_of_one_password_differ),
		cmocka_unit_test(the_cost_is_in_the_hash_and_an_older_one_still_verifies),
		cmocka_unit_test(what_is_no_hash_verifies_nothing),
		cmocka_unit_test(an_unknown_account_takes_as_long_as_a_wrong_password),
		cmocka_unit_test(impossible_memory_is_an_error_and_leaves_the_result_alone),
		cmocka_unit_test(wiping_leaves_zeros),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
