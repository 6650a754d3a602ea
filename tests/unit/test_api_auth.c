/* auth: the Authorization header (the token itself is test_token.c's matter). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fcgi-api/auth.h"
#include "str.h"

static void
a_bearer_token_is_taken_however_its_scheme_is_spelt(void **state)
{
	static const char *const good[] = { "Bearer a.b.c", "bearer a.b.c", "BEARER a.b.c", "Bearer   a.b.c" };

	(void)state;
	for (size_t i = 0; i < COUNTOF(good); i++) {
		struct slice token = { NULL, 0 };

		assert_true(auth_bearer(good[i], &token));
		assert_true(str_equal(token, "a.b.c"));
	}
}

static void
what_is_no_bearer_token_is_none(void **state)
{
	static const char *const bad[] = { "", "Bearer", "Bearer ", "Bearer   ", "a.b.c", "Basic a.b.c", "Bearera.b.c",
		"Bearer a.b.c d", "Bearer a.b.c, Bearer d.e.f", "Bearer a.b.c ", " Bearer a.b.c" };
	struct slice token = { NULL, 0 };

	(void)state;
	assert_false(auth_bearer(NULL, &token));
	for (size_t i = 0; i < COUNTOF(bad); i++)
		if (auth_bearer(bad[i], &token))
			fail_msg("\"%s\"", bad[i]);
	assert_null(token.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bearer_token_is_taken_however_its_scheme_is_spelt),
		cmocka_unit_test(what_is_no_bearer_token_is_none),
	};

	return cmocka_run_group_tests_name("auth", tests, NULL, NULL);
}
