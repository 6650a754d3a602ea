/* cors: whose pages may use the server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cors.h"
#include "str.h"

#define OTHER	"https://other.example"

static enum cors_verdict
judge(const char *list, const char *url, const char *origin, const char *host)
{
	char origins[256], public_url[64];
	const struct conf conf = { .allowed_origins = origins, .public_url = public_url };

	str_copy(origins, sizeof(origins), list);
	str_copy(public_url, sizeof(public_url), url);
	return cors_judge(&conf, origin, host);
}

static void
who_names_no_origin_or_our_own_is_not_judged(void **state)
{
	(void)state;
	assert_int_equal(judge("", "", NULL, NULL), CORS_NONE);
	assert_int_equal(judge("https://a.example", "", NULL, "meet.example"), CORS_NONE);
	assert_int_equal(judge(OTHER, "", "https://meet.example", "meet.example"), CORS_NONE);
	assert_int_equal(judge(OTHER, "", "http://127.0.0.1:8000", "127.0.0.1:8000"), CORS_NONE);
	assert_int_equal(judge(OTHER, "", "https://meet.example", "MEET.example"), CORS_NONE);
	assert_int_equal(judge(OTHER, "https://meet.example", "https://meet.example", "unio-ws"), CORS_NONE);
}

static void
without_a_list_nobody_is_judged(void **state)
{
	(void)state;
	assert_int_equal(judge("", "", "https://elsewhere.example", "meet.example"), CORS_NONE);
	assert_int_equal(judge("", "https://meet.example", "null", "meet.example"), CORS_NONE);
}

static void
what_is_near_our_own_is_another(void **state)
{
	(void)state;
	assert_int_equal(judge(OTHER, "", "https://meet.example", NULL), CORS_REFUSED);
	assert_int_equal(judge(OTHER, "", "https://meet.example:8443", "meet.example"), CORS_REFUSED);
	assert_int_equal(judge(OTHER, "", "https://meet.example.evil", "meet.example"), CORS_REFUSED);
	assert_int_equal(judge(OTHER, "", "meet.example", "meet.example"), CORS_REFUSED);
	assert_int_equal(judge(OTHER, "", "", ""), CORS_REFUSED);
	assert_int_equal(judge(OTHER, "", "null", "null"), CORS_REFUSED);
	assert_int_equal(judge(OTHER, "https://meet.example", "http://meet.example", "x"), CORS_REFUSED);
}

static void
the_list_is_read_entry_by_entry_and_byte_by_byte(void **state)
{
	static const char list[] = "https://a.example,  https://b.example:8443 ,capacitor://localhost";

	(void)state;
	assert_int_equal(judge(list, "", "https://a.example", "x"), CORS_ALLOWED);
	assert_int_equal(judge(list, "", "https://b.example:8443", "x"), CORS_ALLOWED);
	assert_int_equal(judge(list, "", "capacitor://localhost", "x"), CORS_ALLOWED);
	assert_int_equal(judge(list, "", "https://b.example", "x"), CORS_REFUSED);
	assert_int_equal(judge(list, "", "https://a.example,", "x"), CORS_REFUSED);
	assert_int_equal(judge(list, "", "https://a", "x"), CORS_REFUSED);
	assert_int_equal(judge("*", "", "https://any.example", "x"), CORS_ALLOWED);
	assert_int_equal(judge("*", "", "null", "x"), CORS_ALLOWED);
	assert_int_equal(judge("*", "", "https://any.example\r\nSet-Cookie: a=b", "x"), CORS_REFUSED);
	assert_int_equal(judge("*", "", "", "x"), CORS_REFUSED);
}

static void
a_list_holds_origins_alone(void **state)
{
	static const char *const wrong[] = {
		"*", "a.example", "https://", "https://A.example", "https://a.example/", "https://a.example,", ",",
		"://a", "https://a.example, b.example", "https://a b", "https://a.example?x", "null",
	};

	(void)state;
	assert_true(cors_list_valid(""));
	assert_true(cors_list_valid("https://a.example"));
	assert_true(cors_list_valid("http://[::1]:8000, chrome-extension://abcdef"));
	for (size_t i = 0; i < COUNTOF(wrong); i++)
		if (cors_list_valid(wrong[i]))
			fail_msg("%s", wrong[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_names_no_origin_or_our_own_is_not_judged),
		cmocka_unit_test(without_a_list_nobody_is_judged),
		cmocka_unit_test(what_is_near_our_own_is_another),
		cmocka_unit_test(the_list_is_read_entry_by_entry_and_byte_by_byte),
		cmocka_unit_test(a_list_holds_origins_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
