/* route: from method and path to the row of the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fcgi-api/route.h"

struct fixture {
	struct arena	*arena;
	int64_t		 id[HANDLE_IDS];
	const char	*allow;
};

static const struct route *
find(struct fixture *t, const char *method, const char *path)
{
	struct request request = { .method = method, .uri = path, .query = "" };

	t->id[0] = t->id[1] = 0;
	t->allow = NULL;
	assert_int_equal(request_target(&request, t->arena, ""), 1);
	return route_find(&request, t->arena, t->id, &t->allow);
}

static int
setup(void **state)
{
	struct fixture *t = calloc(1, sizeof(*t));

	t->arena = arena_new();
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *t = *state;

	arena_free(&t->arena);
	free(t);
	return 0;
}

static void
a_route_is_found_with_and_without_trailing_slash(void **state)
{
	const struct route *route = find(*state, "GET", "/api/health");

	assert_non_null(route);
	assert_ptr_equal(route->handler, handle_health);
	assert_ptr_equal(find(*state, "GET", "/api/health/"), route);
}

static void
a_number_in_the_path_is_kept(void **state)
{
	struct fixture *t = *state;

	assert_non_null(find(t, "DELETE", "/api/meetings/7/participants/9223372036854775807"));
	assert_int_equal(t->id[0], 7);
	assert_true(t->id[1] == INT64_MAX);
}

static void
what_is_no_positive_integer_names_nothing(void **state)
{
	static const char *const bad[] = { "0", "-1", "1.0", "+1", "01", "0x1", "1a", "%201", "9223372036854775808" };
	struct fixture *t = *state;

	for (size_t i = 0; i < COUNTOF(bad); i++) {
		assert_null(find(t, "GET", arena_printf(t->arena, "/api/meetings/%s", bad[i])));
		assert_null(t->allow);
	}
}

static void
an_unknown_path_has_no_methods(void **state)
{
	static const char *const bad[] = { "/", "/api", "/api/nothing", "/api/meetings/1/nothing", "/api/healthy",
		"/api/health/ready/now", "/x/api/health", "/API/health" };
	struct fixture *t = *state;

	for (size_t i = 0; i < COUNTOF(bad); i++) {
		assert_null(find(t, "GET", bad[i]));
		assert_null(t->allow);
	}
}

static void
another_method_is_told_which_there_are(void **state)
{
	struct fixture *t = *state;

	assert_null(find(t, "PUT", "/api/meetings/1"));
	assert_string_equal(t->allow, "GET, HEAD, PATCH, DELETE");
	assert_null(find(t, "get", "/api/health"));
	assert_string_equal(t->allow, "GET, HEAD");
	assert_null(find(t, "", "/api/auth/login"));
	assert_string_equal(t->allow, "POST");
}

static void
head_is_answered_wherever_get_is(void **state)
{
	struct fixture *t = *state;

	assert_ptr_equal(find(t, "HEAD", "/api/calls/1"), find(t, "GET", "/api/calls/1"));
	assert_null(find(t, "HEAD", "/api/auth/login"));
}

static void
the_report_s_name_and_the_resource_s_are_one(void **state)
{
	const struct route *a = find(*state, "POST", "/api/health/call/start");
	const struct route *b = find(*state, "POST", "/api/calls");

	assert_ptr_equal(a->handler, b->handler);
}

/* The table's own invariants, asked of every path that docs/PROTOCOL.md names. */
static void
what_writes_or_is_private_is_marked_so(void **state)
{
	static const char *const public[] = { "/api/health", "/api/health/ready", "/api/auth/login",
		"/api/auth/refresh", "/api/auth/register" };
	static const char *const all[] = {
		"/api/health", "/api/health/ready", "/api/health/call/start",
		"/api/health/call/end", "/api/auth/login", "/api/auth/refresh",
		"/api/auth/logout", "/api/auth/register", "/api/auth/me", "/api/auth/password",
		"/api/auth/sessions", "/api/auth/sessions/1", "/api/meetings", "/api/meetings/1",
		"/api/meetings/1/participants", "/api/meetings/1/participants/2", "/api/calls",
		"/api/calls/1", "/api/calls/1/end", "/api/calls/1/attendance.csv" };
	static const char *const methods[] = { "GET", "POST", "PATCH", "DELETE" };

	for (size_t i = 0; i < COUNTOF(all); i++)
		for (size_t m = 0; m < COUNTOF(methods); m++) {
			const struct route *route = find(*state, methods[m], all[i]);
			bool is_public = false;

			if (route == NULL)
				continue;
			for (size_t p = 0; p < COUNTOF(public); p++)
				is_public |= strcmp(public[p], all[i]) == 0;
			assert_int_equal(route->auth, is_public ? ROUTE_PUBLIC : ROUTE_USER);
			assert_int_equal(route->data == ROUTE_WRITES, strcmp(route->method, "GET") != 0);
			if (strstr(all[i], "/auth/") != NULL)
				assert_false(route->idempotent);
			else
				assert_int_equal(route->idempotent, strcmp(route->method, "POST") == 0);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_route_is_found_with_and_without_trailing_slash, setup, teardown),
		cmocka_unit_test_setup_teardown(a_number_in_the_path_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_positive_integer_names_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unknown_path_has_no_methods, setup, teardown),
		cmocka_unit_test_setup_teardown(another_method_is_told_which_there_are, setup, teardown),
		cmocka_unit_test_setup_teardown(head_is_answered_wherever_get_is, setup, teardown),
		cmocka_unit_test_setup_teardown(the_report_s_name_and_the_resource_s_are_one, setup, teardown),
		cmocka_unit_test_setup_teardown(what_writes_or_is_private_is_marked_so, setup, teardown),
	};

	return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
