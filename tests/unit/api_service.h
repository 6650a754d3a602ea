/*
 * api_service.h: what the tests of whole requests start from: a service of a database of its own, in which the host has
 * signed in and has a meeting; requests without a socket; and a database that fails at a chosen point.
 */
#ifndef UNIO_TEST_API_SERVICE_H
#define UNIO_TEST_API_SERVICE_H

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
static inline void
add_variable(char *environment[], struct arena *arena, const char *name, const char *value)
{
	while (*environment != NULL)
		environment++;
	if (value != NULL)
		*environment = arena_printf(arena, "%s=%s", name, value);
}

/* A request as the edge makes it; its texts are of the arena. */
static inline void
make_request(const struct fixture *t, struct arena *arena, struct request *request, const char *line[3],
    const char *key)
{
	char **environment = arena_alloc(arena, 5 * sizeof(*environment));

	add_variable(environment, arena, "REQUEST_METHOD", line[0]);
	add_variable(environment, arena, "REQUEST_URI", line[1]);
	add_variable(environment, arena, "HTTP_AUTHORIZATION", t->token);
	add_variable(environment, arena, "HTTP_IDEMPOTENCY_KEY", key);
	request_start(request, environment);
	if (line[2] != NULL)
		buf_adds(&request->body, line[2]);
}

static inline int
status_of(const struct buf *out)
{
	int64_t status = 0;

	assert_true(str_to_int(out->data + strlen("Status: "), 3, 100, 599, &status));
	return (int)status;
}

/* The status; the whole reply stands in t->out. */
static inline int
ask_with_key(struct fixture *t, const char *method, const char *uri, const char *body, const char *key)
{
	struct arena *arena = arena_new();
	struct request request = { 0 };

	make_request(t, arena, &request, (const char *[3]){ method, uri, body }, key);
	buf_clear(&t->out);
	service_answer(&t->service, &request, &t->out);
	for (size_t i = 0; i < request.body.cap; i++)
		assert_int_equal(request.body.data[i], 0);	/* a password may have stood there */
	buf_free(&request.body);
	arena_free(&arena);
	return status_of(&t->out);
}

static inline int
ask(struct fixture *t, const char *method, const char *uri, const char *body)
{
	return ask_with_key(t, method, uri, body, NULL);
}

/* The value of a text member of the last reply. */
static inline char *
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

static inline void
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

static inline int
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

static inline int
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
static inline char *
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

static inline void
break_at(const struct fixture *t, const char *what)
{
	char *sql = arena_printf(t->base->arena, "CREATE TRIGGER broken BEFORE %s BEGIN"
	    " SELECT RAISE(ABORT, 'broken on purpose'); END", what);

	assert_true(db_exec(t->base->db, sql) >= 0);
}

static inline void
mend(const struct fixture *t)
{
	assert_true(db_exec(t->base->db, "DROP TRIGGER broken") >= 0);
}

#endif
