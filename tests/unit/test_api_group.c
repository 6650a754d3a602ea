/*
 * group commit: requests that come while others wait to write share a transaction and its commit.  Each of them is
 * kept, or taken back, by itself; nobody is answered before the commit, and if there is none nobody is told of one.
 */
#include <pthread.h>
#include <unistd.h>

#include "api_service.h"

#define HELD_US		(5 * US_PER_MS)	/* how long the first waits for its turn */

/* The requests of a group, the first of them at 0. */
struct group {
	struct fixture	*t;
	struct arena	*arena;
	struct request	 request[SERVICE_GROUP + 1];
	struct buf	 out[SERVICE_GROUP + 1];
	size_t		 n;
};

static int
group_setup(void **state)
{
	struct group *g = calloc(1, sizeof(*g));
	void *t;

	setup(&t);
	g->t = t;
	g->arena = arena_new();
	*state = g;
	return 0;
}

static int
group_teardown(void **state)
{
	struct group *g = *state;
	void *t = g->t;

	for (size_t i = 0; i < COUNTOF(g->request); i++) {
		buf_free(&g->request[i].body);
		buf_free(&g->out[i]);
	}
	arena_free(&g->arena);
	free(g);
	return teardown(&t);
}

static void *
let_go(void *arg)
{
	struct group *g = arg;

	usleep(HELD_US);
	db_rollback(g->t->base->db);
	return NULL;
}

static struct request *
next(struct group *g, const char *method, const char *uri, const char *body, const char *key)
{
	struct request *request = &g->request[g->n];

	assert_true(g->n < COUNTOF(g->request));
	make_request(g->t, g->arena, request, (const char *[3]){ method, uri, body }, key);
	return request;
}

/* The first, whose turn to write comes late. */
static void
begin(struct group *g, const char *method, const char *uri, const char *body)
{
	struct request *request = next(g, method, uri, body, NULL);
	pthread_t holder;
	bool open;

	assert_int_equal(db_begin(g->t->base->db, true), 0);
	assert_int_equal(pthread_create(&holder, NULL, let_go, g), 0);
	open = service_begin(&g->t->service, request, &g->out[g->n++]);
	assert_int_equal(pthread_join(holder, NULL), 0);
	assert_true(open);
}

static bool
join_with_key(struct group *g, const char *method, const char *uri, const char *body, const char *key)
{
	struct request *request = next(g, method, uri, body, key);

	return service_join(&g->t->service, request, &g->out[g->n++]);
}

static bool
join(struct group *g, const char *method, const char *uri, const char *body)
{
	return join_with_key(g, method, uri, body, NULL);
}

static void
assert_statuses(const struct group *g, const int *expected)
{
	for (size_t i = 0; i < g->n; i++)
		if (status_of(&g->out[i]) != expected[i])
			fail_msg("request %zu: %s", i, g->out[i].data);
}

static void
assert_nothing_said(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		assert_int_equal(g->out[i].len, 0);
}

static void
who_need_not_wait_has_a_commit_of_his_own(void **state)
{
	struct group *g = *state;
	bool open = true;

	/* now and then something else takes the processor meanwhile */
	for (int i = 0; i < 100 && open; i++) {
		buf_clear(&g->out[0]);
		buf_free(&g->request[0].body);
		open = service_begin(&g->t->service, next(g, "POST", "/api/meetings", "{\"title\":\"x\"}", NULL),
		    &g->out[0]);
		if (open)
			service_commit(&g->t->service);
		assert_int_equal(status_of(&g->out[0]), 201);
	}
	assert_false(open);
}

static void
what_comes_together_is_there_together(void **state)
{
	static const char events[] = "SELECT count(*) FROM event", calls[] = "SELECT count(*) FROM call";
	struct group *g = *state;
	char *before = picture(g->t), *meanwhile;

	begin(g, "PATCH", "/api/meetings/1", "{\"title\":\"New\"}");
	assert_true(join(g, "POST", "/api/calls", "{\"meeting_id\":1}"));
	assert_true(join(g, "DELETE", "/api/meetings/7", NULL));
	assert_true(join(g, "POST", "/api/meetings/1/participants", "{\"user_id\":3}"));
	assert_nothing_said(g);
	meanwhile = picture(g->t);
	assert_string_equal(before, meanwhile);
	service_commit(&g->t->service);
	assert_statuses(g, (const int[]){ 200, 201, 404, 201 });
	assert_int_equal(database_int(g->t->base->db, events), 4);
	assert_int_equal(database_int(g->t->base->db, calls), 1);
	assert_int_equal(ask(g->t, "GET", "/api/meetings/1", NULL), 200);
	assert_non_null(strstr(g->t->out.data, "\"title\":\"New\""));
	free(before);
	free(meanwhile);
}

/* All that it had changed already, and no more. */
static void
one_that_fails_is_taken_back_by_itself(void **state)
{
	static const char members[] = "SELECT count(*) FROM member WHERE user_id = 3";
	static const char calls[] = "SELECT count(*) FROM call";
	static const char audit[] = "SELECT count(*) FROM audit WHERE action LIKE 'call%'";
	struct group *g = *state;

	break_at(g->t, "INSERT ON event WHEN NEW.type = 'participant_added'");
	begin(g, "POST", "/api/calls", "{\"meeting_id\":1}");
	assert_true(join(g, "POST", "/api/meetings/1/participants", "{\"user_id\":3}"));
	assert_true(join(g, "POST", "/api/calls/1/end", NULL));
	service_commit(&g->t->service);
	mend(g->t);
	assert_statuses(g, (const int[]){ 201, 500, 200 });
	assert_int_equal(database_int(g->t->base->db, members), 0);
	assert_int_equal(database_int(g->t->base->db, calls), 1);
	assert_int_equal(database_int(g->t->base->db, audit), 2);
}

/* As by a disk that is full: SQLite then rolls back all of it, and the next would be in a transaction of nobody's. */
static void
where_all_of_it_is_lost_nobody_is_told_otherwise(void **state)
{
	struct group *g = *state;
	char *before = picture(g->t), *after;

	assert_true(db_exec(g->t->base->db, "CREATE TRIGGER broken BEFORE INSERT ON member BEGIN"
	    " SELECT RAISE(ROLLBACK, 'lost on purpose'); END") >= 0);
	begin(g, "POST", "/api/calls", "{\"meeting_id\":1}");
	assert_true(join(g, "POST", "/api/meetings/7/participants", "{\"user_id\":3}"));
	assert_true(join(g, "POST", "/api/meetings/1/participants", "{\"user_id\":3}"));
	assert_true(join(g, "PATCH", "/api/meetings/1", "{\"title\":\"New\"}"));
	service_commit(&g->t->service);
	mend(g->t);
	assert_statuses(g, (const int[]){ 500, 500, 500, 500 });
	after = picture(g->t);
	assert_string_equal(before, after);
	assert_int_equal(ask(g->t, "POST", "/api/calls", "{\"meeting_id\":1}"), 201);
	free(before);
	free(after);
}

/* Or nobody knows what it is worth: then nothing of it is kept, and the connection is not used again. */
static void
where_something_is_damaged_nothing_is_kept(void **state)
{
	struct group *g = *state;
	char *before = picture(g->t), *after;

	assert_true(db_exec(g->t->base->db, "CREATE TRIGGER broken BEFORE INSERT ON member BEGIN"
	    " SELECT abs(-9223372036854775807 - 1); END") >= 0);
	begin(g, "POST", "/api/calls", "{\"meeting_id\":1}");
	assert_true(join(g, "POST", "/api/meetings/1/participants", "{\"user_id\":3}"));
	assert_true(join(g, "PATCH", "/api/meetings/1", "{\"title\":\"New\"}"));
	service_commit(&g->t->service);
	assert_null(g->t->service.db);
	mend(g->t);
	assert_statuses(g, (const int[]){ 500, 500, 500 });
	after = picture(g->t);
	assert_string_equal(before, after);
	assert_int_equal(ask(g->t, "POST", "/api/calls", "{\"meeting_id\":1}"), 201);
	free(before);
	free(after);
}

static void
who_cannot_join_is_answered_after_the_commit(void **state)
{
	static const char *const lines[][3] = {
		{ "GET", "/api/meetings/1", NULL },
		{ "GET", "/api/health", NULL },
		{ "POST", "/api/auth/login", "{\"email\":\"host@unio.test\",\"password\":\"" PASSWORD "\"}" },
		{ "POST", "/api/nothing", "{}" },
		{ "PUT", "/api/calls", "{}" },
	};
	static const int status[] = { 200, 200, 200, 404, 405 };

	for (size_t i = 0; i < COUNTOF(lines); i++) {
		struct group *g = *state;

		begin(g, "PATCH", "/api/meetings/1", i % 2 == 0 ? "{\"title\":\"New\"}" : "{\"title\":\"Old\"}");
		assert_false(join(g, lines[i][0], lines[i][1], lines[i][2]));
		service_commit(&g->t->service);
		assert_int_equal(status_of(&g->out[0]), 200);
		assert_int_equal(g->out[1].len, 0);
		service_answer(&g->t->service, &g->request[1], &g->out[1]);
		assert_int_equal(status_of(&g->out[1]), status[i]);
		assert_true(i > 0 || strstr(g->out[1].data, "\"title\":\"New\"") != NULL);
		group_teardown(state);
		group_setup(state);
	}
}

static void
a_group_has_an_end(void **state)
{
	struct group *g = *state;

	begin(g, "POST", "/api/calls", "{\"meeting_id\":1}");
	while (g->n < SERVICE_GROUP)
		assert_true(join(g, "DELETE", "/api/meetings/7", NULL));
	assert_false(join(g, "DELETE", "/api/meetings/7", NULL));
	service_commit(&g->t->service);
	assert_int_equal(status_of(&g->out[SERVICE_GROUP - 1]), 404);
	assert_int_equal(g->out[SERVICE_GROUP].len, 0);
}

static void
who_is_signed_out_in_it_changes_nothing_after_that(void **state)
{
	struct group *g = *state;

	begin(g, "PATCH", "/api/meetings/1", "{\"title\":\"New\"}");
	assert_true(join(g, "POST", "/api/auth/logout", NULL));
	assert_true(join(g, "PATCH", "/api/meetings/1", "{\"title\":\"Newer\"}"));
	service_commit(&g->t->service);
	assert_statuses(g, (const int[]){ 200, 204, 401 });
}

static void
a_key_that_comes_twice_in_it_counts_once(void **state)
{
	static const char meetings[] = "SELECT count(*) FROM meeting";
	struct group *g = *state;

	begin(g, "PATCH", "/api/meetings/1", "{\"title\":\"New\"}");
	assert_true(join_with_key(g, "POST", "/api/meetings", "{\"title\":\"x\"}", "key"));
	assert_true(join_with_key(g, "POST", "/api/meetings", "{\"title\":\"x\"}", "key"));
	service_commit(&g->t->service);
	assert_statuses(g, (const int[]){ 200, 201, 201 });
	assert_null(strstr(g->out[1].data, "Idempotency-Replayed"));
	assert_non_null(strstr(g->out[2].data, "\r\nIdempotency-Replayed: true\r\n"));
	assert_int_equal(database_int(g->t->base->db, meetings), 2);
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, group_setup, group_teardown)
	const struct CMUnitTest tests[] = {
		TEST(who_need_not_wait_has_a_commit_of_his_own),
		TEST(what_comes_together_is_there_together),
		TEST(one_that_fails_is_taken_back_by_itself),
		TEST(where_all_of_it_is_lost_nobody_is_told_otherwise),
		TEST(where_something_is_damaged_nothing_is_kept),
		TEST(who_cannot_join_is_answered_after_the_commit),
		TEST(a_group_has_an_end),
		TEST(who_is_signed_out_in_it_changes_nothing_after_that),
		TEST(a_key_that_comes_twice_in_it_counts_once),
	};

	return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
