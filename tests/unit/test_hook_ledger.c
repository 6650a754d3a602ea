/* ledger: events become deliveries once; what an attempt came to is written with all that follows from it. */
#include "../../hook-daemon/bounds.h"
#include "../../hook-daemon/ledger.h"
#include "../../hook-daemon/schedule.h"
#include "database.h"
#include "event.h"

#define MINUTE	(60 * SECOND)
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)
#define TEST(f)	cmocka_unit_test_setup_teardown(f, database_setup, database_teardown)

static const struct conf	conf = {
	.webhook_retry_delay = 5 * SECOND, .webhook_retry_for = DAY, .webhook_keep = DAY,
};

static int64_t
add_webhook(struct database *t, const char *events)
{
	const struct webhook webhook = {
		.url = "https://example.org/", .events = events, .secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	};
	int64_t id = 0;

	assert_int_equal(store_webhook_add(t->db, &webhook, NOW, &id), 0);
	return id;
}

static void
add_event(struct database *t, enum event_type type, int64_t meeting_id)
{
	struct event_list events;

	event_list_init(&events, t->arena);
	event_add(&events, type, meeting_id, NULL);
	assert_int_equal(event_store(t->db, &events, NOW), 0);
}

static bool
take(struct database *t)
{
	struct ledger_done done;

	assert_int_equal(ledger_take(t->db, &conf, t->arena, NOW, &done), 0);
	return done.more;
}

/* With nothing under way. */
static struct ledger_done
tidy(struct database *t, int64_t now_us)
{
	const struct delivery_ids none = { .n = 0 };
	struct ledger_done done;

	assert_int_equal(ledger_tidy(t->db, &conf, t->arena, &none, now_us, &done), 0);
	return done;
}

static struct webhook
look_up(struct database *t, int64_t id)
{
	struct webhook webhook;

	assert_int_equal(store_webhook_by_id(t->db, t->arena, id, &webhook), 1);
	return webhook;
}

static size_t
due(struct database *t, int64_t webhook_id, int64_t now_us, struct delivery **due_r)
{
	size_t n = 0;

	assert_int_equal(store_delivery_due(t->db, t->arena, webhook_id, now_us, 1000, due_r, &n), 0);
	return n;
}

/* How the first that is due has ended. */
static void
end(struct database *t, int64_t webhook_id, int64_t status, int64_t now_us)
{
	struct delivery *found = NULL;
	struct ledger_entry entry = { .status = status, .error = status == 200 ? NULL : "HTTP status" };

	assert_true(due(t, webhook_id, now_us, &found) > 0);
	entry.delivery = found[0];
	assert_int_equal(ledger_end(t->db, &conf, t->arena, &entry, now_us), 0);
}

static void
each_event_is_taken_once_for_each_webhook_that_wants_it(void **state)
{
	struct database *t = *state;
	int64_t all = add_webhook(t, ""), some = add_webhook(t, "call_ended");
	struct delivery *found;

	add_event(t, EVENT_CALL_STARTED, 1);
	add_event(t, EVENT_LOGIN_REVOKED, 0);
	add_event(t, EVENT_CALL_ENDED, 2);
	assert_false(take(t));
	assert_false(take(t));
	assert_int_equal(due(t, all, NOW, &found), 2);
	assert_string_equal(found[1].type, "call_ended");
	assert_int_equal(found[1].give_up_at, NOW + DAY);
	assert_int_equal(due(t, some, NOW, &found), 1);
	assert_string_equal(found[0].type, "call_ended");
	assert_int_equal(look_up(t, all).cursor_id, 3);
	assert_int_equal(look_up(t, some).cursor_id, 3);
}

static void
many_events_are_taken_page_by_page(void **state)
{
	struct database *t = *state;
	int64_t id = add_webhook(t, "");
	struct delivery *found;

	for (int i = 0; i < BOUND_TAKE_EVENTS + 1; i++)
		add_event(t, EVENT_CALL_STARTED, i + 1);
	assert_true(take(t));
	assert_int_equal(due(t, id, NOW, &found), BOUND_TAKE_EVENTS);
	assert_false(take(t));
	assert_int_equal(due(t, id, NOW, &found), BOUND_TAKE_EVENTS + 1);
}

/* A page or two of rows are a short time for others to wait, a page for each webhook is not. */
static void
many_webhooks_share_what_one_transaction_takes(void **state)
{
	struct database *t = *state;
	int64_t rows = 0, before;

	for (int i = 0; i < 50; i++)
		add_webhook(t, "");
	for (int i = 0; i < 60; i++)
		add_event(t, EVENT_CALL_STARTED, i + 1);
	for (bool more = true; more;) {
		before = rows;
		more = take(t);
		rows = database_int(t->db, "SELECT count(*) FROM delivery");
		assert_in_range(rows - before, 1, 2 * BOUND_TAKE_EVENTS);
	}
	assert_int_equal(rows, 50 * 60);
}

/* The events stay where they are, and are taken when there is room again. */
static void
no_more_wait_for_a_webhook_than_are_allowed(void **state)
{
	struct database *t = *state;
	int64_t full = add_webhook(t, ""), other = add_webhook(t, "");
	struct delivery *found;
	char many[512];

	snprintf(many, sizeof(many), "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
	    " INSERT INTO delivery (webhook_id, message_id, meeting_id, type, body, give_up_at, created_at)"
	    " SELECT 1, 'msg_' || i, 9, 'call_started', '{}', %lld, 0 FROM n;", BOUND_WAITING, (long long)(NOW + DAY));
	assert_int_equal(db_script(t->db, many), 0);
	add_event(t, EVENT_CALL_STARTED, 1);
	take(t);
	assert_int_equal(due(t, other, NOW, &found), 1);
	assert_int_equal(look_up(t, full).cursor_id, 0);
	assert_int_equal(db_script(t->db, "DELETE FROM delivery WHERE message_id = 'msg_5'"), 0);
	take(t);
	assert_int_equal(look_up(t, full).cursor_id, 1);
	assert_int_equal(due(t, full, NOW, &found), 1);
}

static void
a_failure_is_tried_again_later_and_given_up_in_the_end(void **state)
{
	struct database *t = *state;
	int64_t id = add_webhook(t, ""), now = NOW;
	struct delivery *found, delivery;
	int attempts = 0;

	add_event(t, EVENT_CALL_STARTED, 1);
	add_event(t, EVENT_CALL_ENDED, 1);
	take(t);
	end(t, id, 500, NOW);
	attempts++;
	assert_int_equal(due(t, id, NOW + 3 * SECOND, &found), 0);
	for (now = NOW; now < NOW + DAY + MINUTE; now += 10 * SECOND)
		if (due(t, id, now, &found) > 0 && found[0].id == 1) {
			end(t, id, 500, now);
			attempts++;
		}
	assert_in_range(attempts, 25, 40);
	assert_int_equal(store_delivery_by_id(t->db, t->arena, 1, &delivery), 1);
	assert_string_equal(delivery.status, "failed");
	assert_int_equal(delivery.attempts, attempts);
	assert_int_equal(due(t, id, now, &found), 1);
	assert_int_equal(found[0].id, 2);
}

static void
who_fails_again_and_again_is_let_alone_and_hurried_when_it_is_back(void **state)
{
	struct database *t = *state;
	int64_t id = add_webhook(t, "");
	struct delivery *found;

	for (int i = 1; i <= 6; i++)
		add_event(t, EVENT_CALL_STARTED, i);
	take(t);
	for (int i = 1; i <= SCHEDULE_FAILURES; i++) {
		assert_int_equal(look_up(t, id).retry_at, 0);
		end(t, id, 503, NOW);
	}
	assert_in_range(look_up(t, id).retry_at, NOW + 4 * SECOND, NOW + 6 * SECOND);
	assert_int_equal(due(t, id, NOW, &found), 1);
	end(t, id, 200, NOW);
	assert_int_equal(look_up(t, id).retry_at, 0);
	assert_int_equal(look_up(t, id).failures, 0);
	assert_int_equal(due(t, id, NOW, &found), SCHEDULE_FAILURES);	/* all that was put off */
}

static void
gone_disables_and_keeps_what_waits(void **state)
{
	struct database *t = *state;
	int64_t id = add_webhook(t, "");
	struct delivery *found;

	add_event(t, EVENT_CALL_STARTED, 1);
	take(t);
	end(t, id, SCHEDULE_GONE, NOW);
	assert_string_equal(look_up(t, id).disabled_reason, "gone");
	assert_int_equal(due(t, id, NOW + MINUTE, &found), 1);
	add_event(t, EVENT_CALL_STARTED, 2);
	take(t);
	assert_int_equal(due(t, id, NOW + MINUTE, &found), 1);	/* nothing new for it */
}

static void
the_end_of_what_is_gone_meanwhile_is_no_error(void **state)
{
	struct database *t = *state;
	int64_t id = add_webhook(t, "");
	struct delivery *found = NULL;
	struct ledger_entry entry = { .status = 500, .error = "HTTP status 500" };

	add_event(t, EVENT_CALL_STARTED, 1);
	take(t);
	assert_int_equal(due(t, id, NOW, &found), 1);
	entry.delivery = found[0];
	assert_int_equal(store_webhook_delete(t->db, id, NOW), 1);
	assert_int_equal(ledger_end(t->db, &conf, t->arena, &entry, NOW), 0);
	tidy(t, NOW);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM webhook"), 0);
	assert_int_equal(ledger_end(t->db, &conf, t->arena, &entry, NOW), 0);
}

static void
tidying_forgets_what_was_kept_long_enough(void **state)
{
	struct database *t = *state;
	int64_t id = add_webhook(t, "");

	add_event(t, EVENT_CALL_STARTED, 1);
	take(t);
	end(t, id, 200, NOW);
	tidy(t, NOW + DAY);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM delivery"), 1);
	assert_false(tidy(t, NOW + DAY + 1).more);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM delivery"), 0);
}

/* Two of one meeting, the first under way when its time is over: it is what its receiver says. */
static void
an_attempt_under_way_decides_by_itself_whatever_the_time_is(void **state)
{
	static const struct { int64_t status; const char *error, *query; } answers[] = {
		{ 200, NULL, "SELECT count(*) FROM delivery WHERE status = 'delivered' AND attempts = 2"
		    " AND last_error IS NULL" },
		{ 503, "HTTP status 503", "SELECT count(*) FROM delivery WHERE status = 'failed' AND attempts = 2"
		    " AND last_status = 503 AND last_error = 'HTTP status 503'" },
	};
	struct database *t = *state;
	int64_t id = add_webhook(t, ""), later = NOW + DAY + 1;
	struct delivery *found = NULL;

	for (size_t i = 0; i < COUNTOF(answers); i++) {
		struct ledger_entry entry = { .status = answers[i].status, .error = answers[i].error };
		struct ledger_done done;

		assert_int_equal(db_script(t->db, "DELETE FROM delivery"), 0);
		assert_int_equal(store_webhook_fared(t->db, id, 0, 0), 0);
		add_event(t, EVENT_CALL_STARTED, 1);
		take(t);
		end(t, id, 500, NOW);
		assert_int_equal(due(t, id, later, &found), 1);
		entry.delivery = found[0];
		assert_int_equal(ledger_tidy(t->db, &conf, t->arena,
		    &(struct delivery_ids){ .id = &found[0].id, .n = 1 }, later, &done), 0);
		assert_int_equal(done.given_up, 0);
		assert_int_equal(ledger_end(t->db, &conf, t->arena, &entry, later + SECOND), 0);
		assert_int_equal(entry.last, answers[i].error != NULL);
		assert_int_equal(database_int(t->db, answers[i].query), 1);
	}
}

/* Nobody sees it any more; so many rows at a time, and not one of another webhook's. */
static void
what_was_deleted_goes_slice_by_slice(void **state)
{
	struct database *t = *state;
	int64_t id = add_webhook(t, ""), other = add_webhook(t, ""), before, rows;
	struct delivery *found, delivery;
	struct webhook webhook;
	char many[512];

	add_event(t, EVENT_CALL_STARTED, 1);
	take(t);
	snprintf(many, sizeof(many), "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
	    " INSERT INTO delivery (webhook_id, message_id, meeting_id, type, body, give_up_at, created_at, next_at)"
	    " SELECT %lld, 'msg_' || i, i, 'call_started', '{}', %lld, 0, 0 FROM n;", 2 * BOUND_TIDY_ROWS + 1,
	    (long long)id, (long long)(NOW + DAY));
	assert_int_equal(db_script(t->db, many), 0);
	assert_true(due(t, id, NOW, &found) > 0);
	assert_int_equal(store_webhook_delete(t->db, id, NOW), 1);
	assert_int_equal(store_webhook_delete(t->db, id, NOW), 0);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM webhook WHERE secret = '' AND url = ''"), 1);
	assert_int_equal(store_webhook_by_id(t->db, t->arena, id, &webhook), 0);
	assert_int_equal(store_delivery_by_id(t->db, t->arena, found[0].id, &delivery), 0);
	assert_int_equal(due(t, id, NOW, &found), 0);
	before = database_int(t->db, "SELECT count(*) FROM delivery");
	for (bool more = true; more; before = rows) {
		more = tidy(t, NOW).more;
		rows = database_int(t->db, "SELECT count(*) FROM delivery");
		assert_in_range(before - rows, 1, BOUND_TIDY_ROWS);
	}
	assert_int_equal(rows, 1);
	assert_int_equal(due(t, other, NOW, &found), 1);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM webhook"), 1);
}

static void
tidying_mends_what_a_clock_that_went_back_has_put_off(void **state)
{
	struct database *t = *state;
	int64_t id = add_webhook(t, "");
	struct delivery *found;

	add_event(t, EVENT_CALL_STARTED, 1);
	take(t);
	end(t, id, 500, NOW);
	assert_int_equal(due(t, id, NOW - DAY, &found), 0);
	tidy(t, NOW - DAY);
	assert_int_equal(due(t, id, NOW - DAY, &found), 1);
}

/* An hour is less than the longest pause; but what was not tried yet has no pause. */
static void
what_was_never_tried_does_not_wait_for_a_clock_that_went_back(void **state)
{
	struct database *t = *state;
	int64_t id = add_webhook(t, "");
	struct delivery *found;

	add_event(t, EVENT_CALL_STARTED, 1);
	add_event(t, EVENT_CALL_STARTED, 2);
	take(t);
	end(t, id, 500, NOW);
	assert_int_equal(due(t, id, NOW - HOUR, &found), 0);
	tidy(t, NOW - HOUR);
	assert_int_equal(due(t, id, NOW - HOUR, &found), 1);
	assert_int_equal(found[0].attempts, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_event_is_taken_once_for_each_webhook_that_wants_it),
		TEST(many_events_are_taken_page_by_page),
		TEST(many_webhooks_share_what_one_transaction_takes),
		TEST(no_more_wait_for_a_webhook_than_are_allowed),
		TEST(a_failure_is_tried_again_later_and_given_up_in_the_end),
		TEST(who_fails_again_and_again_is_let_alone_and_hurried_when_it_is_back),
		TEST(gone_disables_and_keeps_what_waits),
		TEST(the_end_of_what_is_gone_meanwhile_is_no_error),
		TEST(tidying_forgets_what_was_kept_long_enough),
		TEST(an_attempt_under_way_decides_by_itself_whatever_the_time_is),
		TEST(what_was_deleted_goes_slice_by_slice),
		TEST(tidying_mends_what_a_clock_that_went_back_has_put_off),
		TEST(what_was_never_tried_does_not_wait_for_a_clock_that_went_back),
	};

	return cmocka_run_group_tests_name("hook_ledger", tests, NULL, NULL);
}
