/* call: what starting and ending a call means. */
#include <sys/wait.h>

#include "call.h"
#include "database.h"

/* The types of the events in the list, separated by spaces. */
static void
assert_events(const struct event_list *list, const char *expected)
{
	struct buf	out = { 0 };

	for (const struct event *event = list->first; event != NULL; event = event->next)
		buf_addf(&out, "%s%s", event == list->first ? "" : " ", event_type_name(event->type));
	assert_string_equal(out.data == NULL ? "" : out.data, expected);
	buf_free(&out);
}

static enum meeting_status
status_of(struct database *t, int64_t meeting_id)
{
	struct meeting	meeting;

	assert_int_equal(store_meeting_by_id(t->db, t->arena, meeting_id, false, &meeting), 1);
	return (meeting.status);
}

static void
a_start_makes_the_meeting_ongoing_and_tells_the_call_first(void **state)
{
	struct database		*t = *state;
	int64_t			 meeting = database_add_meeting(t->db, "x");
	struct event_list	 events;
	struct call		 call;

	event_list_init(&events, t->arena);
	assert_int_equal(call_start(t->db, &events, meeting, GUEST, NOW, &call), CALL_DONE);
	assert_true(call.active);
	assert_int_equal(call.caller.id, GUEST);
	assert_int_equal(call.started_at, NOW);
	assert_int_equal(status_of(t, meeting), MEETING_ONGOING);
	assert_events(&events, "call_started meeting_status");
	assert_int_equal(events.first->meeting_id, meeting);
	assert_non_null(strstr(events.first->body, "\"status\":\"active\""));
	assert_non_null(strstr(events.first->next->body, "\"status\":\"ongoing\",\"previous_status\":\"scheduled\""));
}

static void
a_second_start_shares_the_call_and_tells_nothing(void **state)
{
	struct database		*t = *state;
	int64_t			 meeting = database_add_meeting(t->db, "x");
	struct event_list	 events;
	struct call		 first, second;

	event_list_init(&events, t->arena);
	assert_int_equal(call_start(t->db, &events, meeting, HOST, NOW, &first), CALL_DONE);
	event_list_init(&events, t->arena);
	assert_int_equal(call_start(t->db, &events, meeting, GUEST, NOW + 1, &second), CALL_UNCHANGED);
	assert_int_equal(second.id, first.id);
	assert_int_equal(second.caller.id, HOST);
	assert_events(&events, "");
}

static void
a_cancelled_or_unknown_meeting_has_no_call(void **state)
{
	struct database		*t = *state;
	int64_t			 meeting = database_add_meeting(t->db, "x");
	struct event_list	 events;
	struct call		 call = { .id = 99 };

	event_list_init(&events, t->arena);
	assert_int_equal(store_meeting_set_status(t->db, meeting, MEETING_CANCELLED, NOW), 0);
	assert_int_equal(call_start(t->db, &events, meeting, HOST, NOW, &call), CALL_CANCELLED);
	assert_int_equal(call_start(t->db, &events, 77, HOST, NOW, &call), CALL_NONE);
	assert_int_equal(call_end(t->db, &events, 77, "ended", NOW, &call), CALL_NONE);
	assert_int_equal(call.id, 99);
	assert_events(&events, "");
}

static void
an_end_completes_the_meeting_and_a_retry_changes_nothing(void **state)
{
	struct database		*t = *state;
	int64_t			 meeting = database_add_meeting(t->db, "x");
	struct event_list	 events;
	struct call		 call, again;

	event_list_init(&events, t->arena);
	assert_int_equal(call_start(t->db, &events, meeting, HOST, NOW, &call), CALL_DONE);
	event_list_init(&events, t->arena);
	assert_int_equal(call_end(t->db, &events, call.id, "ended", NOW + 122 * SECOND + 530865, &call), CALL_DONE);
	assert_false(call.active);
	assert_int_equal(store_call_duration_s(&call), 122);
	assert_string_equal(call.ended_reason, "ended");
	assert_int_equal(status_of(t, meeting), MEETING_COMPLETED);
	assert_events(&events, "call_ended meeting_status");
	assert_non_null(strstr(events.first->body, "\"duration\":122,\"ended_reason\":\"ended\""));
	assert_non_null(strstr(events.first->next->body, "\"status\":\"completed\",\"previous_status\":\"ongoing\""));

	event_list_init(&events, t->arena);
	assert_int_equal(call_end(t->db, &events, call.id, "empty", NOW + 999 * SECOND, &again), CALL_UNCHANGED);
	assert_int_equal(again.ended_at, call.ended_at);
	assert_string_equal(again.ended_reason, "ended");
	assert_events(&events, "");
}

static void
a_completed_meeting_goes_on_with_a_new_call(void **state)
{
	struct database		*t = *state;
	int64_t			 meeting = database_add_meeting(t->db, "x");
	struct event_list	 events;
	struct call		 first, second;

	event_list_init(&events, t->arena);
	assert_int_equal(call_start(t->db, &events, meeting, HOST, NOW, &first), CALL_DONE);
	assert_int_equal(call_end(t->db, &events, first.id, "ended", NOW, &first), CALL_DONE);
	event_list_init(&events, t->arena);
	assert_int_equal(call_start(t->db, &events, meeting, HOST, NOW, &second), CALL_DONE);
	assert_true(second.id > first.id);
	assert_non_null(strstr(events.first->next->body, "\"previous_status\":\"completed\""));
}

static void
deleting_during_a_call_ends_it_first_and_says_deleted_last(void **state)
{
	struct database		*t = *state;
	int64_t			 meeting = database_add_meeting(t->db, "x");
	struct event_list	 events;
	struct call		 call;

	event_list_init(&events, t->arena);
	assert_int_equal(call_start(t->db, &events, meeting, HOST, NOW, &call), CALL_DONE);
	event_list_init(&events, t->arena);
	assert_int_equal(call_delete_meeting(t->db, &events, meeting, NOW + SECOND), CALL_DONE);
	assert_events(&events, "call_ended meeting_deleted");
	assert_non_null(strstr(events.first->body, "\"ended_reason\":\"meeting_deleted\""));
	assert_int_equal(events.first->next->meeting_id, meeting);
	assert_int_equal(event_store(t->db, &events, NOW), 0);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM event"), 2);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM call"), 0);
}

static void
deleting_after_a_call_has_ended_works_and_tells_only_that(void **state)
{
	struct database		*t = *state;
	int64_t			 meeting = database_add_meeting(t->db, "x");
	struct event_list	 events;
	struct call		 call;

	event_list_init(&events, t->arena);
	assert_int_equal(call_start(t->db, &events, meeting, HOST, NOW, &call), CALL_DONE);
	assert_int_equal(call_end(t->db, &events, call.id, "ended", NOW, &call), CALL_DONE);
	event_list_init(&events, t->arena);
	assert_int_equal(call_delete_meeting(t->db, &events, meeting, NOW), CALL_DONE);
	assert_events(&events, "meeting_deleted");
	event_list_init(&events, t->arena);
	assert_int_equal(call_delete_meeting(t->db, &events, meeting, NOW), CALL_NONE);
	assert_events(&events, "");
}

static void
a_broken_database_fails_and_tells_nothing_more(void **state)
{
	struct database		*t = *state;
	int64_t			 meeting = database_add_meeting(t->db, "x");
	struct event_list	 events;
	struct call		 call;

	assert_int_equal(db_script(t->db, "PRAGMA query_only = ON"), 0);
	event_list_init(&events, t->arena);
	assert_int_equal(call_start(t->db, &events, meeting, HOST, NOW, &call), CALL_FAILED);
	assert_int_equal(call_end(t->db, &events, 1, "ended", NOW, &call), CALL_FAILED);
	assert_int_equal(call_delete_meeting(t->db, &events, meeting, NOW), CALL_FAILED);
	assert_events(&events, "");
	assert_int_equal(db_error(t->db), DB_READONLY);
}

/* One program that presses start: 0 if it made the call, 1 if it got another's, else 2. */
static int
press_start(struct database *t, int64_t meeting, int gate)
{
	struct event_list	 events;
	struct call		 call;
	struct db		*db = database_connect(t);
	enum call_result	 result;
	char			 byte;

	while (read(gate, &byte, 1) > 0)
		;
	event_list_init(&events, t->arena);
	if (db_begin(db, true) == -1)
		return (2);
	result = call_start(db, &events, meeting, HOST, NOW, &call);
	if (event_store(db, &events, NOW) == -1 || db_commit(db) == -1)
		return (2);
	db_close(&db);
	return (result == CALL_DONE ? 0 : result == CALL_UNCHANGED ? 1 : 2);
}

static void
many_who_press_start_at_once_share_one_call(void **state)
{
	enum { PROGRAMS = 8 };
	struct database	*t = *state;
	int64_t		 meeting = database_add_meeting(t->db, "x");
	int		 gate[2], status, made = 0, shared = 0;
	pid_t		 pid[PROGRAMS];

	db_close(&t->db);
	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < PROGRAMS; i++) {
		pid[i] = fork();
		assert_int_not_equal(pid[i], -1);
		if (pid[i] == 0) {
			close(gate[1]);
			_exit(press_start(t, meeting, gate[0]));
		}
	}
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < PROGRAMS; i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_true(WIFEXITED(status));
		made += WEXITSTATUS(status) == 0;
		shared += WEXITSTATUS(status) == 1;
	}
	assert_int_equal(made, 1);
	assert_int_equal(shared, PROGRAMS - 1);
	t->db = database_connect(t);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM event"), 2);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, database_setup_users, database_teardown)

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		T(a_start_makes_the_meeting_ongoing_and_tells_the_call_first),
		T(a_second_start_shares_the_call_and_tells_nothing),
		T(a_cancelled_or_unknown_meeting_has_no_call),
		T(an_end_completes_the_meeting_and_a_retry_changes_nothing),
		T(a_completed_meeting_goes_on_with_a_new_call),
		T(deleting_during_a_call_ends_it_first_and_says_deleted_last),
		T(deleting_after_a_call_has_ended_works_and_tells_only_that),
		T(a_broken_database_fails_and_tells_nothing_more),
		T(many_who_press_start_at_once_share_one_call),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
