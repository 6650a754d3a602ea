/* store_call: calls; who attended them is in test_store_attendance.c. */
#include "database.h"
#include "store_call.h"

/* A call that began at now_us and lasted a second. */
static int64_t
past(struct db *db, int64_t meeting_id, int64_t now_us)
{
	int64_t	id = database_start_call(db, meeting_id, now_us);

	assert_int_equal(store_call_end(db, id, "ended", now_us + SECOND), 1);
	return (id);
}

static void
assert_list(struct database *t, int64_t user_id, int64_t meeting_id, int active, int64_t before_id, size_t limit,
    size_t n, const int64_t *expected)
{
	struct call	*calls;
	size_t		 found;

	assert_int_equal(store_call_list(t->db, t->arena, user_id, meeting_id, active, before_id, limit, &calls,
	    &found), 0);
	assert_int_equal(found, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(calls[i].id, expected[i]);
}
#define LIST(...)	COUNTOF(((int64_t[]){ __VA_ARGS__ })), ((int64_t[]){ __VA_ARGS__ })
#define EMPTY		0, NULL

static void
a_call_is_found_by_id_and_as_the_active_one(void **state)
{
	struct database	*t = *state;
	int64_t		 meeting = database_add_meeting(t->db, "x"), id = database_start_call(t->db, meeting, NOW);
	struct call	 call;

	assert_int_equal(store_call_by_id(t->db, t->arena, id, &call), 1);
	assert_int_equal(call.id, id);
	assert_int_equal(call.meeting_id, meeting);
	assert_int_equal(call.caller.id, HOST);
	assert_string_equal(call.caller.email, "host@unio.test");
	assert_string_equal(call.caller.full_name, "The Host");
	assert_true(call.active);
	assert_int_equal(call.started_at, NOW);
	assert_int_equal(call.ended_at, 0);
	assert_null(call.ended_reason);
	memset(&call, 0, sizeof(call));
	assert_int_equal(store_call_active(t->db, t->arena, meeting, &call), 1);
	assert_int_equal(call.id, id);
	assert_int_equal(store_call_by_id(t->db, t->arena, id + 1, &call), 0);
	assert_int_equal(store_call_active(t->db, t->arena, meeting + 1, &call), 0);
}

static void
a_meeting_has_one_active_call_at_most(void **state)
{
	struct database	*t = *state;
	int64_t		 meeting = database_add_meeting(t->db, "x"), id = 5;
	int64_t		 first = database_start_call(t->db, meeting, NOW);

	assert_int_equal(store_call_create(t->db, meeting, GUEST, NOW, &id), 0);
	assert_int_equal(id, 5);
	assert_int_equal(db_error(t->db), DB_OK);
	assert_int_equal(store_call_end(t->db, first, "ended", NOW), 1);
	assert_int_equal(store_call_create(t->db, meeting, GUEST, NOW, &id), 1);
	assert_int_equal(store_call_create(t->db, 77, GUEST, NOW, &id), -1);
	assert_int_equal(db_error(t->db), DB_CONSTRAINT);
}

static void
an_end_is_for_ever_and_closes_the_open_attendance(void **state)
{
	struct database		*t = *state;
	int64_t			 id = database_start_call(t->db, database_add_meeting(t->db, "x"), NOW);
	struct attendance	*rows;
	struct call		 call;
	size_t			 n;

	assert_int_equal(store_call_attend(t->db, id, HOST, "s1", NOW), 0);
	assert_int_equal(store_call_attend(t->db, id, GUEST, "s2", NOW + SECOND), 0);
	assert_int_equal(store_call_unattend(t->db, id, "s1", NOW + 2 * SECOND), 0);
	assert_int_equal(store_call_end(t->db, id, "empty", NOW + 9 * SECOND), 1);
	assert_int_equal(store_call_end(t->db, id, "ended", NOW + 10 * SECOND), 0);
	assert_int_equal(store_call_by_id(t->db, t->arena, id, &call), 1);
	assert_false(call.active);
	assert_int_equal(call.ended_at, NOW + 9 * SECOND);
	assert_string_equal(call.ended_reason, "empty");
	assert_int_equal(store_call_attendance(t->db, t->arena, id, &rows, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].left_at, NOW + 2 * SECOND);
	assert_int_equal(rows[1].left_at, NOW + 9 * SECOND);
}

static void
an_end_before_the_beginning_is_the_beginning(void **state)
{
	struct database		*t = *state;
	int64_t			 id = database_start_call(t->db, database_add_meeting(t->db, "x"), NOW);
	struct attendance	*rows;
	struct call		 call;
	size_t			 n;

	assert_int_equal(store_call_attend(t->db, id, HOST, "s1", NOW + SECOND), 0);
	assert_int_equal(store_call_end(t->db, id, "server_restart", NOW - SECOND), 1);
	assert_int_equal(store_call_by_id(t->db, t->arena, id, &call), 1);
	assert_int_equal(call.ended_at, NOW);
	assert_int_equal(store_call_duration_s(&call), 0);
	assert_int_equal(store_call_attendance(t->db, t->arena, id, &rows, &n), 0);
	assert_int_equal(rows[0].left_at, NOW + SECOND);
}

static void
an_unknown_reason_is_refused_by_the_schema(void **state)
{
	struct database	*t = *state;
	int64_t		 id = database_start_call(t->db, database_add_meeting(t->db, "x"), NOW);

	assert_int_equal(store_call_end(t->db, id, "boredom", NOW), -1);
	assert_int_equal(db_error(t->db), DB_CONSTRAINT);
}

/* ---- lists ---- */

static void
all_active_calls_and_only_they_are_listed_for_a_daemon(void **state)
{
	struct database	*t = *state;
	int64_t		 a = database_start_call(t->db, database_add_meeting(t->db, "x"), NOW);
	struct call	*calls;
	int64_t		 b;
	size_t		 n;

	past(t->db, database_add_meeting(t->db, "y"), NOW);
	b = database_start_call(t->db, database_add_meeting(t->db, "z"), NOW);
	assert_int_equal(store_call_all_active(t->db, t->arena, &calls, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(calls[0].id, a);
	assert_int_equal(calls[1].id, b);
}

static void
a_users_list_mixes_the_meetings_newest_first(void **state)
{
	struct database	*t = *state;
	int64_t		 x = database_add_meeting(t->db, "x"), y = database_add_meeting(t->db, "y");
	int64_t		 z = database_add_meeting(t->db, "z"), id[6];

	assert_int_equal(store_meeting_remove_participant(t->db, z, GUEST), 1);
	id[0] = past(t->db, x, NOW);
	id[1] = past(t->db, y, NOW);
	id[2] = past(t->db, x, NOW);
	id[3] = past(t->db, z, NOW);
	id[4] = past(t->db, y, NOW);
	id[5] = database_start_call(t->db, x, NOW);
	assert_list(t, HOST, 0, -1, 0, 10, LIST(id[5], id[4], id[3], id[2], id[1], id[0]));
	assert_list(t, GUEST, 0, -1, 0, 10, LIST(id[5], id[4], id[2], id[1], id[0]));
	assert_list(t, GUEST, 0, -1, 0, 2, LIST(id[5], id[4]));
	assert_list(t, GUEST, 0, -1, id[4], 2, LIST(id[2], id[1]));
	assert_list(t, GUEST, 0, -1, id[1], 2, LIST(id[0]));
	assert_list(t, GUEST, 0, -1, id[0], 2, EMPTY);
	assert_list(t, GUEST, 0, 1, 0, 10, LIST(id[5]));
	assert_list(t, GUEST, 0, 0, 0, 3, LIST(id[4], id[2], id[1]));
	assert_list(t, OUTSIDER, 0, -1, 0, 10, EMPTY);
}

static void
pages_of_any_size_make_up_the_same_list(void **state)
{
	struct database	*t = *state;
	int64_t		 meeting[7], expected[120], before;
	struct call	*calls;
	size_t		 n, seen;

	for (size_t i = 0; i < COUNTOF(meeting); i++)
		meeting[i] = database_add_meeting(t->db, "x");
	/* Uneven: meeting 0 has most of the calls, some have one. */
	for (size_t i = 0; i < COUNTOF(expected); i++)
		expected[COUNTOF(expected) - 1 - i] = past(t->db, meeting[i * i * 31 % 11 % COUNTOF(meeting)], NOW);
	for (size_t limit = 1; limit <= 50; limit += 7) {
		seen = 0;
		before = 0;
		do {
			assert_int_equal(store_call_list(t->db, t->arena, GUEST, 0, -1, before, limit, &calls, &n), 0);
			for (size_t i = 0; i < n; i++)
				assert_int_equal(calls[i].id, expected[seen++]);
			if (n > 0)
				before = calls[n - 1].id;
		} while (n > 0);
		assert_int_equal(seen, COUNTOF(expected));
	}
}

static void
one_meetings_list_is_for_its_members_and_for_administrators(void **state)
{
	struct database	*t = *state;
	int64_t		 x = database_add_meeting(t->db, "x"), a = past(t->db, x, NOW), b;

	past(t->db, database_add_meeting(t->db, "y"), NOW);
	b = database_start_call(t->db, x, NOW);
	assert_list(t, GUEST, x, -1, 0, 10, LIST(b, a));
	assert_list(t, GUEST, x, 1, 0, 10, LIST(b));
	assert_list(t, GUEST, x, 0, 0, 10, LIST(a));
	assert_list(t, GUEST, x, -1, b, 10, LIST(a));
	assert_list(t, OUTSIDER, x, -1, 0, 10, EMPTY);
	assert_list(t, 0, x, -1, 0, 1, LIST(b));
	assert_list(t, 0, 77, -1, 0, 10, EMPTY);
}

static void
an_administrators_list_has_everybodys(void **state)
{
	struct database	*t = *state;
	int64_t		 a = past(t->db, database_add_meeting(t->db, "x"), NOW);
	int64_t		 b = database_start_call(t->db, database_add_meeting(t->db, "y"), NOW);

	assert_list(t, 0, 0, -1, 0, 10, LIST(b, a));
	assert_list(t, 0, 0, 0, 0, 10, LIST(a));
	assert_list(t, 0, 0, 1, 0, 10, LIST(b));
	assert_list(t, 0, 0, -1, b, 10, LIST(a));
}

static void
no_query_goes_through_a_whole_table(void **state)
{
	struct database		*t = *state;
	int64_t			 meeting = database_add_meeting(t->db, "x"), id;
	int64_t			 other = database_add_meeting(t->db, "y");
	struct attendance	*rows;
	struct call		 call, *calls;
	size_t			 n;

	past(t->db, meeting, NOW);
	past(t->db, other, NOW);
	id = database_start_call(t->db, meeting, NOW);
	database_start_call(t->db, other, NOW);
	assert_int_equal(store_call_attend(t->db, id, HOST, "s1", NOW), 0);
	assert_int_equal(store_call_attend(t->db, id, HOST, "s2", NOW), 0);
	assert_int_equal(store_call_unattend(t->db, id, "s1", NOW), 0);
	assert_int_equal(store_call_by_id(t->db, t->arena, id, &call), 1);
	assert_int_equal(store_call_active(t->db, t->arena, meeting, &call), 1);
	assert_int_equal(store_call_attendance(t->db, t->arena, id, &rows, &n), 0);
	for (int active = -1; active <= 1; active++) {
		assert_int_equal(store_call_list(t->db, t->arena, GUEST, meeting, active, 0, 1, &calls, &n), 0);
		assert_int_equal(store_call_list(t->db, t->arena, 0, meeting, active, 0, 1, &calls, &n), 0);
	}
	assert_int_equal(store_call_list(t->db, t->arena, 0, 0, -1, 0, 1, &calls, &n), 0);
	assert_int_equal(store_call_list(t->db, t->arena, GUEST, 0, 1, 0, 1, &calls, &n), 0);
	assert_int_equal(store_call_end(t->db, id, "ended", NOW), 1);
	assert_int_equal(db_scanned(t->db), 0);
}

/* ---- JSON ---- */

static void
an_ended_call_is_deleted_with_its_attendance_and_an_active_one_is_not(void **state)
{
	struct database		*t = *state;
	int64_t			 meeting = database_add_meeting(t->db, "x");
	int64_t			 id = database_start_call(t->db, meeting, NOW);
	struct attendance	*rows;
	struct call		 call;
	size_t			 n;

	assert_int_equal(store_call_attend(t->db, id, GUEST, "s", NOW), 0);
	assert_int_equal(store_call_delete(t->db, id), 0);
	assert_int_equal(store_call_by_id(t->db, t->arena, id, &call), 1);
	assert_int_equal(store_call_end(t->db, id, "ended", NOW + SECOND), 1);
	assert_int_equal(store_call_delete(t->db, id), 1);
	assert_int_equal(store_call_by_id(t->db, t->arena, id, &call), 0);
	assert_int_equal(store_call_attendance(t->db, t->arena, id, &rows, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_call_delete(t->db, id), 0);
}

static void
the_json_is_the_reports_and_the_reason(void **state)
{
	struct call	call = {
		.id = 1,
		.meeting_id = 1,
		.caller = { .id = 1, .email = "admin@unio.app", .full_name = "Admin User" },
		.active = false,
		.started_at = NOW,
		.ended_at = NOW + 122 * SECOND + 999999,
		.ended_reason = "ended",
	};
	struct buf	out = { 0 };
	struct emit	e = emit_into(&out);

	(void)state;
	store_call_emit(&e, NULL, &call);
	assert_string_equal(out.data, "{\"id\":1,\"meeting\":1,\"caller\":{\"id\":1,\"email\":\"admin@unio.app\","
	    "\"full_name\":\"Admin User\"},\"status\":\"ended\",\"started_at\":\"2024-01-15T10:30:45.123456Z\","
	    "\"ended_at\":\"2024-01-15T10:32:48.123455Z\",\"duration\":122,\"ended_reason\":\"ended\"}");
	buf_free(&out);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, database_setup_users, database_teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		T(a_call_is_found_by_id_and_as_the_active_one),
		T(a_meeting_has_one_active_call_at_most),
		T(an_end_is_for_ever_and_closes_the_open_attendance),
		T(an_end_before_the_beginning_is_the_beginning),
		T(an_unknown_reason_is_refused_by_the_schema),
		T(all_active_calls_and_only_they_are_listed_for_a_daemon),
		T(a_users_list_mixes_the_meetings_newest_first),
		T(pages_of_any_size_make_up_the_same_list),
		T(one_meetings_list_is_for_its_members_and_for_administrators),
		T(an_administrators_list_has_everybodys),
		T(an_ended_call_is_deleted_with_its_attendance_and_an_active_one_is_not),
		T(no_query_goes_through_a_whole_table),
		cmocka_unit_test(the_json_is_the_reports_and_the_reason),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
