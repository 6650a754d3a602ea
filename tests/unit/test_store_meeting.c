/* store_meeting: meetings and who may enter them. */
#include "database.h"
#include "store_call.h"

static void
a_meeting_is_found_with_its_host_and_participants(void **state)
{
	struct database	*t = *state;
	struct meeting	 meeting = {
		.title = "Plan",
		.description = "What next",
		.host = { .id = HOST },
		.status = MEETING_SCHEDULED,
		.ice_policy = "relay",
		.scheduled_at = NOW + SECOND,
	};
	int64_t		 id;

	assert_int_equal(store_meeting_create(t->db, &meeting, NOW, &id), 0);
	assert_int_equal(store_meeting_add_participant(t->db, id, OUTSIDER, NOW), 1);
	assert_int_equal(store_meeting_add_participant(t->db, id, GUEST, NOW), 1);
	memset(&meeting, 0, sizeof(meeting));
	assert_int_equal(store_meeting_by_id(t->db, t->arena, id, true, &meeting), 1);
	assert_int_equal(meeting.id, id);
	assert_string_equal(meeting.title, "Plan");
	assert_string_equal(meeting.description, "What next");
	assert_int_equal(meeting.host.id, HOST);
	assert_string_equal(meeting.host.email, "host@unio.test");
	assert_string_equal(meeting.host.full_name, "The Host");
	assert_int_equal(meeting.status, MEETING_SCHEDULED);
	assert_string_equal(meeting.ice_policy, "relay");
	assert_int_equal(meeting.scheduled_at, NOW + SECOND);
	assert_int_equal(meeting.created_at, NOW);
	assert_int_equal(meeting.updated_at, NOW);
	assert_int_equal(meeting.participant_count, 2);
	assert_int_equal(meeting.participants[0].id, GUEST);
	assert_string_equal(meeting.participants[0].email, "guest@unio.test");
	assert_int_equal(meeting.participants[1].id, OUTSIDER);
}

static void
an_unknown_meeting_is_none(void **state)
{
	struct database	*t = *state;
	struct meeting	 meeting = { .id = 99 };

	assert_int_equal(store_meeting_by_id(t->db, t->arena, 77, true, &meeting), 0);
	assert_int_equal(meeting.id, 99);
	assert_int_equal(store_meeting_delete(t->db, 77), 0);
}

static void
a_host_that_does_not_exist_is_an_error(void **state)
{
	struct database	*t = *state;
	struct meeting	 meeting = { .title = "x", .description = "", .host = { .id = 77 }, .ice_policy = "all" };
	int64_t		 id;

	assert_int_equal(store_meeting_create(t->db, &meeting, NOW, &id), -1);
	assert_int_equal(db_error(t->db), DB_CONSTRAINT);
}

static void
a_participant_is_added_once_and_the_host_is_none(void **state)
{
	struct database	*t = *state;
	int64_t		 id = database_add_meeting(t->db, "x"), count;

	assert_int_equal(store_meeting_add_participant(t->db, id, GUEST, NOW), 0);
	assert_int_equal(store_meeting_add_participant(t->db, id, HOST, NOW), 0);
	assert_int_equal(store_meeting_count_participants(t->db, id, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(store_meeting_remove_participant(t->db, id, HOST), 0);
	assert_int_equal(store_meeting_remove_participant(t->db, id, GUEST), 1);
	assert_int_equal(store_meeting_remove_participant(t->db, id, GUEST), 0);
	assert_int_equal(store_meeting_count_participants(t->db, id, &count), 0);
	assert_int_equal(count, 0);
}

static void
a_change_touches_only_what_it_names(void **state)
{
	struct database		*t = *state;
	int64_t			 id = database_add_meeting(t->db, "Before");
	struct meeting_change	 change = { .title = "After", .scheduled_at = NOW, .status = -1 };
	struct meeting		 meeting;

	assert_int_equal(store_meeting_update(t->db, id, &change, NOW + 1), 0);
	assert_int_equal(store_meeting_by_id(t->db, t->arena, id, false, &meeting), 1);
	assert_string_equal(meeting.title, "After");
	assert_string_equal(meeting.description, "");
	assert_string_equal(meeting.ice_policy, "all");
	assert_int_equal(meeting.scheduled_at, NOW);
	assert_int_equal(meeting.status, MEETING_SCHEDULED);
	assert_int_equal(meeting.updated_at, NOW + 1);

	change = (struct meeting_change){ .description = "d", .ice_policy = "relay", .scheduled_at = -1,
	    .status = MEETING_CANCELLED };
	assert_int_equal(store_meeting_update(t->db, id, &change, NOW + 2), 0);
	change = (struct meeting_change){ .scheduled_at = 0, .status = -1 };
	assert_int_equal(store_meeting_by_id(t->db, t->arena, id, false, &meeting), 1);
	assert_int_equal(meeting.scheduled_at, NOW);
	assert_int_equal(store_meeting_update(t->db, id, &change, NOW + 3), 0);
	assert_int_equal(store_meeting_by_id(t->db, t->arena, id, false, &meeting), 1);
	assert_string_equal(meeting.title, "After");
	assert_string_equal(meeting.description, "d");
	assert_string_equal(meeting.ice_policy, "relay");
	assert_int_equal(meeting.scheduled_at, 0);
	assert_int_equal(meeting.status, MEETING_CANCELLED);
}

static void
a_delete_takes_members_calls_and_attendance_along(void **state)
{
	struct database	*t = *state;
	int64_t		 id = database_add_meeting(t->db, "x"), other = database_add_meeting(t->db, "y"), call;

	assert_int_equal(store_call_create(t->db, other, HOST, NOW, &call), 1);
	assert_int_equal(store_call_create(t->db, id, HOST, NOW, &call), 1);
	assert_int_equal(store_call_attend(t->db, call, GUEST, "s1", NOW), 0);
	assert_int_equal(store_meeting_delete(t->db, id), 1);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM member"), 2);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM call"), 1);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM attendance"), 0);
	assert_int_equal(database_add_meeting(t->db, "z"), other + 1);	/* an id is never used twice */
}

/* ---- lists ---- */

static void
the_list_of_a_user_is_newest_first_with_each_meetings_own_participants(void **state)
{
	struct database	*t = *state;
	int64_t		 a = database_add_meeting(t->db, "a"), b = database_add_meeting(t->db, "b");
	int64_t		 c = database_add_meeting(t->db, "c"), d = database_add_meeting(t->db, "d");
	struct meeting	*meetings;
	size_t		 n;

	assert_int_equal(store_meeting_remove_participant(t->db, b, GUEST), 1);
	assert_int_equal(store_meeting_remove_participant(t->db, d, GUEST), 1);
	assert_int_equal(store_meeting_add_participant(t->db, c, OUTSIDER, NOW), 1);
	assert_int_equal(store_meeting_list(t->db, t->arena, HOST, -1, 0, 10, &meetings, &n), 0);
	assert_int_equal(n, 4);
	assert_int_equal(meetings[0].id, d);
	assert_int_equal(meetings[0].participant_count, 0);
	assert_int_equal(meetings[1].id, c);
	assert_int_equal(meetings[1].participant_count, 2);
	assert_int_equal(meetings[1].participants[0].id, GUEST);
	assert_int_equal(meetings[1].participants[1].id, OUTSIDER);
	assert_int_equal(meetings[2].id, b);
	assert_int_equal(meetings[2].participant_count, 0);
	assert_int_equal(meetings[3].id, a);
	assert_int_equal(meetings[3].participant_count, 1);
	assert_string_equal(meetings[3].participants[0].full_name, "A Guest");

	assert_int_equal(store_meeting_list(t->db, t->arena, GUEST, -1, 0, 10, &meetings, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(meetings[0].id, c);
	assert_int_equal(meetings[1].id, a);
	assert_int_equal(store_meeting_list(t->db, t->arena, 77, -1, 0, 10, &meetings, &n), 0);
	assert_int_equal(n, 0);
}

static void
a_list_is_paged_by_id_and_filtered_by_status(void **state)
{
	struct database	*t = *state;
	struct meeting	*meetings;
	int64_t		 id[6];
	size_t		 n;

	for (size_t i = 0; i < COUNTOF(id); i++)
		id[i] = database_add_meeting(t->db, "x");
	assert_int_equal(store_meeting_set_status(t->db, id[1], MEETING_CANCELLED, NOW), 0);
	assert_int_equal(store_meeting_set_status(t->db, id[4], MEETING_CANCELLED, NOW), 0);
	assert_int_equal(store_meeting_list(t->db, t->arena, HOST, -1, id[4], 2, &meetings, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(meetings[0].id, id[3]);
	assert_int_equal(meetings[1].id, id[2]);
	assert_int_equal(store_meeting_list(t->db, t->arena, GUEST, MEETING_CANCELLED, 0, 10, &meetings, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(meetings[0].id, id[4]);
	assert_int_equal(meetings[0].participant_count, 1);
	assert_int_equal(meetings[1].id, id[1]);
	assert_int_equal(meetings[1].participant_count, 1);
}

static void
an_administrators_list_has_everybodys(void **state)
{
	struct database	*t = *state;
	int64_t		 a = database_add_meeting(t->db, "a"), b = database_add_meeting(t->db, "b");
	struct meeting	*meetings;
	size_t		 n;

	assert_int_equal(store_meeting_set_status(t->db, a, MEETING_ONGOING, NOW), 0);
	assert_int_equal(store_meeting_list(t->db, t->arena, 0, -1, 0, 10, &meetings, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(meetings[0].id, b);
	assert_int_equal(meetings[1].id, a);
	assert_int_equal(meetings[1].participant_count, 1);
	assert_int_equal(store_meeting_list(t->db, t->arena, 0, MEETING_ONGOING, 0, 10, &meetings, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(meetings[0].id, a);
	assert_int_equal(meetings[0].participant_count, 1);
}

static void
no_query_goes_through_a_whole_table(void **state)
{
	struct database		*t = *state;
	int64_t			 id = database_add_meeting(t->db, "x"), count;
	struct meeting_change	 change = { .scheduled_at = -1, .status = -1 };
	struct meeting		 meeting, *meetings;
	size_t			 n;

	database_add_meeting(t->db, "y");
	assert_int_equal(store_meeting_by_id(t->db, t->arena, id, true, &meeting), 1);
	assert_int_equal(store_meeting_list(t->db, t->arena, GUEST, MEETING_SCHEDULED, 0, 1, &meetings, &n), 0);
	assert_int_equal(store_meeting_list(t->db, t->arena, 0, -1, 0, 1, &meetings, &n), 0);
	assert_int_equal(store_meeting_count_participants(t->db, id, &count), 0);
	assert_int_equal(store_meeting_update(t->db, id, &change, NOW), 0);
	assert_int_equal(store_meeting_set_status(t->db, id, MEETING_ONGOING, NOW), 0);
	assert_int_equal(store_meeting_remove_participant(t->db, id, GUEST), 1);
	assert_int_equal(store_meeting_delete(t->db, id), 1);
	assert_int_equal(db_scanned(t->db), 0);
}

/* ---- names and JSON ---- */

static void
every_status_has_a_name_that_reads_back(void **state)
{
	enum meeting_status	status;

	(void)state;
	for (int i = MEETING_SCHEDULED; i <= MEETING_CANCELLED; i++) {
		assert_true(store_meeting_status_parse(store_meeting_status_name((enum meeting_status)i), &status));
		assert_int_equal(status, i);
	}
	assert_false(store_meeting_status_parse("Ongoing", &status));
	assert_false(store_meeting_status_parse("", &status));
}

static void
the_json_has_the_contracts_members_in_its_order(void **state)
{
	struct person	guest = { .id = 2, .email = "user@unio.app", .full_name = "Regular User" };
	struct meeting	meeting = {
		.id = 1,
		.title = "Demo meeting",
		.description = "",
		.host = { .id = 1, .email = "admin@unio.app", .full_name = "Admin User" },
		.status = MEETING_ONGOING,
		.ice_policy = "all",
		.created_at = NOW,
		.updated_at = NOW,
		.participants = &guest,
		.participant_count = 1,
	};
	struct call	call = { .id = 7, .meeting_id = 1, .caller = guest, .active = true, .started_at = NOW };
	struct buf	out = { 0 };
	struct emit	e = emit_into(&out);

	(void)state;
	emit_array(&e, NULL);
	store_meeting_emit(&e, NULL, &meeting, NULL);
	store_meeting_emit(&e, NULL, &meeting, &call);
	emit_end(&e);
#define MEETING	"{\"id\":1,\"title\":\"Demo meeting\",\"description\":\"\"," \
	"\"host\":{\"id\":1,\"email\":\"admin@unio.app\",\"full_name\":\"Admin User\"}," \
	"\"participants\":[{\"id\":2,\"email\":\"user@unio.app\",\"full_name\":\"Regular User\"}]," \
	"\"status\":\"ongoing\",\"ice_policy\":\"all\",\"scheduled_at\":null," \
	"\"created_at\":\"2024-01-15T10:30:45.123456Z\",\"updated_at\":\"2024-01-15T10:30:45.123456Z\","
	assert_string_equal(out.data, "[" MEETING "\"active_call\":null}," MEETING "\"active_call\":{\"id\":7,"
	    "\"meeting\":1,\"caller\":{\"id\":2,\"email\":\"user@unio.app\",\"full_name\":\"Regular User\"},"
	    "\"status\":\"active\",\"started_at\":\"2024-01-15T10:30:45.123456Z\",\"ended_at\":null,"
	    "\"duration\":null,\"ended_reason\":null}}]");
	buf_free(&out);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, database_setup_users, database_teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		T(a_meeting_is_found_with_its_host_and_participants),
		T(an_unknown_meeting_is_none),
		T(a_host_that_does_not_exist_is_an_error),
		T(a_participant_is_added_once_and_the_host_is_none),
		T(a_change_touches_only_what_it_names),
		T(a_delete_takes_members_calls_and_attendance_along),
		T(the_list_of_a_user_is_newest_first_with_each_meetings_own_participants),
		T(a_list_is_paged_by_id_and_filtered_by_status),
		T(an_administrators_list_has_everybodys),
		T(no_query_goes_through_a_whole_table),
		cmocka_unit_test(every_status_has_a_name_that_reads_back),
		cmocka_unit_test(the_json_has_the_contracts_members_in_its_order),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
