/*
 * dispatch: whole requests without a socket, against a database that fails at a chosen
 * point.  Whatever fails, the reply says so and nothing of the change is left.
 */
#include "api_service.h"

static void
what_fails_on_its_way_leaves_nothing_and_is_500(void **state)
{
	static const struct {
		const char *broken, *method, *uri, *body;
	} cases[] = {
		{ "INSERT ON event", "POST", "/api/calls", "{\"meeting_id\":1}" },
		{ "INSERT ON call", "POST", "/api/health/call/start", "{\"meeting_id\":1}" },
		{ "UPDATE ON meeting", "POST", "/api/calls", "{\"meeting_id\":1}" },
		{ "UPDATE ON meeting", "PATCH", "/api/meetings/1", "{\"title\":\"x\"}" },
		{ "INSERT ON event", "PATCH", "/api/meetings/1", "{\"title\":\"x\"}" },
		{ "INSERT ON event", "PATCH", "/api/meetings/1", "{\"status\":\"cancelled\"}" },
		{ "INSERT ON meeting", "POST", "/api/meetings", "{\"title\":\"x\"}" },
		{ "INSERT ON member", "POST", "/api/meetings", "{\"title\":\"x\"}" },
		{ "INSERT ON member WHEN NEW.role = 'participant'", "POST", "/api/meetings",
		    "{\"title\":\"x\",\"participants\":[2]}" },
		{ "INSERT ON member", "POST", "/api/meetings/1/participants", "{\"user_id\":3}" },
		{ "INSERT ON event", "POST", "/api/meetings/1/participants", "{\"user_id\":3}" },
		{ "DELETE ON member", "DELETE", "/api/meetings/1/participants/2", NULL },
		{ "INSERT ON event", "DELETE", "/api/meetings/1/participants/2", NULL },
		{ "DELETE ON meeting", "DELETE", "/api/meetings/1", NULL },
		{ "INSERT ON event", "DELETE", "/api/meetings/1", NULL },
		{ "UPDATE ON account", "PATCH", "/api/auth/me", "{\"full_name\":\"x\"}" },
		{ "UPDATE ON account", "POST", "/api/auth/password",
		    "{\"current_password\":\"" PASSWORD "\",\"new_password\":\"another one\"}" },
		{ "UPDATE ON login", "POST", "/api/auth/logout", NULL },
		{ "INSERT ON event", "POST", "/api/auth/logout", NULL },
		{ "INSERT ON event", "DELETE", "/api/auth/sessions/1", NULL },
		{ "INSERT ON login", "POST", "/api/auth/login",
		    "{\"email\":\"host@unio.test\",\"password\":\"" PASSWORD "\"}" },
		{ "INSERT ON refresh_token", "POST", "/api/auth/login",
		    "{\"email\":\"host@unio.test\",\"password\":\"" PASSWORD "\"}" },
		{ "INSERT ON login_failure", "POST", "/api/auth/login",
		    "{\"email\":\"host@unio.test\",\"password\":\"wrong\"}" },
		{ "INSERT ON account", "POST", "/api/auth/register",
		    "{\"email\":\"new@unio.test\",\"password\":\"another one\",\"full_name\":\"New\"}" },
		{ "INSERT ON login", "POST", "/api/auth/register",
		    "{\"email\":\"new@unio.test\",\"password\":\"another one\",\"full_name\":\"New\"}" },
	};
	struct fixture *t = *state;

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		char *before = picture(t), *after;
		int status;

		break_at(t, cases[i].broken);
		status = ask(t, cases[i].method, cases[i].uri, cases[i].body);
		mend(t);
		after = picture(t);
		if (status != 500 || strcmp(before, after) != 0)
			fail_msg("%s with a broken %s: %d\n%s\n%s", cases[i].uri, cases[i].broken, status, before,
			    after);
		free(before);
		free(after);
	}
}

static void
a_refresh_that_fails_leaves_its_token_unused(void **state)
{
	struct fixture *t = *state;
	char *body = arena_printf(t->base->arena, "{\"refresh\":\"%s\"}", t->refresh);
	char *before = picture(t), *after;

	break_at(t, "INSERT ON refresh_token");
	assert_int_equal(ask(t, "POST", "/api/auth/refresh", body), 500);
	mend(t);
	after = picture(t);
	assert_string_equal(before, after);
	assert_int_equal(ask(t, "POST", "/api/auth/refresh", body), 200);
	free(before);
	free(after);
}

static void
a_reply_that_cannot_be_kept_takes_its_change_back(void **state)
{
	struct fixture *t = *state;
	char *before = picture(t), *after;

	break_at(t, "INSERT ON idempotency");
	assert_int_equal(ask_with_key(t, "POST", "/api/meetings", "{\"title\":\"x\"}", "key"), 500);
	mend(t);
	after = picture(t);
	assert_string_equal(before, after);
	assert_int_equal(ask_with_key(t, "POST", "/api/meetings", "{\"title\":\"x\"}", "key"), 201);
	assert_null(strstr(t->out.data, "Idempotency-Replayed"));
	assert_int_equal(ask_with_key(t, "POST", "/api/meetings", "{\"title\":\"x\"}", "key"), 201);
	assert_non_null(strstr(t->out.data, "\r\nIdempotency-Replayed: true\r\n"));
	free(before);
	free(after);
}

static void
an_error_under_a_key_is_judged_anew(void **state)
{
	struct fixture *t = *state;

	assert_int_equal(ask_with_key(t, "POST", "/api/calls", "{\"meeting_id\":2}", "key"), 404);
	assert_int_equal(ask(t, "POST", "/api/meetings", "{\"title\":\"The second\"}"), 201);
	assert_int_equal(ask_with_key(t, "POST", "/api/calls", "{\"meeting_id\":2}", "key"), 201);
}

static void
a_database_that_is_held_is_503_and_reads_go_on(void **state)
{
	struct fixture *t = *state;

	assert_int_equal(db_begin(t->base->db, true), 0);
	assert_int_equal(ask(t, "POST", "/api/meetings", "{\"title\":\"x\"}"), 503);
	assert_non_null(strstr(t->out.data, "\r\nRetry-After: 1\r\n"));
	assert_int_equal(ask(t, "GET", "/api/meetings/1", NULL), 200);
	db_rollback(t->base->db);
	assert_int_equal(ask(t, "POST", "/api/meetings", "{\"title\":\"x\"}"), 201);
}

static void
a_database_that_cannot_be_opened_is_503_until_it_can(void **state)
{
	struct fixture *t = *state;
	char elsewhere[160];

	snprintf(elsewhere, sizeof(elsewhere), "%s/none/unio.db", t->base->dir);
	db_close(&t->service.db);
	t->conf.database = elsewhere;
	assert_int_equal(ask(t, "GET", "/api/auth/me", NULL), 503);
	assert_int_equal(ask(t, "GET", "/api/health", NULL), 200);
	assert_int_equal(ask(t, "GET", "/api/health/ready", NULL), 503);
	t->conf.database = t->base->path;
	assert_int_equal(ask(t, "GET", "/api/auth/me", NULL), 200);
}

static void
events_are_told_in_the_order_of_the_changes(void **state)
{
	static const char sql[] = "SELECT group_concat(type, ' ') FROM (SELECT type FROM event ORDER BY id)";
	struct fixture *t = *state;
	struct db_stmt *st;

	assert_int_equal(ask(t, "POST", "/api/calls", "{\"meeting_id\":1}"), 201);
	assert_int_equal(ask(t, "POST", "/api/calls", "{\"meeting_id\":1}"), 200);
	assert_int_equal(ask(t, "PATCH", "/api/meetings/1", "{\"title\":\"The first\"}"), 200);
	assert_int_equal(ask(t, "PATCH", "/api/meetings/1", "{\"title\":\"New\"}"), 200);
	assert_int_equal(ask(t, "POST", "/api/meetings/1/participants", "{\"user_id\":3}"), 201);
	assert_int_equal(ask(t, "DELETE", "/api/meetings/1/participants/3", NULL), 204);
	assert_int_equal(ask(t, "DELETE", "/api/meetings/1", NULL), 204);
	assert_int_equal(ask(t, "POST", "/api/auth/logout", NULL), 204);
	st = db_query(t->base->db, sql);
	assert_int_equal(db_step(st), 1);
	assert_string_equal(db_text(st, 0), "call_started meeting_status meeting_updated participant_added"
	    " participant_removed call_ended meeting_deleted login_revoked");
	db_done(st);
}

static void
assert_rows(const struct fixture *t, const char *count, int64_t expected)
{
	assert_int_equal(database_int(t->base->db, count), expected);
}

/* Whoever guesses must not fill the disk, though nobody signs in for months. */
static void
a_failed_login_takes_failures_that_count_no_more_away(void **state)
{
	static const char count[] = "SELECT count(*) FROM login_failure";
	struct fixture *t = *state;

	for (int i = 0; i < 60; i++)
		assert_int_equal(store_login_failed(t->base->db, arena_printf(t->base->arena, "%d@unio.test", i),
		    "192.0.2.1", NOW + i, SECOND), 0);
	assert_rows(t, count, 60);
	assert_int_equal(ask(t, "POST", "/api/auth/login", "{\"email\":\"a@b\",\"password\":\"wrong\"}"), 401);
	assert_rows(t, count, 11);
	assert_int_equal(ask(t, "POST", "/api/auth/login", "{\"email\":\"a@b\",\"password\":\"wrong\"}"), 401);
	assert_rows(t, count, 1);
}

static void
a_refresh_takes_expired_tokens_away(void **state)
{
	static const char count[] = "SELECT count(*) FROM refresh_token";
	struct fixture *t = *state;
	char *body = arena_printf(t->base->arena, "{\"refresh\":\"%s\"}", t->refresh);

	for (int i = 0; i < 20; i++)
		assert_int_equal(store_login_add_refresh(t->base->db, arena_printf(t->base->arena, "old %d", i), 1, NOW,
		    NOW + SECOND), 0);
	assert_rows(t, count, 21);
	assert_int_equal(ask(t, "POST", "/api/auth/refresh", body), 200);
	assert_rows(t, count, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_fails_on_its_way_leaves_nothing_and_is_500, setup, teardown),
		cmocka_unit_test_setup_teardown(a_refresh_that_fails_leaves_its_token_unused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reply_that_cannot_be_kept_takes_its_change_back, setup, teardown),
		cmocka_unit_test_setup_teardown(an_error_under_a_key_is_judged_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(a_database_that_is_held_is_503_and_reads_go_on, setup, teardown),
		cmocka_unit_test_setup_teardown(a_database_that_cannot_be_opened_is_503_until_it_can, setup, teardown),
		cmocka_unit_test_setup_teardown(events_are_told_in_the_order_of_the_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failed_login_takes_failures_that_count_no_more_away, setup, teardown),
		cmocka_unit_test_setup_teardown(a_refresh_takes_expired_tokens_away, setup, teardown),
	};

	return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
