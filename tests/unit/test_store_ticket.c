/* store_ticket: tickets are used once, in time, where they belong. */
#include "database.h"
#include "store_ticket.h"

#define TTL	(30 * SECOND)

struct scene {
	struct database	*base;
	int64_t		 meeting_id;
	struct ticket	 ticket;
	char		 text[TICKET_SIZE];
};

static int
setup(void **state)
{
	struct scene *t = calloc(1, sizeof(*t));
	void *base;

	database_setup_users(&base);
	t->base = base;
	t->meeting_id = database_add_meeting(t->base->db, "A meeting");
	assert_int_equal(db_exec(t->base->db, "INSERT INTO login (id, user_id, address, user_agent, created_at,"
	    " last_used_at, expires_at) VALUES (7, 2, '', '', 0, 0, 0)"), 1);
	t->ticket = (struct ticket){ GUEST, 7, t->meeting_id, NOW + TTL };
	assert_int_equal(store_ticket_issue(t->base->db, &t->ticket, t->text), 0);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *t = *state;
	void *base = t->base;

	database_teardown(&base);
	free(t);
	return 0;
}

static int
burn(struct scene *t, const char *text, int64_t meeting_id, int64_t now_us)
{
	struct ticket ticket;

	return store_ticket_burn(t->base->db, text, strlen(text), meeting_id, now_us, &ticket);
}

static void
a_ticket_says_once_whose_it_is(void **state)
{
	struct scene *t = *state;
	struct ticket ticket;

	assert_int_equal(strlen(t->text), 22);
	assert_int_equal(store_ticket_burn(t->base->db, t->text, TICKET_CHARS, t->meeting_id, NOW, &ticket), 1);
	assert_memory_equal(&ticket, &t->ticket, sizeof(ticket));
	assert_int_equal(burn(t, t->text, t->meeting_id, NOW), 0);
}

static void
a_ticket_works_until_its_end_and_no_longer(void **state)
{
	struct scene *t = *state;

	assert_int_equal(burn(t, t->text, t->meeting_id, NOW + TTL), 0);
	assert_int_equal(store_ticket_issue(t->base->db, &t->ticket, t->text), 0);
	assert_int_equal(burn(t, t->text, t->meeting_id, NOW + TTL - 1), 1);
}

static void
a_ticket_shown_elsewhere_is_used_up(void **state)
{
	struct scene *t = *state;

	assert_int_equal(burn(t, t->text, t->meeting_id + 1, NOW), 0);
	assert_int_equal(burn(t, t->text, t->meeting_id, NOW), 0);
}

static void
what_is_no_ticket_is_unknown_and_costs_nothing(void **state)
{
	static const char *const bad[] = { "", "short", "0123456789012345678901", "01234567890123456789012",
	    "012345678901234567890*", "012345678901234567890\n" };
	struct scene *t = *state;

	for (size_t i = 0; i < COUNTOF(bad); i++)
		assert_int_equal(burn(t, bad[i], t->meeting_id, NOW), 0);
	assert_int_equal(burn(t, t->text, t->meeting_id, NOW), 1);
}

static void
the_text_stands_nowhere_in_the_database(void **state)
{
	struct scene *t = *state;
	char hash[DIGEST_SHA256_SIZE];

	assert_true(ticket_hash(t->text, TICKET_CHARS, hash));
	assert_int_equal(db_exec(t->base->db, "DELETE FROM ticket WHERE hash = $1", DB_TEXT(t->text)), 0);
	assert_int_equal(db_exec(t->base->db, "DELETE FROM ticket WHERE hash = $1", DB_TEXT(hash)), 1);
}

static void
purging_takes_the_expired_up_to_the_limit(void **state)
{
	struct scene *t = *state;
	char text[TICKET_SIZE];

	for (int i = 1; i <= 3; i++) {
		t->ticket.expires_at = NOW - i * SECOND;
		assert_int_equal(store_ticket_issue(t->base->db, &t->ticket, text), 0);
	}
	assert_true(store_ticket_purge(t->base->db, NOW, 2) >= 0);
	assert_int_equal(database_int(t->base->db, "SELECT count(*) FROM ticket"), 2);
	assert_true(store_ticket_purge(t->base->db, NOW, 20) >= 0);
	assert_int_equal(burn(t, t->text, t->meeting_id, NOW), 1);
	assert_int_equal(database_int(t->base->db, "SELECT count(*) FROM ticket"), 0);
}

static void
tickets_go_with_their_login_session(void **state)
{
	struct scene *t = *state;

	assert_int_equal(db_exec(t->base->db, "DELETE FROM login WHERE id = 7"), 1);
	assert_int_equal(burn(t, t->text, t->meeting_id, NOW), 0);
}

static void
nothing_is_looked_for_row_by_row(void **state)
{
	struct scene *t = *state;
	int64_t before = db_scanned(t->base->db);

	assert_true(store_ticket_purge(t->base->db, NOW, 2) >= 0);
	assert_int_equal(burn(t, t->text, t->meeting_id, NOW), 1);
	assert_int_equal(db_scanned(t->base->db), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_ticket_says_once_whose_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(a_ticket_works_until_its_end_and_no_longer, setup, teardown),
		cmocka_unit_test_setup_teardown(a_ticket_shown_elsewhere_is_used_up, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_ticket_is_unknown_and_costs_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(the_text_stands_nowhere_in_the_database, setup, teardown),
		cmocka_unit_test_setup_teardown(purging_takes_the_expired_up_to_the_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(tickets_go_with_their_login_session, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_looked_for_row_by_row, setup, teardown),
	};

	return cmocka_run_group_tests_name("store_ticket", tests, NULL, NULL);
}
