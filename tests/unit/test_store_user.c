/* store_user: accounts. */
#include "database.h"

static void
an_account_is_found_by_id_and_by_email_in_any_case(void **state)
{
	struct database	*t = *state;
	struct user	 user;

	assert_int_equal(store_user_by_id(t->db, t->arena, GUEST, &user), 1);
	assert_int_equal(user.person.id, GUEST);
	assert_string_equal(user.person.email, "guest@unio.test");
	assert_string_equal(user.person.full_name, "A Guest");
	assert_string_equal(user.password_hash, "hash");
	assert_false(user.is_admin);
	assert_int_equal(user.disabled_at, 0);
	assert_int_equal(user.created_at, NOW);
	assert_int_equal(store_user_by_email(t->db, t->arena, "HOST@Unio.Test", &user), 1);
	assert_int_equal(user.person.id, HOST);
}

static void
an_unknown_account_is_none_and_leaves_the_result_alone(void **state)
{
	struct database	*t = *state;
	struct user	 user = { .person = { .id = 99 } };

	assert_int_equal(store_user_by_id(t->db, t->arena, 77, &user), 0);
	assert_int_equal(store_user_by_email(t->db, t->arena, "nobody@unio.test", &user), 0);
	assert_int_equal(user.person.id, 99);
}

static void
an_email_address_is_taken_once_in_whatever_case(void **state)
{
	struct database	*t = *state;
	struct user	 user = {
		.person = { .email = "Host@UNIO.test", .full_name = "Another" },
		.password_hash = "hash",
	};
	int64_t		 id = 5;

	assert_int_equal(store_user_create(t->db, &user, NOW, &id), 0);
	assert_int_equal(id, 5);
	assert_int_equal(db_error(t->db), DB_OK);
}

static void
an_administrator_and_a_disabled_account_are_kept_as_such(void **state)
{
	struct database	*t = *state;
	struct user	 user = {
		.person = { .email = "root@unio.test", .full_name = "Root" },
		.password_hash = "hash",
		.is_admin = true,
		.disabled_at = NOW,
	};
	int64_t		 id;

	assert_int_equal(store_user_create(t->db, &user, NOW, &id), 1);
	memset(&user, 0, sizeof(user));
	assert_int_equal(store_user_by_id(t->db, t->arena, id, &user), 1);
	assert_true(user.is_admin);
	assert_int_equal(user.disabled_at, NOW);
}

static void
name_password_and_state_can_be_changed(void **state)
{
	struct database	*t = *state;
	struct user	 user;

	assert_int_equal(store_user_set_name(t->db, HOST, "Renamed", NOW + 1), 1);
	assert_int_equal(store_user_set_password(t->db, HOST, "other", NOW + 1), 1);
	assert_int_equal(store_user_set_disabled(t->db, HOST, true, NOW + 2), 1);
	assert_int_equal(store_user_by_id(t->db, t->arena, HOST, &user), 1);
	assert_string_equal(user.person.full_name, "Renamed");
	assert_string_equal(user.password_hash, "other");
	assert_int_equal(user.disabled_at, NOW + 2);
	assert_int_equal(store_user_set_disabled(t->db, HOST, false, NOW + 3), 1);
	assert_int_equal(store_user_by_id(t->db, t->arena, HOST, &user), 1);
	assert_int_equal(user.disabled_at, 0);
	assert_int_equal(store_user_set_name(t->db, 77, "Nobody", NOW), 0);
}

static void
the_list_is_in_order_and_goes_on_where_it_stopped(void **state)
{
	struct database	*t = *state;
	struct user	*users;
	size_t		 n;

	assert_int_equal(store_user_list(t->db, t->arena, 0, 2, &users, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(users[0].person.id, HOST);
	assert_int_equal(users[1].person.id, GUEST);
	assert_int_equal(store_user_list(t->db, t->arena, GUEST, 2, &users, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(users[0].person.id, OUTSIDER);
	assert_int_equal(store_user_list(t->db, t->arena, OUTSIDER, 2, &users, &n), 0);
	assert_int_equal(n, 0);
}

static void
a_list_longer_than_one_block_of_rows_is_whole(void **state)
{
	struct database	*t = *state;
	struct user	*users;
	char		 email[32];
	size_t		 n;

	for (int i = 4; i <= 70; i++) {
		snprintf(email, sizeof(email), "u%d@unio.test", i);
		database_add_user(t->db, email, "Somebody");
	}
	assert_int_equal(store_user_list(t->db, t->arena, 0, 100, &users, &n), 0);
	assert_int_equal(n, 70);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(users[i].person.id, i + 1);
}

static void
a_person_has_three_members_in_the_order_of_the_report(void **state)
{
	struct person	person = { .id = 1, .email = "admin@unio.app", .full_name = "Admin \"User\"" };
	struct buf	out = { 0 };
	struct emit	e = emit_into(&out);

	(void)state;
	store_user_emit_person(&e, NULL, &person);
	assert_string_equal(out.data, "{\"id\":1,\"email\":\"admin@unio.app\",\"full_name\":\"Admin \\\"User\\\"\"}");
	buf_free(&out);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, database_setup_users, database_teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		T(an_account_is_found_by_id_and_by_email_in_any_case),
		T(an_unknown_account_is_none_and_leaves_the_result_alone),
		T(an_email_address_is_taken_once_in_whatever_case),
		T(an_administrator_and_a_disabled_account_are_kept_as_such),
		T(name_password_and_state_can_be_changed),
		T(the_list_is_in_order_and_goes_on_where_it_stopped),
		T(a_list_longer_than_one_block_of_rows_is_whole),
		cmocka_unit_test(a_person_has_three_members_in_the_order_of_the_report),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
