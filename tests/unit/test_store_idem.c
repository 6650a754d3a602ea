/* store_idem: the first replies of requests with an Idempotency-Key. */
#include "database.h"
#include "store_idem.h"

#define HOUR	(3600 * SECOND)

static const struct idem made = { "hash-1", 201, "/api/meetings/1", "{\"id\":1}" };

static void
a_kept_reply_is_found_as_it_was(void **state)
{
	struct database *t = *state;
	struct idem found;

	assert_int_equal(store_idem_add(t->db, HOST, "key", &made, NOW), 0);
	assert_int_equal(store_idem_find(t->db, t->arena, HOST, "key", NOW - HOUR, &found), 1);
	assert_string_equal(found.request_hash, "hash-1");
	assert_int_equal(found.status, 201);
	assert_string_equal(found.location, "/api/meetings/1");
	assert_string_equal(found.body, "{\"id\":1}");
}

static void
a_reply_without_location_has_none(void **state)
{
	struct database *t = *state;
	struct idem plain = { "hash-1", 200, NULL, "{}" }, found;

	assert_int_equal(store_idem_add(t->db, HOST, "key", &plain, NOW), 0);
	assert_int_equal(store_idem_find(t->db, t->arena, HOST, "key", NOW, &found), 1);
	assert_null(found.location);
}

static void
a_key_belongs_to_its_user_and_its_letters(void **state)
{
	struct database *t = *state;
	struct idem found;

	assert_int_equal(store_idem_add(t->db, HOST, "key", &made, NOW), 0);
	assert_int_equal(store_idem_find(t->db, t->arena, GUEST, "key", NOW, &found), 0);
	assert_int_equal(store_idem_find(t->db, t->arena, HOST, "KEY", NOW, &found), 0);
}

static void
an_old_reply_is_not_found_and_gives_way(void **state)
{
	struct database *t = *state;
	struct idem second = { "hash-2", 200, NULL, "{}" }, found;

	assert_int_equal(store_idem_add(t->db, HOST, "key", &made, NOW), 0);
	assert_int_equal(store_idem_find(t->db, t->arena, HOST, "key", NOW + 1, &found), 0);
	assert_int_equal(store_idem_add(t->db, HOST, "key", &second, NOW + HOUR), 0);
	assert_int_equal(store_idem_find(t->db, t->arena, HOST, "key", NOW + 1, &found), 1);
	assert_string_equal(found.request_hash, "hash-2");
}

static void
a_user_keeps_the_newest_alone(void **state)
{
	struct database *t = *state;
	static const char *const keys[] = { "a", "b", "c", "d" };
	struct idem found;

	assert_int_equal(store_idem_add(t->db, GUEST, "a", &made, NOW), 0);
	for (size_t i = 0; i < COUNTOF(keys); i++) {
		assert_int_equal(store_idem_add(t->db, HOST, keys[i], &made, NOW + (int64_t)i), 0);
		assert_int_equal(store_idem_trim(t->db, HOST, 3), 0);
		assert_int_equal(store_idem_find(t->db, t->arena, HOST, "a", 0, &found), i < 3);
	}
	assert_int_equal(store_idem_find(t->db, t->arena, HOST, "b", 0, &found), 1);
	assert_int_equal(store_idem_find(t->db, t->arena, GUEST, "a", 0, &found), 1);
}

static void
purging_takes_the_oldest_up_to_the_limit(void **state)
{
	struct database *t = *state;
	static const char *const keys[] = { "a", "b", "c", "d" };
	struct idem found;

	for (size_t i = 0; i < COUNTOF(keys); i++)
		assert_int_equal(store_idem_add(t->db, HOST, keys[i], &made, NOW + (int64_t)i * HOUR), 0);
	assert_true(store_idem_purge(t->db, NOW + 3 * HOUR, 2) >= 0);
	assert_int_equal(store_idem_find(t->db, t->arena, HOST, "b", 0, &found), 0);
	assert_int_equal(store_idem_find(t->db, t->arena, HOST, "c", 0, &found), 1);
	assert_true(store_idem_purge(t->db, NOW + 3 * HOUR, 2) >= 0);
	assert_int_equal(store_idem_find(t->db, t->arena, HOST, "c", 0, &found), 0);
	assert_int_equal(store_idem_find(t->db, t->arena, HOST, "d", 0, &found), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_kept_reply_is_found_as_it_was, database_setup_users,
		    database_teardown),
		cmocka_unit_test_setup_teardown(a_reply_without_location_has_none, database_setup_users,
		    database_teardown),
		cmocka_unit_test_setup_teardown(a_key_belongs_to_its_user_and_its_letters, database_setup_users,
		    database_teardown),
		cmocka_unit_test_setup_teardown(an_old_reply_is_not_found_and_gives_way, database_setup_users,
		    database_teardown),
		cmocka_unit_test_setup_teardown(a_user_keeps_the_newest_alone, database_setup_users,
		    database_teardown),
		cmocka_unit_test_setup_teardown(purging_takes_the_oldest_up_to_the_limit, database_setup_users,
		    database_teardown),
	};

	return cmocka_run_group_tests_name("store_idem", tests, NULL, NULL);
}
