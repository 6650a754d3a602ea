/* store_login: login sessions, refresh tokens, failed sign-ins. */
#include "database.h"
#include "store_login.h"

#define DAY	(86400 * SECOND)
#define WINDOW	(900 * SECOND)

static int64_t
sign_in(struct db *db, int64_t user_id, int64_t now_us)
{
	struct login	login = {
		.user_id = user_id,
		.address = "192.0.2.7",
		.user_agent = "test",
		.created_at = now_us,
		.last_used_at = now_us,
		.expires_at = now_us + DAY,
	};
	int64_t		id = 0;

	assert_int_equal(store_login_create(db, &login, &id), 0);
	return (id);
}

static void
the_list_has_the_live_sessions_newest_first(void **state)
{
	struct database	*t = *state;
	int64_t		 first = sign_in(t->db, HOST, NOW), second = sign_in(t->db, HOST, NOW + 1);
	int64_t		 revoked = sign_in(t->db, HOST, NOW), other = sign_in(t->db, GUEST, NOW);
	struct login	*logins;
	size_t		 n;

	sign_in(t->db, HOST, NOW - 2 * DAY);	/* expired */
	assert_int_equal(store_login_revoke(t->db, revoked, HOST, NOW), 1);
	assert_int_equal(store_login_list(t->db, t->arena, HOST, NOW, 10, &logins, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(logins[0].id, second);
	assert_int_equal(logins[1].id, first);
	assert_int_equal(logins[0].user_id, HOST);
	assert_string_equal(logins[0].address, "192.0.2.7");
	assert_string_equal(logins[0].user_agent, "test");
	assert_int_equal(logins[0].created_at, NOW + 1);
	assert_int_equal(logins[0].last_used_at, NOW + 1);
	assert_int_equal(logins[0].expires_at, NOW + 1 + DAY);
	assert_int_equal(store_login_list(t->db, t->arena, HOST, NOW, 1, &logins, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(store_login_list(t->db, t->arena, GUEST, NOW, 10, &logins, &n), 0);
	assert_int_equal(logins[0].id, other);
}

static void
a_session_lives_for_its_user_until_it_is_revoked(void **state)
{
	struct database	*t = *state;
	int64_t		 id = sign_in(t->db, HOST, NOW);

	assert_int_equal(store_login_is_live(t->db, id, HOST), 1);
	assert_int_equal(store_login_is_live(t->db, id, GUEST), 0);
	assert_int_equal(store_login_is_live(t->db, id + 1, HOST), 0);
	assert_int_equal(store_login_revoke(t->db, id, HOST, NOW), 1);
	assert_int_equal(store_login_is_live(t->db, id, HOST), 0);
}

static void
a_disabled_user_has_no_live_session(void **state)
{
	struct database	*t = *state;
	int64_t		 id = sign_in(t->db, HOST, NOW);

	assert_int_equal(store_user_set_disabled(t->db, HOST, true, NOW), 1);
	assert_int_equal(store_login_is_live(t->db, id, HOST), 0);
}

static void
revoking_counts_once_and_only_for_the_owner(void **state)
{
	struct database	*t = *state;
	int64_t		 id = sign_in(t->db, HOST, NOW);

	assert_int_equal(store_login_revoke(t->db, id, GUEST, NOW), 0);
	assert_int_equal(store_login_revoke(t->db, id, HOST, NOW), 1);
	assert_int_equal(store_login_revoke(t->db, id, HOST, NOW + 1), 0);
	assert_int_equal(store_login_revoke(t->db, 77, HOST, NOW), 0);
}

static void
the_others_are_all_live_sessions_but_the_kept_one(void **state)
{
	struct database	*t = *state;
	int64_t		 a = sign_in(t->db, HOST, NOW), b = sign_in(t->db, HOST, NOW), c = sign_in(t->db, HOST, NOW);
	int64_t		*ids;
	size_t		 n;

	sign_in(t->db, GUEST, NOW);
	assert_int_equal(store_login_revoke(t->db, b, HOST, NOW), 1);
	assert_int_equal(store_login_others(t->db, t->arena, HOST, c, &ids, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(ids[0], a);
	assert_int_equal(store_login_others(t->db, t->arena, HOST, 0, &ids, &n), 0);
	assert_int_equal(n, 2);
}

static void
those_beyond_the_newest_are_the_oldest_live_ones(void **state)
{
	struct database	*t = *state;
	int64_t		 first = sign_in(t->db, HOST, NOW), second = sign_in(t->db, HOST, NOW);
	int64_t		*ids, revoked = sign_in(t->db, HOST, NOW);
	size_t		 n;

	sign_in(t->db, GUEST, NOW);
	sign_in(t->db, HOST, NOW - 2 * DAY);	/* expired */
	assert_int_equal(store_login_revoke(t->db, revoked, HOST, NOW), 1);
	assert_int_equal(store_login_beyond(t->db, t->arena, HOST, NOW, 2, 10, &ids, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_login_beyond(t->db, t->arena, HOST, NOW, 1, 10, &ids, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(ids[0], first);
	assert_int_equal(store_login_beyond(t->db, t->arena, HOST, NOW, 0, 1, &ids, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(ids[0], second);
}

static void
a_touch_moves_the_last_use_and_the_end(void **state)
{
	struct database	*t = *state;
	int64_t		 id = sign_in(t->db, HOST, NOW);
	struct login	*logins;
	size_t		 n;

	assert_int_equal(store_login_touch(t->db, id, NOW + 5, NOW + 2 * DAY), 0);
	assert_int_equal(store_login_list(t->db, t->arena, HOST, NOW + DAY + 1, 10, &logins, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(logins[0].last_used_at, NOW + 5);
	assert_int_equal(logins[0].expires_at, NOW + 2 * DAY);
}

static void
a_refresh_token_is_found_by_its_hash_with_its_session(void **state)
{
	struct database	*t = *state;
	int64_t		 id = sign_in(t->db, HOST, NOW);
	struct refresh	 refresh;

	assert_int_equal(store_login_find_refresh(t->db, "abc", &refresh), 0);
	assert_int_equal(store_login_add_refresh(t->db, "abc", id, NOW, NOW + DAY), 0);
	assert_int_equal(store_login_find_refresh(t->db, "abc", &refresh), 1);
	assert_int_equal(refresh.login_id, id);
	assert_int_equal(refresh.user_id, HOST);
	assert_int_equal(refresh.expires_at, NOW + DAY);
	assert_int_equal(refresh.used_at, 0);
	assert_int_equal(refresh.revoked_at, 0);
	assert_int_equal(store_login_revoke(t->db, id, HOST, NOW + 3), 1);
	assert_int_equal(store_login_find_refresh(t->db, "abc", &refresh), 1);
	assert_int_equal(refresh.revoked_at, NOW + 3);
}

static void
the_first_use_of_a_refresh_token_is_the_one_that_is_kept(void **state)
{
	struct database	*t = *state;
	int64_t		 id = sign_in(t->db, HOST, NOW);
	struct refresh	 refresh;

	assert_int_equal(store_login_add_refresh(t->db, "abc", id, NOW, NOW + DAY), 0);
	assert_int_equal(store_login_use_refresh(t->db, "abc", NOW + 1), 0);
	assert_int_equal(store_login_use_refresh(t->db, "abc", NOW + 2), 0);
	assert_int_equal(store_login_find_refresh(t->db, "abc", &refresh), 1);
	assert_int_equal(refresh.used_at, NOW + 1);
}

static void
assert_failures(struct db *db, const char *account, const char *address, int64_t now_us, int64_t expected)
{
	int64_t	failures, until;

	assert_int_equal(store_login_failures(db, account, address, now_us, WINDOW, &failures, &until), 0);
	assert_int_equal(failures, expected);
}

static void
failures_count_per_account_in_any_case_and_per_address(void **state)
{
	struct database	*t = *state;
	int64_t		 failures, until;

	assert_int_equal(store_login_failed(t->db, "a@unio.test", "192.0.2.1", NOW, WINDOW), 0);
	assert_int_equal(store_login_failed(t->db, "A@Unio.test", "192.0.2.1", NOW + SECOND, WINDOW), 0);
	assert_int_equal(store_login_failed(t->db, "a@unio.test", "192.0.2.2", NOW, WINDOW), 0);
	assert_int_equal(store_login_failures(t->db, "a@UNIO.test", "192.0.2.1", NOW + SECOND, WINDOW, &failures,
	    &until), 0);
	assert_int_equal(failures, 2);
	assert_int_equal(until, NOW + WINDOW);
	assert_failures(t->db, "a@unio.test", "192.0.2.2", NOW, 1);
	assert_failures(t->db, "b@unio.test", "192.0.2.1", NOW, 0);
}

static void
failures_are_forgotten_when_the_window_has_passed_and_begin_anew(void **state)
{
	struct database	*t = *state;

	for (int i = 0; i < 5; i++)
		assert_int_equal(store_login_failed(t->db, "a@unio.test", "192.0.2.1", NOW + i, WINDOW), 0);
	assert_failures(t->db, "a@unio.test", "192.0.2.1", NOW + WINDOW - 1, 5);
	assert_failures(t->db, "a@unio.test", "192.0.2.1", NOW + WINDOW, 0);
	assert_int_equal(store_login_failed(t->db, "a@unio.test", "192.0.2.1", NOW + WINDOW, WINDOW), 0);
	assert_failures(t->db, "a@unio.test", "192.0.2.1", NOW + WINDOW, 1);
	assert_failures(t->db, "a@unio.test", "192.0.2.1", NOW + 2 * WINDOW - 1, 1);
}

static void
a_success_resets_the_count(void **state)
{
	struct database	*t = *state;

	assert_int_equal(store_login_failed(t->db, "a@unio.test", "192.0.2.1", NOW, WINDOW), 0);
	assert_int_equal(store_login_succeeded(t->db, "A@unio.test", "192.0.2.1"), 0);
	assert_failures(t->db, "a@unio.test", "192.0.2.1", NOW, 0);
}

static void
a_purge_takes_what_has_expired_a_few_at_a_time(void **state)
{
	struct database	*t = *state;
	int64_t		 old = sign_in(t->db, HOST, NOW - 2 * DAY), live = sign_in(t->db, HOST, NOW);

	sign_in(t->db, HOST, NOW - 3 * DAY);
	assert_int_equal(store_login_add_refresh(t->db, "of the old session", old, NOW, NOW + DAY), 0);
	assert_int_equal(store_login_add_refresh(t->db, "expired", live, NOW - 2 * DAY, NOW - DAY), 0);
	assert_int_equal(store_login_add_refresh(t->db, "live", live, NOW, NOW + DAY), 0);
	assert_int_equal(store_login_failed(t->db, "a@unio.test", "192.0.2.1", NOW - WINDOW, WINDOW), 0);
	assert_int_equal(store_login_failed(t->db, "b@unio.test", "192.0.2.1", NOW, WINDOW), 0);

	assert_int_equal(store_login_purge(t->db, NOW, WINDOW, 1), 0);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM login"), 2);
	assert_int_equal(store_login_purge(t->db, NOW, WINDOW, 100), 0);
	assert_int_equal(database_int(t->db, "SELECT id FROM login"), live);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM refresh_token"), 1);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM login_failure"), 1);
	assert_failures(t->db, "b@unio.test", "192.0.2.1", NOW, 1);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, database_setup_users, database_teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		T(the_list_has_the_live_sessions_newest_first),
		T(a_session_lives_for_its_user_until_it_is_revoked),
		T(a_disabled_user_has_no_live_session),
		T(revoking_counts_once_and_only_for_the_owner),
		T(the_others_are_all_live_sessions_but_the_kept_one),
		T(those_beyond_the_newest_are_the_oldest_live_ones),
		T(a_touch_moves_the_last_use_and_the_end),
		T(a_refresh_token_is_found_by_its_hash_with_its_session),
		T(the_first_use_of_a_refresh_token_is_the_one_that_is_kept),
		T(failures_count_per_account_in_any_case_and_per_address),
		T(failures_are_forgotten_when_the_window_has_passed_and_begin_anew),
		T(a_success_resets_the_count),
		T(a_purge_takes_what_has_expired_a_few_at_a_time),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
