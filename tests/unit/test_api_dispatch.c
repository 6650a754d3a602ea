/*
 * dispatch: whole requests without a socket, against a database that fails at a chosen
 * point.  Whatever fails, the reply says so and nothing of the change is left.
 */
#include "database.h"

#include "../../fcgi-api/service.h"
#include "clock.h"
#include "password.h"
#include "store_login.h"
#include "str.h"

#define PASSWORD	"a password that is long enough"

/* Texts of the configuration, which is not const. */
static char nothing[] = "", nowhere[] = "ipc:///nowhere/wake.sock", issuer[] = "unio";

struct fixture {
	struct database	*base;
	struct conf	 conf;
	struct service	 service;
	struct buf	 out;
	char		 secret[192];
	char		*token;		/* of HOST */
	char		*refresh;
};

/* NAME=value, into its place among the variables, unless there is no value. */
static void
add_variable(char *environment[], struct arena *arena, const char *name, const char *value)
{
	while (*environment != NULL)
		environment++;
	if (value != NULL)
		*environment = arena_printf(arena, "%s=%s", name, value);
}

/* The status; the whole reply stands in t->out. */
static int
ask_with_key(struct fixture *t, const char *method, const char *uri, const char *body, const char *key)
{
	struct arena *arena = arena_new();
	char *environment[5] = { NULL };
	struct request request = { 0 };
	int64_t status = 0;

	add_variable(environment, arena, "REQUEST_METHOD", method);
	add_variable(environment, arena, "REQUEST_URI", uri);
	add_variable(environment, arena, "HTTP_AUTHORIZATION", t->token);
	add_variable(environment, arena, "HTTP_IDEMPOTENCY_KEY", key);
	request_start(&request, environment);
	if (body != NULL)
		buf_adds(&request.body, body);
	buf_clear(&t->out);
	service_answer(&t->service, &request, &t->out);
	for (size_t i = 0; i < request.body.cap; i++)
		assert_int_equal(request.body.data[i], 0);	/* a password may have stood there */
	buf_free(&request.body);
	arena_free(&arena);
	assert_true(str_to_int(t->out.data + strlen("Status: "), 3, 100, 599, &status));
	return (int)status;
}

static int
ask(struct fixture *t, const char *method, const char *uri, const char *body)
{
	return ask_with_key(t, method, uri, body, NULL);
}

/* The value of a text member of the last reply. */
static char *
member(const struct fixture *t, const char *name)
{
	char pattern[64];
	const char *at;

	snprintf(pattern, sizeof(pattern), "\"%s\":\"", name);
	at = strstr(t->out.data, pattern);
	assert_non_null(at);
	at += strlen(pattern);
	return strndup(at, strcspn(at, "\""));
}

static void
sign_in(struct fixture *t)
{
	char *access;

	assert_int_equal(ask(t, "POST", "/api/auth/login",
	    "{\"email\":\"host@unio.test\",\"password\":\"" PASSWORD "\"}"), 200);
	access = member(t, "access");
	t->refresh = member(t, "refresh");
	assert_true(asprintf(&t->token, "Bearer %s", access) > 0);
	free(access);
}

static int
setup(void **state)
{
	struct fixture *t = calloc(1, sizeof(*t));
	struct password_cost cost = { 1, 8192 };
	char hash[PASSWORD_HASH_SIZE];
	void *base;

	database_setup_users(&base);
	t->base = base;
	snprintf(t->secret, sizeof(t->secret), "%s/secret.key", t->base->dir);
	t->conf = (struct conf){
		.database = t->base->path,
		.secret_file = t->secret,
		.control_socket = t->secret,
		.wake_endpoint = nowhere,
		.base_path = nothing,
		.trusted_proxies = nothing,
		.public_url = nothing,
		.ice_urls = nothing,
		.turn_secret_file = nothing,
		.jwks_file = nothing,
		.allowed_origins = nothing,
		.issuer = issuer,
		.log_level = LOG_LEVEL_ERROR,
		.database_busy_timeout = 100 * US_PER_MS,
		.registration = CONF_REGISTRATION_OPEN,
		.token_ttl = 3600 * US_PER_S,
		.refresh_ttl = 86400 * US_PER_S,
		.refresh_grace = 10 * US_PER_S,
		.login_failures = 5,
		.login_window = 900 * US_PER_S,
		.password_passes = cost.passes,
		.password_memory = cost.memory,
	};
	assert_int_equal(service_prepare(&t->conf), 0);
	assert_int_equal(password_hash(PASSWORD, &cost, hash), 0);
	assert_int_equal(store_user_set_password(t->base->db, HOST, hash, NOW), 1);
	assert_int_equal(database_add_meeting(t->base->db, "The first"), 1);
	assert_int_equal(service_open(&t->service, &t->conf, NULL, NULL), 0);
	sign_in(t);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *t = *state;
	void *base = t->base;

	service_close(&t->service);
	buf_free(&t->out);
	free(t->token);
	free(t->refresh);
	database_teardown(&base);
	free(t);
	return 0;
}

/* Everything that a request could have changed, as one text. */
static char *
picture(const struct fixture *t)
{
	static const char sql[] =
	    "SELECT (SELECT group_concat(title || status || updated_at) FROM meeting)"
	    " || (SELECT count(*) || sum(user_id) FROM member)"
	    " || (SELECT group_concat(email || full_name || password_hash) FROM account)"
	    " || (SELECT count(*) || '/' || count(revoked_at) || max(last_used_at) FROM login)"
	    " || (SELECT count(*) || '/' || count(used_at) FROM refresh_token)"
	    " || (SELECT count(*) || '/' || count(ended_at) FROM call)"
	    " || (SELECT count(*) FROM event)"
	    " || (SELECT count(*) FROM login_failure)"
	    " || (SELECT count(*) FROM idempotency)";
	struct db_stmt *st = db_query(t->base->db, sql);
	char *text;

	assert_int_equal(db_step(st), 1);
	text = strdup(db_text(st, 0));
	db_done(st);
	return text;
}

static void
break_at(const struct fixture *t, const char *what)
{
	char *sql = arena_printf(t->base->arena, "CREATE TRIGGER broken BEFORE %s BEGIN"
	    " SELECT RAISE(ABORT, 'broken on purpose'); END", what);

	assert_true(db_exec(t->base->db, sql) >= 0);
}

static void
mend(const struct fixture *t)
{
	assert_true(db_exec(t->base->db, "DROP TRIGGER broken") >= 0);
}

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
