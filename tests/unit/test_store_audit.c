/* store_audit: rows that stay, counts of what strangers repeat, and how the trail is read and purged. */
#include "audit.h"
#include "database.h"
#include "store_audit.h"

#define MINUTE	(60 * SECOND)
#define BEGIN	(NOW - NOW % MINUTE)	/* of a minute */

static const struct audit_filter everything = { .until_us = INT64_MAX };

static void
write_row(struct database *t, enum audit_action action, int64_t actor_id, const char *origin, int64_t now_us)
{
	const struct audit_from	 from = { .actor_id = actor_id, .origin = origin };
	struct audit_list	 list;

	audit_list_init(&list, t->arena);
	audit_add(&list, action)->meeting_id = 7;
	assert_int_equal(audit_store(t->db, &list, &from, now_us), 0);
}

static size_t
rows_of(struct database *t, const struct audit_filter *filter)
{
	struct audit_row	*rows;
	size_t			 n;

	assert_int_equal(store_audit_after(t->db, t->arena, filter, 0, 1000, &rows, &n), 0);
	return (n);
}

static void
a_row_says_who_did_what_to_what_and_from_where(void **state)
{
	struct database		*t = *state;
	const struct audit_from	 from = { .actor_id = HOST, .origin = "192.0.2.7", .request_id = "R" };
	struct audit_list	 list;
	struct audit		*audit;
	struct audit_row	*row;
	size_t			 n;

	audit_list_init(&list, t->arena);
	audit = audit_add(&list, AUDIT_PARTICIPANT_REMOVE);
	audit->meeting_id = 7;
	audit->user_id = GUEST;
	audit->object_id = 9;
	audit_note(&list, audit, "key", "va\"lue");
	assert_int_equal(audit_store(t->db, &list, &from, NOW), 0);
	assert_int_equal(store_audit_newest(t->db, t->arena, &everything, 1, &row, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(row->created_at, NOW);
	assert_string_equal(row->action, "participant.remove");
	assert_int_equal(row->actor_id, HOST);
	assert_string_equal(row->actor_email, "host@unio.test");
	assert_string_equal(row->origin, "192.0.2.7");
	assert_string_equal(row->request_id, "R");
	assert_int_equal(row->meeting_id, 7);
	assert_int_equal(row->user_id, GUEST);
	assert_string_equal(row->user_email, "guest@unio.test");
	assert_int_equal(row->object_id, 9);
	assert_string_equal(row->detail, "{\"key\":\"va\\\"lue\"}");
	assert_int_equal(row->times, 1);
}

static void
who_does_it_to_oneself_is_named_once(void **state)
{
	struct database		*t = *state;
	const struct audit_from	 from = { .actor_id = HOST, .origin = "x" };
	const struct audit	 audit = { .action = AUDIT_SESSION_END, .user_id = HOST };
	struct audit_row	*row;
	size_t			 n;

	assert_int_equal(store_audit_add(t->db, &audit, &from, NOW), 0);
	assert_int_equal(store_audit_newest(t->db, t->arena, &everything, 1, &row, &n), 0);
	assert_int_equal(row->actor_id, HOST);
	assert_int_equal(row->user_id, 0);
}

static void
the_trail_is_filtered_by_user_meeting_action_and_time(void **state)
{
	struct database		*t = *state;
	struct audit_filter	 filter = everything;

	write_row(t, AUDIT_CALL_START, HOST, "x", NOW);
	write_row(t, AUDIT_CALL_END, GUEST, "x", NOW + 1);
	write_row(t, AUDIT_MEETING_DELETE, HOST, "x", NOW + 2);
	assert_int_equal(rows_of(t, &everything), 3);
	filter.user_id = HOST;
	assert_int_equal(rows_of(t, &filter), 2);
	filter.action = "call";
	assert_int_equal(rows_of(t, &filter), 1);
	filter.user_id = 0;
	assert_int_equal(rows_of(t, &filter), 2);
	filter.action = "call.end";
	assert_int_equal(rows_of(t, &filter), 1);
	filter.action = "cal";
	assert_int_equal(rows_of(t, &filter), 0);
	filter = (struct audit_filter){ .since_us = NOW + 1, .until_us = NOW + 2 };
	assert_int_equal(rows_of(t, &filter), 1);
	filter = (struct audit_filter){ .meeting_id = 8, .until_us = INT64_MAX };
	assert_int_equal(rows_of(t, &filter), 0);
}

static void
what_strangers_repeat_within_a_minute_is_one_row_that_counts(void **state)
{
	struct database		*t = *state;
	struct audit_row	*rows;
	size_t			 n;

	for (int i = 0; i < 100; i++)
		write_row(t, AUDIT_SESSION_REFUSED, 0, "192.0.2.7", BEGIN + i * 1000);
	write_row(t, AUDIT_SESSION_LOCKED, 0, "192.0.2.7", BEGIN);
	write_row(t, AUDIT_SESSION_REFUSED, 0, "192.0.2.7", BEGIN + MINUTE);
	assert_int_equal(store_audit_after(t->db, t->arena, &everything, 0, 10, &rows, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(rows[0].times, 100);
	assert_int_equal(rows[1].times, 1);
	assert_int_equal(rows[2].times, 1);
}

/* As with a stolen session: who is signed in guesses the password of that account. */
static void
what_is_repeated_with_a_session_is_one_row_as_well(void **state)
{
	struct database		*t = *state;
	const struct audit_from	 own = { .actor_id = HOST, .origin = "192.0.2.7" };
	const struct audit_from	 stranger = { .origin = "192.0.2.7" };
	const struct audit	 refused = { .action = AUDIT_SESSION_REFUSED, .user_id = HOST };
	struct audit_row	*rows;
	size_t			 n;

	for (int i = 0; i < 20; i++)
		assert_int_equal(store_audit_count(t->db, &refused, &own, BEGIN + i), 0);
	assert_int_equal(store_audit_count(t->db, &refused, &stranger, BEGIN + 20), 0);
	assert_int_equal(store_audit_after(t->db, t->arena, &everything, 0, 10, &rows, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].actor_id, HOST);
	assert_int_equal(rows[0].times, 20);
	assert_int_equal(rows[1].user_id, HOST);
	assert_int_equal(rows[1].times, 1);
}

static void
from_more_places_than_are_told_apart_they_share_a_row(void **state)
{
	struct database		*t = *state;
	struct audit_row	*rows;
	char			 place[32];
	size_t			 n;

	for (int i = 0; i < 1000; i++) {
		snprintf(place, sizeof(place), "192.0.2.%d/%d", i % 256, i);
		write_row(t, AUDIT_SESSION_REFUSED, 0, place, BEGIN + i);
	}
	assert_int_equal(store_audit_after(t->db, t->arena, &everything, 0, 100, &rows, &n), 0);
	assert_int_equal(n, STORE_AUDIT_COUNTED + 1);
	assert_string_equal(rows[n - 1].origin, "many");
	assert_int_equal(rows[n - 1].times, 1000 - STORE_AUDIT_COUNTED);
}

static void
old_rows_are_purged_and_no_others_ever(void **state)
{
	struct database	*t = *state;

	for (int i = 0; i < 10; i++)
		write_row(t, AUDIT_CALL_START, HOST, "x", NOW + i);
	assert_int_equal(store_audit_purge(t->db, NOW + 7, 5), 5);
	assert_int_equal(store_audit_purge(t->db, NOW + 7, 5), 2);
	assert_int_equal(store_audit_purge(t->db, NOW + 7, 5), 0);
	assert_int_equal(rows_of(t, &everything), 3);
	assert_int_equal(db_exec(t->db, "DELETE FROM audit"), -1);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM meta WHERE name = 'audit_purge_before'"), 0);
}

/* Rows of the future, until the clock was set right, do not keep what came after them. */
static void
a_clock_that_was_ahead_does_not_stop_the_purge(void **state)
{
	struct database	*t = *state;

	for (int i = 0; i < 60; i++)
		write_row(t, AUDIT_CALL_START, HOST, "x", NOW + 365 * 24 * 60 * MINUTE);
	for (int i = 0; i < 10; i++)
		write_row(t, AUDIT_CALL_START, HOST, "x", NOW);
	assert_int_equal(store_audit_purge(t->db, NOW + 1, 7), 7);
	assert_int_equal(store_audit_purge(t->db, NOW + 1, 7), 3);
	assert_int_equal(rows_of(t, &everything), 60);
}

static void
an_account_is_forgotten_but_not_what_it_did(void **state)
{
	struct database		*t = *state;
	const struct audit_from	 stranger = { .origin = "192.0.2.8" }, shell = { .origin = "unioctl:root(0)" };
	const struct audit	 refused = { .action = AUDIT_SESSION_REFUSED, .user_id = HOST };
	const struct audit	 disabled = { .action = AUDIT_USER_DISABLE, .user_id = HOST };
	struct audit_row	*rows;
	size_t			 n;

	write_row(t, AUDIT_CALL_START, HOST, "192.0.2.7", NOW);
	write_row(t, AUDIT_CALL_START, GUEST, "192.0.2.9", NOW);
	assert_int_equal(store_audit_count(t->db, &refused, &stranger, NOW), 0);
	assert_int_equal(store_audit_add(t->db, &disabled, &shell, NOW), 0);
	assert_int_equal(store_audit_forget(t->db, HOST), 0);
	assert_int_equal(store_audit_after(t->db, t->arena, &everything, 0, 10, &rows, &n), 0);
	assert_int_equal(n, 4);
	assert_string_equal(rows[0].origin, "erased");
	assert_int_equal(rows[0].actor_id, HOST);
	assert_string_equal(rows[1].origin, "192.0.2.9");
	assert_string_equal(rows[2].origin, "erased");
	assert_string_equal(rows[3].origin, "unioctl:root(0)");
}

static void
actions_are_known_by_name_and_by_kind(void **state)
{
	(void)state;
	assert_true(audit_action_known("session.begin"));
	assert_true(audit_action_known("session"));
	assert_false(audit_action_known("sess"));
	assert_false(audit_action_known(""));
	assert_false(audit_action_known("session.begins"));
	for (int i = 0; i < AUDIT_ACTIONS; i++)
		assert_true(audit_action_known(audit_action_name((enum audit_action)i)));
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, database_setup_users, database_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_row_says_who_did_what_to_what_and_from_where),
		TEST(who_does_it_to_oneself_is_named_once),
		TEST(the_trail_is_filtered_by_user_meeting_action_and_time),
		TEST(what_strangers_repeat_within_a_minute_is_one_row_that_counts),
		TEST(what_is_repeated_with_a_session_is_one_row_as_well),
		TEST(from_more_places_than_are_told_apart_they_share_a_row),
		TEST(old_rows_are_purged_and_no_others_ever),
		TEST(a_clock_that_was_ahead_does_not_stop_the_purge),
		TEST(an_account_is_forgotten_but_not_what_it_did),
		cmocka_unit_test(actions_are_known_by_name_and_by_kind),
	};

	return (cmocka_run_group_tests_name("store_audit", tests, NULL, NULL));
}
