/* event: the outbox, and tell: what goes into it. */
#include "database.h"
#include "event.h"
#include "tell.h"

/* Adds one meeting_deleted event of that meeting, in a transaction of its own; its id. */
static int64_t
add(struct database *t, int64_t meeting_id, int64_t now_us)
{
	struct event_list	list;

	event_list_init(&list, t->arena);
	tell_meeting_deleted(&list, meeting_id);
	assert_int_equal(event_store(t->db, &list, now_us), 0);
	return (list.first->id);
}

/* Events after that one, of a meeting or (0) of all, at most limit. */
static struct event *
after(struct database *t, int64_t meeting_id, int64_t after_id, size_t limit, size_t *n_r)
{
	const struct event_bound	bound = { .count = limit, .bytes = 1 << 20 };
	struct event_page		page;

	if (meeting_id == 0)
		assert_int_equal(event_after(t->db, t->arena, after_id, &bound, &page), 0);
	else
		assert_int_equal(event_of_meeting_after(t->db, t->arena, meeting_id, after_id, &bound, &page), 0);
	*n_r = page.count;
	return (page.first);
}

static void
assert_frame(const struct event *event, const char *expected)
{
	struct buf	out = { 0 };

	event_frame(event, &out);
	assert_string_equal(out.data, expected);
	buf_free(&out);
}

static void
stored_events_are_read_back_in_order_with_rising_ids(void **state)
{
	struct database		*t = *state;
	struct event_list	 list;
	struct event		*event;
	size_t			 n;

	event_list_init(&list, t->arena);
	tell_meeting_status(&list, 1, MEETING_ONGOING, MEETING_SCHEDULED);
	tell_login_revoked(&list, HOST, 5);
	tell_meeting_deleted(&list, 1);
	assert_int_equal(event_store(t->db, &list, NOW), 0);
	assert_int_equal(list.first->id, 1);
	event = after(t, 0, 0, 10, &n);
	assert_int_equal(n, 3);
	assert_int_equal(event->id, 1);
	assert_int_equal(event->type, EVENT_MEETING_STATUS);
	assert_int_equal(event->meeting_id, 1);
	assert_int_equal(event->user_id, 0);
	assert_int_equal(event->created_at, NOW);
	event = event->next;
	assert_int_equal(event->id, 2);
	assert_int_equal(event->type, EVENT_LOGIN_REVOKED);
	assert_int_equal(event->meeting_id, 0);
	assert_int_equal(event->user_id, HOST);
	assert_int_equal(event->login_id, 5);
	assert_string_equal(event->body, "{}");
	event = event->next;
	assert_int_equal(event->type, EVENT_MEETING_DELETED);
	assert_null(event->next);
}

static void
reading_begins_after_the_named_event_and_stops_at_the_limit(void **state)
{
	struct database	*t = *state;
	struct event	*event;
	size_t		 n;

	for (int i = 0; i < 5; i++)
		add(t, 1, NOW);
	event = after(t, 0, 2, 2, &n);
	assert_int_equal(n, 2);
	assert_int_equal(event->id, 3);
	assert_int_equal(event->next->id, 4);
	event = after(t, 0, 5, 2, &n);
	assert_int_equal(n, 0);
	assert_null(event);
}

static void
a_reading_says_whether_others_follow(void **state)
{
	struct database		*t = *state;
	struct event_bound	 bound = { .count = 3, .bytes = 1 << 20 };
	struct event_page	 page;

	for (int i = 0; i < 3; i++)
		add(t, 1, NOW);
	assert_int_equal(event_after(t->db, t->arena, 0, &bound, &page), 0);
	assert_int_equal(page.count, 3);
	assert_false(page.more);
	add(t, 1, NOW);
	assert_int_equal(event_after(t->db, t->arena, 0, &bound, &page), 0);
	assert_int_equal(page.count, 3);
	assert_true(page.more);
	assert_int_equal(event_of_meeting_after(t->db, t->arena, 1, 0, &bound, &page), 0);
	assert_true(page.more);
}

static void
a_reading_ends_with_the_event_that_passes_the_bound_of_bytes(void **state)
{
	struct database		*t = *state;
	struct event_bound	 bound = { .count = 10, .bytes = 0 };
	struct event_page	 page;

	for (int i = 0; i < 3; i++)
		add(t, 1, NOW);
	assert_int_equal(event_after(t->db, t->arena, 0, &bound, &page), 0);
	assert_int_equal(page.count, 1);
	assert_true(page.more);
	assert_int_equal(event_after(t->db, t->arena, 2, &bound, &page), 0);
	assert_int_equal(page.count, 1);
	assert_false(page.more);
}

static void
a_rollback_leaves_no_event(void **state)
{
	struct database	*t = *state;
	size_t		 n;

	assert_int_equal(db_begin(t->db, true), 0);
	add(t, 1, NOW);
	db_rollback(t->db);
	assert_null(after(t, 0, 0, 10, &n));
	assert_int_equal(n, 0);
}

static void
one_meetings_events_are_its_own_and_public(void **state)
{
	struct database		*t = *state;
	struct event_list	 list;
	struct event		*event;
	int64_t			 newest;
	size_t			 n;

	add(t, 1, NOW);
	add(t, 2, NOW);
	event_list_init(&list, t->arena);
	tell_login_revoked(&list, HOST, 5);
	list.first->meeting_id = 1;
	assert_int_equal(event_store(t->db, &list, NOW), 0);
	add(t, 1, NOW);
	event = after(t, 1, 0, 10, &n);
	assert_int_equal(n, 2);
	assert_int_equal(event->id, 1);
	assert_int_equal(event->next->id, 4);
	event = after(t, 1, 1, 10, &n);
	assert_int_equal(n, 1);
	assert_int_equal(event_newest_of_meeting(t->db, 1, &newest), 0);
	assert_int_equal(newest, 4);
	assert_int_equal(event_newest_of_meeting(t->db, 77, &newest), 0);
	assert_int_equal(newest, 0);
}

static void
an_event_of_a_newer_program_is_unknown_and_not_public(void **state)
{
	struct database	*t = *state;
	struct event	*event;
	size_t		 n;

	assert_int_equal(db_script(t->db, "INSERT INTO event (meeting_id, type, body, created_at)"
	    " VALUES (1, 'meeting_painted_blue', '{}', 1)"), 0);
	event = after(t, 0, 0, 10, &n);
	assert_int_equal(n, 1);
	assert_int_equal(event->type, EVENT_UNKNOWN);
	assert_false(event_is_public(event->type));
	event = after(t, 1, 0, 10, &n);
	assert_int_equal(n, 0);
}

static void
the_bounds_are_those_of_what_is_kept(void **state)
{
	struct database	*t = *state;
	int64_t		 lowest, highest;

	assert_int_equal(event_bounds(t->db, &lowest, &highest), 0);
	assert_int_equal(lowest, 1);
	assert_int_equal(highest, 0);
	for (int i = 0; i < 4; i++)
		add(t, 1, NOW + i);
	assert_int_equal(event_purge(t->db, NOW + 2, 10), 2);
	assert_int_equal(event_bounds(t->db, &lowest, &highest), 0);
	assert_int_equal(lowest, 3);
	assert_int_equal(highest, 4);
}

static void
a_purge_is_bounded_and_keeps_the_newest_so_that_the_highest_id_is_known(void **state)
{
	struct database	*t = *state;
	int64_t		 lowest, highest;

	for (int i = 0; i < 5; i++)
		add(t, 1, NOW);
	assert_int_equal(event_purge(t->db, NOW + SECOND, 2), 2);
	assert_int_equal(event_bounds(t->db, &lowest, &highest), 0);
	assert_int_equal(lowest, 3);
	assert_int_equal(event_purge(t->db, NOW + SECOND, 100), 2);
	assert_int_equal(event_bounds(t->db, &lowest, &highest), 0);
	assert_int_equal(lowest, 5);
	assert_int_equal(highest, 5);
	assert_int_equal(add(t, 1, NOW), 6);
}

static void
the_epoch_names_the_databases_history(void **state)
{
	struct database	*t = *state;
	const char	*epoch;

	assert_int_equal(event_epoch(t->db, t->arena, &epoch), 0);
	assert_int_equal(strlen(epoch), 16);
}

static void
no_query_goes_through_a_whole_table(void **state)
{
	struct database	*t = *state;
	int64_t		 lowest, highest, newest;
	const char	*epoch;
	size_t		 n;

	for (int i = 0; i < 5; i++)
		add(t, 1 + i % 2, NOW + i);
	assert_non_null(after(t, 0, 3, 10, &n));
	assert_non_null(after(t, 1, 1, 10, &n));
	assert_int_equal(event_bounds(t->db, &lowest, &highest), 0);
	assert_int_equal(event_newest_of_meeting(t->db, 1, &newest), 0);
	assert_int_equal(event_epoch(t->db, t->arena, &epoch), 0);
	assert_int_equal(event_purge(t->db, NOW + 2, 10), 2);
	assert_int_equal(db_scanned(t->db), 0);
}

/* ---- frames ---- */

static void
a_frame_begins_with_type_id_and_timestamp(void **state)
{
	struct event	event = {
		.id = 17,
		.type = EVENT_CALL_STARTED,
		.created_at = NOW,
		.body = "{\"call\":{\"id\":1}}",
	};

	(void)state;
	assert_frame(&event, "{\"type\":\"call_started\",\"event_id\":17,"
	    "\"timestamp\":\"2024-01-15T10:30:45.123456Z\",\"call\":{\"id\":1}}");
	event.body = "{}";
	assert_frame(&event, "{\"type\":\"call_started\",\"event_id\":17,"
	    "\"timestamp\":\"2024-01-15T10:30:45.123456Z\"}");
}

static void
a_frame_goes_behind_what_the_buffer_holds_already(void **state)
{
	struct event	event = { .id = 1, .type = EVENT_MEETING_DELETED, .created_at = NOW, .body = "{}" };
	struct buf	out = { 0 };

	(void)state;
	buf_adds(&out, "head");
	event_frame(&event, &out);
	assert_memory_equal(out.data, "head{\"type\":", 12);
	buf_free(&out);
}

static void
every_type_has_a_name_and_only_the_rooms_own_are_public(void **state)
{
	static const char *const	names[] = {
		"meeting_status", "call_started", "call_ended", "meeting_updated", "participant_added",
		"participant_removed", "meeting_deleted", "login_revoked", "user_disabled",
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(names); i++) {
		assert_string_equal(event_type_name((enum event_type)i), names[i]);
		assert_int_equal(event_is_public((enum event_type)i), i <= EVENT_MEETING_DELETED);
	}
	assert_false(event_is_public(EVENT_UNKNOWN));
}

/* ---- bodies ---- */

static void
the_bodies_are_the_contracts(void **state)
{
	struct database		*t = *state;
	struct person		 user = { .id = 2, .email = "user@unio.app", .full_name = "Regular User" };
	struct call		 call = { .id = 7, .meeting_id = 3, .caller = user, .active = true };
	struct meeting		 meeting = { .id = 3, .title = "x", .description = "", .host = user };
	struct event_list	 list;
	const struct event	*event;

	event_list_init(&list, t->arena);
	tell_meeting_status(&list, 3, MEETING_COMPLETED, MEETING_ONGOING);
	tell_participant_added(&list, 3, &user);
	tell_participant_removed(&list, 3, &user);
	tell_meeting_deleted(&list, 3);
	tell_user_disabled(&list, 2);
	tell_call_started(&list, &call);
	tell_call_ended(&list, &call);
	tell_meeting_updated(&list, &meeting, &call);

	event = list.first;
	assert_int_equal(event->meeting_id, 3);
	assert_string_equal(event->body, "{\"meeting_id\":3,\"status\":\"completed\",\"previous_status\":\"ongoing\"}");
	event = event->next;
	assert_int_equal(event->type, EVENT_PARTICIPANT_ADDED);
	assert_string_equal(event->body,
	    "{\"user\":{\"id\":2,\"email\":\"user@unio.app\",\"full_name\":\"Regular User\"}}");
	event = event->next;
	assert_int_equal(event->type, EVENT_PARTICIPANT_REMOVED);
	assert_int_equal(event->user_id, 2);
	event = event->next;
	assert_string_equal(event->body, "{\"meeting_id\":3}");
	event = event->next;
	assert_int_equal(event->type, EVENT_USER_DISABLED);
	assert_int_equal(event->user_id, 2);
	event = event->next;
	assert_int_equal(event->type, EVENT_CALL_STARTED);
	assert_int_equal(event->meeting_id, 3);
	assert_memory_equal(event->body, "{\"call\":{\"id\":7,", 16);
	event = event->next;
	assert_int_equal(event->type, EVENT_CALL_ENDED);
	event = event->next;
	assert_int_equal(event->type, EVENT_MEETING_UPDATED);
	assert_memory_equal(event->body, "{\"meeting\":{\"id\":3,", 19);
	assert_non_null(strstr(event->body, "\"active_call\":{\"id\":7,"));
}

#define T(name)	cmocka_unit_test_setup_teardown(name, database_setup, database_teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		T(stored_events_are_read_back_in_order_with_rising_ids),
		T(reading_begins_after_the_named_event_and_stops_at_the_limit),
		T(a_reading_says_whether_others_follow),
		T(a_reading_ends_with_the_event_that_passes_the_bound_of_bytes),
		T(a_rollback_leaves_no_event),
		T(one_meetings_events_are_its_own_and_public),
		T(an_event_of_a_newer_program_is_unknown_and_not_public),
		T(the_bounds_are_those_of_what_is_kept),
		T(a_purge_is_bounded_and_keeps_the_newest_so_that_the_highest_id_is_known),
		T(the_epoch_names_the_databases_history),
		T(no_query_goes_through_a_whole_table),
		cmocka_unit_test(a_frame_begins_with_type_id_and_timestamp),
		cmocka_unit_test(a_frame_goes_behind_what_the_buffer_holds_already),
		cmocka_unit_test(every_type_has_a_name_and_only_the_rooms_own_are_public),
		T(the_bodies_are_the_contracts),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
