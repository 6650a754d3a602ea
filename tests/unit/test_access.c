/* access: may this user, by this login session, enter this meeting, and as what? */
#include "access.h"
#include "database.h"
#include "store_ban.h"
#include "store_login.h"

static struct access
check(struct database *t, int64_t user_id, int64_t login_id, int64_t meeting_id)
{
	struct access	access;

	assert_int_equal(access_check(t->db, t->arena, user_id, login_id, meeting_id, &access), 0);
	return (access);
}

static int64_t
sign_in(struct db *db, int64_t user_id)
{
	struct login	login = { .user_id = user_id, .address = "", .user_agent = "", .expires_at = NOW };
	int64_t		id = 0;

	assert_int_equal(store_login_create(db, &login, &id), 0);
	return (id);
}

static void
the_host_enters_as_host_and_learns_about_the_meeting(void **state)
{
	struct database	*t = *state;
	int64_t		 meeting = database_add_meeting(t->db, "Weekly");
	struct access	 access = check(t, HOST, sign_in(t->db, HOST), meeting);

	assert_int_equal(access.verdict, ACCESS_GRANTED);
	assert_int_equal(access.role, ACCESS_ROLE_HOST);
	assert_string_equal(access_role_name(access.role), "host");
	assert_false(access.is_admin);
	assert_int_equal(access.person.id, HOST);
	assert_string_equal(access.person.email, "host@unio.test");
	assert_string_equal(access.person.full_name, "The Host");
	assert_int_equal(access.meeting_id, meeting);
	assert_string_equal(access.title, "Weekly");
	assert_int_equal(access.status, MEETING_SCHEDULED);
	assert_string_equal(access.ice_policy, "all");
}

static void
a_participant_enters_as_participant_until_removed(void **state)
{
	struct database	*t = *state;
	int64_t		 meeting = database_add_meeting(t->db, "Weekly");
	struct access	 access = check(t, GUEST, sign_in(t->db, GUEST), meeting);

	assert_int_equal(access.verdict, ACCESS_GRANTED);
	assert_int_equal(access.role, ACCESS_ROLE_PARTICIPANT);
	assert_string_equal(access_role_name(access.role), "participant");
	assert_int_equal(store_meeting_remove_participant(t->db, meeting, GUEST), 1);
	assert_int_equal(check(t, GUEST, 0, meeting).verdict, ACCESS_FORBIDDEN);
}

static void
who_is_banned_is_told_so_until_the_ban_is_lifted(void **state)
{
	struct database	*t = *state;
	int64_t		 meeting = database_add_meeting(t->db, "Weekly"), other = database_add_meeting(t->db, "Other");

	assert_int_equal(store_meeting_remove_participant(t->db, meeting, GUEST), 1);
	assert_int_equal(store_ban_add(t->db, meeting, GUEST, HOST, NOW), 1);
	assert_int_equal(store_ban_add(t->db, meeting, GUEST, HOST, NOW), 0);
	assert_int_equal(check(t, GUEST, 0, meeting).verdict, ACCESS_BANNED);
	assert_int_equal(check(t, GUEST, 0, meeting).role, ACCESS_ROLE_NONE);
	assert_int_equal(check(t, GUEST, 0, other).verdict, ACCESS_GRANTED);
	assert_int_equal(check(t, OUTSIDER, 0, meeting).verdict, ACCESS_FORBIDDEN);
	assert_int_equal(store_ban_remove(t->db, meeting, GUEST), 1);
	assert_int_equal(check(t, GUEST, 0, meeting).verdict, ACCESS_FORBIDDEN);
}

static void
an_outsider_is_forbidden_an_administrator_too(void **state)
{
	struct database	*t = *state;
	int64_t		 meeting = database_add_meeting(t->db, "Weekly"), id;
	struct user	 admin = {
		.person = { .email = "root@unio.test", .full_name = "Root" },
		.password_hash = "hash",
		.is_admin = true,
	};
	struct access	 access = check(t, OUTSIDER, 0, meeting);

	assert_int_equal(access.verdict, ACCESS_FORBIDDEN);
	assert_int_equal(access.role, ACCESS_ROLE_NONE);
	assert_string_equal(access.title, "Weekly");
	assert_int_equal(store_user_create(t->db, &admin, NOW, &id), 1);
	access = check(t, id, 0, meeting);
	assert_int_equal(access.verdict, ACCESS_FORBIDDEN);
	assert_true(access.is_admin);
}

static void
an_unknown_meeting_is_not_found_for_a_known_user(void **state)
{
	struct database	*t = *state;
	struct access	 access = check(t, HOST, 0, 77);

	assert_int_equal(access.verdict, ACCESS_NOT_FOUND);
	assert_int_equal(access.person.id, HOST);
	assert_int_equal(access.meeting_id, 0);
}

static void
an_unknown_or_disabled_user_is_unauthorized_whatever_the_meeting(void **state)
{
	struct database	*t = *state;
	int64_t		 meeting = database_add_meeting(t->db, "Weekly");

	assert_int_equal(check(t, 77, 0, meeting).verdict, ACCESS_UNAUTHORIZED);
	assert_int_equal(check(t, 77, 0, 77).verdict, ACCESS_UNAUTHORIZED);
	assert_int_equal(store_user_set_disabled(t->db, GUEST, true, NOW), 1);
	assert_int_equal(check(t, GUEST, 0, meeting).verdict, ACCESS_UNAUTHORIZED);
}

static void
a_revoked_unknown_or_foreign_login_session_is_unauthorized(void **state)
{
	struct database	*t = *state;
	int64_t		 meeting = database_add_meeting(t->db, "Weekly");
	int64_t		 mine = sign_in(t->db, HOST), other = sign_in(t->db, GUEST);

	assert_int_equal(check(t, HOST, mine, meeting).verdict, ACCESS_GRANTED);
	assert_int_equal(check(t, HOST, other, meeting).verdict, ACCESS_UNAUTHORIZED);
	assert_int_equal(check(t, HOST, 77, meeting).verdict, ACCESS_UNAUTHORIZED);
	assert_int_equal(store_login_revoke(t->db, mine, HOST, NOW), 1);
	assert_int_equal(check(t, HOST, mine, meeting).verdict, ACCESS_UNAUTHORIZED);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, database_setup_users, database_teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		T(the_host_enters_as_host_and_learns_about_the_meeting),
		T(a_participant_enters_as_participant_until_removed),
		T(who_is_banned_is_told_so_until_the_ban_is_lifted),
		T(an_outsider_is_forbidden_an_administrator_too),
		T(an_unknown_meeting_is_not_found_for_a_known_user),
		T(an_unknown_or_disabled_user_is_unauthorized_whatever_the_meeting),
		T(a_revoked_unknown_or_foreign_login_session_is_unauthorized),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
