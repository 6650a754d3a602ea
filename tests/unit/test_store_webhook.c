#include "database.h"
#include "event.h"
#include "store_delivery.h"
#include "store_webhook.h"

#define SECRET	"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define DAY	(24 * 3600 * SECOND)
#define TEST(f)	cmocka_unit_test_setup_teardown(f, database_setup, database_teardown)

static int64_t
add_webhook(struct database *t)
{
	const struct webhook webhook = { .url = "https://example.org/", .events = "", .secret = SECRET };
	int64_t id = 0;

	assert_int_equal(store_webhook_add(t->db, &webhook, NOW, &id), 0);
	return id;
}

static int64_t
add_delivery(struct database *t, int64_t webhook_id, int64_t meeting_id, int64_t now_us)
{
	char message_id[32];
	struct delivery delivery = {
		.webhook_id = webhook_id, .message_id = message_id, .meeting_id = meeting_id, .type = "call_started",
		.body = "{}", .give_up_at = now_us + DAY,
	};
	int64_t id = 0;

	snprintf(message_id, sizeof(message_id), "msg_%lld",
	    (long long)database_int(t->db, "SELECT coalesce(max(id), 0) FROM delivery"));
	assert_int_equal(store_delivery_add(t->db, &delivery, now_us, &id), 0);
	return id;
}

static size_t
due(struct database *t, int64_t webhook_id, int64_t now_us, struct delivery **due_r)
{
	size_t n = 0;

	assert_int_equal(store_delivery_due(t->db, t->arena, webhook_id, now_us, 100, due_r, &n), 0);
	return n;
}

static void
finish(struct database *t, int64_t id, const char *error, int64_t next_at, int64_t now_us)
{
	const struct delivery_end end = {
		.last_status = error == NULL ? 200 : 500, .last_error = error, .next_at = next_at,
	};
	struct delivery delivery;

	assert_int_equal(store_delivery_by_id(t->db, t->arena, id, &delivery), 1);
	assert_int_equal(store_delivery_end(t->db, &delivery, &end, now_us), 0);
}

/* How many lanes have an oldest waiting delivery that will never come. */
static int64_t
stuck(struct database *t)
{
	return database_int(t->db, "SELECT count(*) FROM delivery d WHERE d.status = 'waiting' AND d.next_at IS NULL"
	    " AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.webhook_id = d.webhook_id"
	    " AND o.meeting_id = d.meeting_id AND o.status = 'waiting' AND o.id < d.id)");
}

static void
a_webhook_begins_with_the_next_event_and_again_when_it_is_enabled(void **state)
{
	struct database *t = *state;
	struct event_list events;
	struct webhook webhook;
	int64_t id;

	event_list_init(&events, t->arena);
	event_add(&events, EVENT_CALL_STARTED, 1, NULL);
	assert_int_equal(event_store(t->db, &events, NOW), 0);
	id = add_webhook(t);
	assert_int_equal(store_webhook_by_id(t->db, t->arena, id, &webhook), 1);
	assert_int_equal(webhook.cursor_id, 1);
	assert_int_equal(store_webhook_disable(t->db, id, "gone", NOW), 1);
	assert_int_equal(store_webhook_disable(t->db, id, "operator", NOW), 0);
	assert_int_equal(event_store(t->db, &events, NOW), 0);
	assert_int_equal(store_webhook_enable(t->db, id), 1);
	assert_int_equal(store_webhook_enable(t->db, id), 0);
	assert_int_equal(store_webhook_by_id(t->db, t->arena, id, &webhook), 1);
	assert_int_equal(webhook.cursor_id, 2);
	assert_int_equal(webhook.disabled_at, 0);
}

static void
of_a_meeting_only_the_oldest_is_due(void **state)
{
	struct database *t = *state;
	int64_t webhook = add_webhook(t), first, second, other;
	struct delivery *found;

	first = add_delivery(t, webhook, 1, NOW);
	second = add_delivery(t, webhook, 1, NOW);
	other = add_delivery(t, webhook, 2, NOW);
	assert_int_equal(due(t, webhook, NOW, &found), 2);
	assert_int_equal(found[0].id, first);
	assert_int_equal(found[1].id, other);

	finish(t, first, "HTTP status 500", NOW + SECOND, NOW);
	assert_int_equal(due(t, webhook, NOW, &found), 1);
	assert_int_equal(due(t, webhook, NOW + SECOND, &found), 2);
	finish(t, first, NULL, 0, NOW);
	assert_int_equal(due(t, webhook, NOW, &found), 2);
	assert_int_equal(found[0].id, second);
}

static void
one_that_is_given_up_lets_the_next_one_go(void **state)
{
	struct database *t = *state;
	int64_t webhook = add_webhook(t), first = add_delivery(t, webhook, 1, NOW);
	int64_t second = add_delivery(t, webhook, 1, NOW);
	struct delivery *found, delivery;

	finish(t, first, "HTTP status 500", 0, NOW);
	assert_int_equal(due(t, webhook, NOW, &found), 1);
	assert_int_equal(found[0].id, second);
	assert_int_equal(store_delivery_by_id(t->db, t->arena, first, &delivery), 1);
	assert_string_equal(delivery.status, "failed");
	assert_int_equal(delivery.last_status, 500);
	assert_int_equal(delivery.done_at, NOW);
}

static void
an_event_is_delivered_once_to_a_webhook(void **state)
{
	struct database *t = *state;
	struct delivery delivery = {
		.webhook_id = add_webhook(t), .message_id = "msg_a", .event_id = 7,
		.type = "call_started", .body = "{}",
		.give_up_at = NOW,
	};
	int64_t id;

	assert_int_equal(store_delivery_add(t->db, &delivery, NOW, &id), 0);
	delivery.message_id = "msg_b";
	assert_int_equal(store_delivery_add(t->db, &delivery, NOW, &id), -1);
	assert_int_equal(db_error(t->db), DB_UNIQUE);
}

static void
the_old_of_those_that_cannot_be_reached_are_given_up_together(void **state)
{
	struct database *t = *state;
	int64_t good = add_webhook(t), failing = add_webhook(t), disabled = add_webhook(t);
	const struct delivery_ids none = { .n = 0 };

	assert_int_equal(store_webhook_fared(t->db, failing, 9, NOW), 0);
	assert_int_equal(store_webhook_disable(t->db, disabled, "operator", NOW), 1);
	for (int i = 0; i < 3; i++) {
		add_delivery(t, good, 1, NOW - DAY - 1);
		add_delivery(t, failing, 1, i < 2 ? NOW - DAY - 1 : NOW);
		add_delivery(t, disabled, 1, NOW - DAY - 1);
	}
	assert_int_equal(store_delivery_give_up(t->db, NOW, 100, &none, NOW), 5);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM delivery WHERE status = 'failed'"
	    " AND last_error = 'not sent in time'"), 5);
	assert_int_equal(stuck(t), 0);
	assert_int_equal(store_delivery_purge(t->db, NOW, 100), 0);
	assert_int_equal(store_delivery_purge(t->db, NOW + 1, 100), 5);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM delivery"), 4);
}

static void
a_receiver_that_is_back_and_a_clock_that_went_back_hurry_what_was_put_off(void **state)
{
	struct database *t = *state;
	int64_t webhook = add_webhook(t), first = add_delivery(t, webhook, 1, NOW);
	struct delivery *found;

	add_delivery(t, webhook, 1, NOW);
	finish(t, first, "HTTP status 500", NOW + DAY, NOW);
	assert_int_equal(due(t, webhook, NOW, &found), 0);
	assert_int_equal(store_delivery_hurry(t->db, webhook, NOW + 2 * DAY, NOW), 0);
	assert_int_equal(due(t, webhook, NOW, &found), 0);
	assert_int_equal(store_delivery_hurry(t->db, webhook, NOW + DAY - 1, NOW), 0);
	assert_int_equal(due(t, webhook, NOW, &found), 1);
	finish(t, first, "HTTP status 500", NOW + DAY, NOW);
	assert_int_equal(store_delivery_hurry(t->db, webhook, NOW, NOW), 0);
	assert_int_equal(due(t, webhook, NOW, &found), 1);
}

static void
one_that_is_repeated_waits_since_then(void **state)
{
	struct database *t = *state;
	int64_t webhook = add_webhook(t), old = add_delivery(t, webhook, 1, NOW), n = 0, since = 0;
	struct delivery *found;

	finish(t, old, NULL, 0, NOW);
	assert_int_equal(store_delivery_waiting(t->db, webhook, &n, &since), 0);
	assert_int_equal(n, 0);
	assert_int_equal(since, 0);
	add_delivery(t, webhook, 1, NOW + 5 * DAY);
	assert_int_equal(store_delivery_repeat(t->db, old, NOW + 7 * DAY, NOW + 6 * DAY), 1);
	assert_int_equal(store_delivery_waiting(t->db, webhook, &n, &since), 0);
	assert_int_equal(n, 2);
	assert_int_equal(since, NOW + 5 * DAY);
	finish(t, old + 1, NULL, 0, NOW + 6 * DAY);
	assert_int_equal(store_delivery_waiting(t->db, webhook, &n, &since), 0);
	assert_int_equal(n, 1);
	assert_int_equal(since, NOW + 6 * DAY);
	assert_int_equal(due(t, webhook, NOW + 6 * DAY, &found), 1);
	assert_int_equal(found[0].created_at, NOW);
	assert_int_equal(found[0].queued_at, NOW + 6 * DAY);
}

/* Whatever is done to them in whatever order: nothing waits for nothing, and all of it comes to its end. */
static void
no_meeting_gets_stuck(void **state)
{
	struct database *t = *state;
	int64_t webhook = add_webhook(t), now = NOW;
	struct delivery *found;
	unsigned seed = 7;
	size_t n;

	assert_int_equal(store_webhook_fared(t->db, webhook, 1, 0), 0);
	for (int i = 0; i < 2000; i++) {
		unsigned action = (seed = seed * 1103515245 + 12345) >> 16, which = action / 8;

		now += SECOND;
		n = due(t, webhook, now, &found);
		switch (action % 8) {
		case 0: case 1: case 2:
			add_delivery(t, webhook, which % 4, now - (which % 16 == 0 ? 2 * DAY : 0));
			break;
		case 3: case 4:
			if (n > 0)
				finish(t, found[which % n].id, NULL, 0, now);
			break;
		case 5:
			if (n > 0)
				finish(t, found[which % n].id, "HTTP status 500",
				    which % 3 == 0 ? 0 : now + which % 9 * SECOND + 1, now);
			break;
		case 6:
			(void)!store_delivery_repeat(t->db, which % 200 + 1, now + DAY, now);
			break;
		default:
			assert_true(store_delivery_give_up(t->db, now, 2,
			    &(struct delivery_ids){ .id = n > 0 ? &found[which % n].id : NULL, .n = n > 0 }, now) >= 0);
		}
		assert_int_equal(stuck(t), 0);
		arena_reset(t->arena);
	}
	for (now += DAY; (n = due(t, webhook, now, &found)) > 0; arena_reset(t->arena))
		for (size_t i = 0; i < n; i++)
			finish(t, found[i].id, NULL, 0, now);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM delivery WHERE status = 'waiting'"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_webhook_begins_with_the_next_event_and_again_when_it_is_enabled),
		TEST(of_a_meeting_only_the_oldest_is_due),
		TEST(one_that_is_given_up_lets_the_next_one_go),
		TEST(an_event_is_delivered_once_to_a_webhook),
		TEST(the_old_of_those_that_cannot_be_reached_are_given_up_together),
		TEST(a_receiver_that_is_back_and_a_clock_that_went_back_hurry_what_was_put_off),
		TEST(one_that_is_repeated_waits_since_then),
		TEST(no_meeting_gets_stuck),
	};

	return cmocka_run_group_tests_name("store_webhook", tests, NULL, NULL);
}
