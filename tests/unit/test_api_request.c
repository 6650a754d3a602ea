/* request: variables, target, query, length, content type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fcgi-api/request.h"

struct variables {
	const char	*uri, *length, *type;
};

/* What request_start() takes points into the environment, which lives on. */
static void
start(struct request *request, struct variables v)
{
	static char uri[4096], length[128], type[128];
	char *environment[4] = { 0 };
	size_t n = 0;

	if (v.uri != NULL && snprintf(uri, sizeof(uri), "REQUEST_URI=%s", v.uri) > 0)
		environment[n++] = uri;
	if (v.length != NULL && snprintf(length, sizeof(length), "CONTENT_LENGTH=%s", v.length) > 0)
		environment[n++] = length;
	if (v.type != NULL && snprintf(type, sizeof(type), "CONTENT_TYPE=%s", v.type) > 0)
		environment[n++] = type;
	*request = (struct request){ 0 };
	request_start(request, environment);
}

static int
target(struct request *request, struct arena *arena, const char *base_path, const char *uri)
{
	start(request, (struct variables){ .uri = uri });
	return request_target(request, arena, base_path);
}

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free((struct arena **)state);
	return 0;
}

static void
a_path_is_split_and_its_segments_decoded(void **state)
{
	struct request request;

	assert_int_equal(target(&request, *state, "", "/api/%6deetings/a%20b%3F?x=/y"), 1);
	assert_int_equal(request.segments, 3);
	assert_string_equal(request.segment[0], "api");
	assert_string_equal(request.segment[1], "meetings");
	assert_string_equal(request.segment[2], "a b?");
	assert_string_equal(request.path, "/api/%6deetings/a%20b%3F");
	assert_string_equal(request.query, "x=/y");
}

static void
a_trailing_slash_makes_no_segment(void **state)
{
	struct request request;

	assert_int_equal(target(&request, *state, "", "/api/health/"), 1);
	assert_int_equal(request.segments, 2);
	assert_string_equal(request_canonical(&request, *state), "/api/health");
	assert_int_equal(target(&request, *state, "", "/"), 1);
	assert_int_equal(request.segments, 0);
}

static void
an_empty_segment_inside_is_not_found(void **state)
{
	struct request request;

	assert_int_equal(target(&request, *state, "", "/api//health"), 0);
	assert_int_equal(target(&request, *state, "", "//api/health"), 0);
	assert_int_equal(target(&request, *state, "", "/api/health//"), 0);
}

static void
more_segments_than_any_route_has_are_not_found(void **state)
{
	struct request request;

	assert_int_equal(target(&request, *state, "", "/1/2/3/4/5/6/7/8"), 1);
	assert_int_equal(target(&request, *state, "", "/1/2/3/4/5/6/7/8/9"), 0);
}

static void
what_is_no_path_is_refused(void **state)
{
	static const char *const bad[] = { "", "api/health", "*", "http://host/api", "/api/%", "/api/%2", "/api/%zz",
		"/api/%2fx", "/api/%2F", "/api/%00", "/api/a%00b", "/api/%ff", "/api/%c0%af", "/api/%ed%a0%80" };
	struct request request;

	for (size_t i = 0; i < COUNTOF(bad); i++)
		if (target(&request, *state, "", bad[i]) != -1)
			fail_msg("\"%s\"", bad[i]);
}

static void
a_missing_uri_is_no_path(void **state)
{
	struct request request;

	assert_int_equal(target(&request, *state, "", NULL), -1);
}

static void
the_base_path_is_taken_off_whole(void **state)
{
	struct request request;

	assert_int_equal(target(&request, *state, "/unio", "/unio/api/health"), 1);
	assert_int_equal(request.segments, 2);
	assert_int_equal(target(&request, *state, "/unio", "/unio"), 1);
	assert_int_equal(request.segments, 0);
	assert_int_equal(target(&request, *state, "/unio", "/uniox/api/health"), 0);
	assert_int_equal(target(&request, *state, "/unio", "/api/health"), 0);
	assert_int_equal(target(&request, *state, "/unio", "/un"), 0);
}

static void
a_query_value_is_found_decoded_and_the_first_counts(void **state)
{
	struct request request;
	const char *value = NULL;

	assert_int_equal(target(&request, *state, "", "/x?a=1&li%6dit=2+%2b&limit=3&b&&=&c="), 1);
	assert_int_equal(request_query(&request, *state, "limit", &value), 1);
	assert_string_equal(value, "2 +");
	assert_int_equal(request_query(&request, *state, "b", &value), 1);
	assert_string_equal(value, "");
	assert_int_equal(request_query(&request, *state, "c", &value), 1);
	assert_string_equal(value, "");
	assert_int_equal(request_query(&request, *state, "d", &value), 0);
}

static void
a_badly_encoded_value_is_an_error_for_whoever_asks(void **state)
{
	struct request request;
	const char *value;

	assert_int_equal(target(&request, *state, "", "/x?a=%zz&b=1&%=2"), 1);
	assert_int_equal(request_query(&request, *state, "a", &value), -1);
	assert_int_equal(request_query(&request, *state, "b", &value), 1);
}

static void
the_length_is_a_number_or_absent_or_nonsense(void **state)
{
	static const struct {
		const char *text;
		int rc;
		int64_t length;
	} cases[] = {
		{ NULL, 0, 77 }, { "", 0, 77 }, { "0", 1, 0 }, { "15", 1, 15 }, { "-5", -1, 77 }, { "ten", -1, 77 },
		{ "+5", -1, 77 }, { "0xf", -1, 77 }, { "5 ", -1, 77 }, { "99999999999999999999", -1, 77 },
	};
	struct request request;

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		int64_t length = 77;

		start(&request, (struct variables){ .length = cases[i].text });
		assert_int_equal(request_length(&request, &length), cases[i].rc);
		assert_int_equal(length, cases[i].length);
	}
}

static void
json_is_named_so_or_not_at_all(void **state)
{
	static const struct {
		const char *type;
		bool json;
	} cases[] = {
		{ NULL, true }, { "", true }, { "application/json", true }, { "Application/JSON; charset=utf-8", true },
		{ "application/json ;x=y", true }, { "application/jsonp", false }, { "application/json-seq", false },
		{ "text/json", false }, { "application/", false }, { " application/json", false },
	};
	struct request request;

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		start(&request, (struct variables){ .type = cases[i].type });
		if (request_is_json(&request) != cases[i].json)
			fail_msg("\"%s\"", cases[i].type);
	}
}

static void
every_request_gets_an_id_and_an_empty_body_of_its_own(void **state)
{
	struct request a = { 0 }, b = { 0 };
	char *const nothing[] = { NULL };

	(void)state;
	request_start(&a, nothing);
	buf_adds(&a.body, "left over");
	a.body_state = REQUEST_BODY_CUT;
	request_start(&b, nothing);
	assert_string_not_equal(a.id, b.id);
	assert_int_equal(strlen(a.id), REQUEST_ID);
	request_start(&a, nothing);
	assert_int_equal(a.body.len, 0);
	assert_int_equal(a.body_state, REQUEST_BODY_WHOLE);
	buf_free(&a.body);
}

static void
a_variable_is_known_by_its_whole_name_and_the_first_counts(void **state)
{
	char *const environment[] = {
		(char[]){ "REQUEST_METHOD_OVERRIDE=DELETE" }, (char[]){ "REQUEST_METHO=PUT" },
		(char[]){ "REQUEST_METHOD" }, (char[]){ "" }, (char[]){ "=" },
		(char[]){ "REQUEST_METHOD=GET" }, (char[]){ "REQUEST_METHOD=POST" },
		(char[]){ "HTTP_AUTHORIZATION=" }, (char[]){ "HTTP_HOST=a=b" }, NULL,
	};
	struct request request = { 0 };

	(void)state;
	request_start(&request, environment);
	assert_string_equal(request.method, "GET");
	assert_string_equal(request.authorization, "");
	assert_string_equal(request.host, "a=b");
	assert_null(request.content_type);
	assert_string_equal(request.uri, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_path_is_split_and_its_segments_decoded, setup, teardown),
		cmocka_unit_test_setup_teardown(a_trailing_slash_makes_no_segment, setup, teardown),
		cmocka_unit_test_setup_teardown(an_empty_segment_inside_is_not_found, setup, teardown),
		cmocka_unit_test_setup_teardown(more_segments_than_any_route_has_are_not_found, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_path_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_missing_uri_is_no_path, setup, teardown),
		cmocka_unit_test_setup_teardown(the_base_path_is_taken_off_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(a_query_value_is_found_decoded_and_the_first_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(a_badly_encoded_value_is_an_error_for_whoever_asks, setup, teardown),
		cmocka_unit_test(the_length_is_a_number_or_absent_or_nonsense),
		cmocka_unit_test(json_is_named_so_or_not_at_all),
		cmocka_unit_test(a_variable_is_known_by_its_whole_name_and_the_first_counts),
		cmocka_unit_test(every_request_gets_an_id_and_an_empty_body_of_its_own),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
