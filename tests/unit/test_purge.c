/* purge: what is over is forgotten when its time is over, and nothing else. */
#include "clock.h"
#include "database.h"
#include "purge.h"
#include "store_audit.h"
#include "store_call.h"
#include "store_idem.h"
#include "store_login.h"
#include "store_webhook.h"

#define HOUR	(3600 * SECOND)
#define DAY	(24 * HOUR)

/* Everything is kept for ever, but what a test says. */
static const struct conf	keeper = { .event_keep = 365 * DAY };

static struct purge
purge_all(struct database *t, const struct conf *conf)
{
	struct purge	purge;

	purge_plan(&purge, conf, NOW);
	do {
		assert_int_equal(db_begin(t->db, true), 0);
		assert_int_equal(purge_step(t->db, &purge, 1), 0);	/* so that it takes many steps */
		assert_int_equal(db_commit(t->db), 0);
	} while (purge.more);
	return (purge);
}

static void
add_call(struct database *t, int64_t meeting_id, int64_t ended_us, int attendance)
{
	char	session[32];
	int64_t	id = database_start_call(t->db, meeting_id, ended_us - HOUR);

	for (int i = 0; i < attendance; i++) {
		snprintf(session, sizeof(session), "s%d", i);
		assert_int_equal(store_call_attend(t->db, id, GUEST, session, ended_us - HOUR + i), 0);
	}
	assert_int_equal(store_call_end(t->db, id, "ended", ended_us), 1);
}

static void
calls_go_with_their_attendance_when_call_keep_is_over(void **state)
{
	struct database	*t = *state;
	struct conf	 conf = keeper;
	int64_t		 meeting_id = database_add_meeting(t->db, "M");
	struct purge	 purge;

	for (int i = 10; i >= 1; i--)
		add_call(t, meeting_id, NOW - i * DAY, 30);
	(void)database_start_call(t->db, meeting_id, NOW - 100 * DAY);
	conf.call_keep = 5 * DAY + HOUR;
	purge = purge_all(t, &conf);
	assert_int_equal(purge.deleted[PURGE_CALLS], 5 * 31);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM call"), 6);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM attendance"), 5 * 30);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM call WHERE status = 'active'"), 1);
}

static void
with_0_calls_sessions_and_the_trail_are_kept_for_ever(void **state)
{
	struct database		*t = *state;
	const struct audit_from	 from = { .origin = "x" };
	const struct audit	 audit = { .action = AUDIT_CALL_START };
	struct purge		 purge;

	add_call(t, database_add_meeting(t->db, "M"), 10 * DAY, 1);
	assert_int_equal(store_audit_add(t->db, &audit, &from, 1), 0);
	assert_int_equal(db_exec(t->db, "INSERT INTO login (user_id, address, user_agent, created_at, last_used_at,"
	    " expires_at, revoked_at) VALUES (1, '', '', 1, 1, $1, 2)", DB_INT(NOW + DAY)), 1);
	purge = purge_all(t, &keeper);
	for (size_t i = 0; i < PURGE_TABLES; i++)
		assert_int_equal(purge.deleted[i], 0);
}

static void
the_trail_goes_when_audit_keep_is_over(void **state)
{
	struct database		*t = *state;
	struct conf		 conf = keeper;
	const struct audit_from	 from = { .origin = "x" };
	const struct audit	 audit = { .action = AUDIT_CALL_START };

	for (int i = 200; i >= 1; i--)
		assert_int_equal(store_audit_add(t->db, &audit, &from, NOW - i * DAY), 0);
	conf.audit_keep = 100 * DAY;
	assert_int_equal(purge_all(t, &conf).deleted[PURGE_AUDIT], 100);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM audit"), 100);
}

static void
ended_sessions_go_after_session_keep_and_expired_ones_at_once(void **state)
{
	struct database	*t = *state;
	struct conf	 conf = keeper;
	struct login	 login = { .user_id = HOST, .address = "", .user_agent = "", .expires_at = NOW + DAY };
	char		 hash[32];
	int64_t		 id[4];

	for (int i = 0; i < 4; i++) {
		login.expires_at = i == 3 ? NOW - 1 : NOW + DAY;
		assert_int_equal(store_login_create(t->db, &login, &id[i]), 0);
		for (int k = 0; k < 100; k++) {
			snprintf(hash, sizeof(hash), "%d %d", i, k);
			assert_int_equal(store_login_add_refresh(t->db, hash, id[i], NOW, NOW + DAY), 0);
		}
	}
	assert_int_equal(store_login_revoke(t->db, id[0], HOST, NOW - 3 * DAY), 1);
	assert_int_equal(store_login_revoke(t->db, id[1], HOST, NOW - DAY), 1);
	conf.session_keep = 2 * DAY;
	(void)purge_all(t, &conf);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM login"), 2);
	assert_int_equal(database_int(t->db, "SELECT min(id) FROM login"), id[1]);
	assert_int_equal(database_int(t->db, "SELECT max(id) FROM login"), id[2]);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM refresh_token"), 200);
}

/* Its tokens may still come (identity.h). */
static void
an_ended_session_of_a_provider_stays_until_it_expires(void **state)
{
	struct database	*t = *state;
	struct conf	 conf = keeper;
	struct login	 login = { .user_id = HOST, .address = "", .user_agent = "", .expires_at = NOW + DAY };
	int64_t		 id = 0;

	assert_int_equal(store_login_create(t->db, &login, &id), 0);
	assert_int_equal(db_exec(t->db, "INSERT INTO identity (issuer, subject, user_id, created_at)"
	    " VALUES ('i', 's', 1, 1)"), 1);
	assert_int_equal(db_exec(t->db, "INSERT INTO identity_login (identity_id, session, login_id)"
	    " VALUES (1, '', $1)", DB_INT(id)), 1);
	assert_int_equal(store_login_revoke(t->db, id, HOST, NOW - 3 * DAY), 1);
	conf.session_keep = DAY;
	(void)purge_all(t, &conf);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM login"), 1);
}

static void
kept_replies_go_after_a_day_and_failed_sign_ins_too(void **state)
{
	struct database		*t = *state;
	const struct idem	 idem = { .request_hash = "h", .status = 201, .body = "{}" };

	assert_int_equal(store_idem_add(t->db, HOST, "old", &idem, NOW - DAY - 1), 0);
	assert_int_equal(store_idem_add(t->db, HOST, "new", &idem, NOW - DAY + 1), 0);
	assert_int_equal(store_login_failed(t->db, "old@unio.test", "x", NOW - DAY - 1, HOUR), 0);
	assert_int_equal(store_login_failed(t->db, "new@unio.test", "x", NOW - DAY + 1, HOUR), 0);
	(void)purge_all(t, &keeper);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM idempotency WHERE key = 'new'"), 1);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM idempotency"), 1);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM login_failure"), 1);
}

static void
add_webhook(struct database *t, int64_t *id_r)
{
	const struct webhook	webhook = { .url = "https://example.org/", .events = "", .secret = "x" };

	assert_int_equal(store_webhook_add(t->db, &webhook, NOW, id_r), 0);
}

/* done_at: 0: they wait. */
static void
add_deliveries(struct database *t, int64_t webhook_id, int n, int64_t done_at)
{
	assert_int_equal(db_exec(t->db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)"
	    " INSERT INTO delivery (webhook_id, message_id, meeting_id, type, body, status, give_up_at, created_at,"
	    " queued_at, done_at) SELECT $1, hex(randomblob(8)), i, 'call_started', '{}',"
	    " CASE WHEN $3 = 0 THEN 'waiting' ELSE 'delivered' END, 1, 1, 1, nullif($3, 0) FROM n",
	    DB_INT(webhook_id), DB_INT(n), DB_INT(done_at)), n);
}

/* A delete that was killed has left them; the clock may have been ahead then. */
static void
what_a_deleted_webhook_has_left_goes_and_then_itself(void **state)
{
	struct database	*t = *state;
	struct conf	 conf = keeper;
	int64_t		 deleted = 0, kept = 0;

	conf.webhook_keep = 7 * DAY;
	add_webhook(t, &deleted);
	add_webhook(t, &kept);
	add_deliveries(t, deleted, 120, 0);
	add_deliveries(t, deleted, 7, NOW);
	add_deliveries(t, kept, 30, 0);
	assert_int_equal(store_webhook_delete(t->db, deleted, NOW + DAY), 1);
	assert_int_equal(purge_all(t, &conf).deleted[PURGE_DELIVERIES], 127);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM delivery"), 30);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM webhook"), 1);
	assert_int_equal(database_int(t->db, "SELECT id FROM webhook"), kept);
}

static void
deliveries_go_when_webhook_keep_is_over_and_never_while_they_wait(void **state)
{
	struct database	*t = *state;
	struct conf	 conf = keeper;
	int64_t		 id = 0;

	conf.webhook_keep = 7 * DAY;
	add_webhook(t, &id);
	add_deliveries(t, id, 110, NOW - 7 * DAY - 1);
	add_deliveries(t, id, 5, NOW - 7 * DAY);
	add_deliveries(t, id, 3, 0);
	assert_int_equal(purge_all(t, &conf).deleted[PURGE_DELIVERIES], 110);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM delivery"), 8);
}

/* What one transaction does is bounded by time, however much there is. */
static void
a_step_ends_when_its_time_is_up(void **state)
{
	struct database	*t = *state;
	struct conf	 conf = keeper;
	struct purge	 purge;
	int64_t		 began_us;

	assert_int_equal(db_begin(t->db, true), 0);
	assert_int_not_equal(db_exec(t->db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 100000) INSERT INTO audit (created_at, action, actor_id, origin)"
	    " SELECT i, 'call.start', 1, 'x' FROM n"), -1);
	assert_int_equal(db_commit(t->db), 0);
	conf.audit_keep = DAY;
	purge_plan(&purge, &conf, NOW);
	began_us = clock_mono_us();
	assert_int_equal(db_begin(t->db, true), 0);
	assert_int_equal(purge_step(t->db, &purge, PURGE_BUDGET_US), 0);
	assert_int_equal(db_commit(t->db), 0);
	assert_true(purge.more);
	assert_true(purge.deleted[PURGE_AUDIT] > 0 && purge.deleted[PURGE_AUDIT] < 100000);
	assert_true(clock_mono_us() - began_us < SECOND);	/* sanitizers included; see test_purge_lock.c */
}

/* A clock that was ahead has left more at the front of the trail than anybody looks through. */
static void
rows_of_the_future_keep_no_older_ones(void **state)
{
	struct database	*t = *state;
	struct conf	 conf = keeper;

	assert_int_equal(db_begin(t->db, true), 0);
	assert_int_not_equal(db_exec(t->db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 3000) INSERT INTO audit (created_at, action, actor_id, origin)"
	    " SELECT CASE WHEN i <= 2000 THEN $1 ELSE i END, 'call.start', 1, 'x' FROM n",
	    DB_INT(NOW + 3650 * DAY)), -1);
	assert_int_equal(db_commit(t->db), 0);
	conf.audit_keep = DAY;
	assert_int_equal(purge_all(t, &conf).deleted[PURGE_AUDIT], 1000);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM audit"), 2000);
}

/* The same with calls: they have the first ids, and end when nobody is there any more. */
static void
calls_of_the_future_keep_no_older_ones(void **state)
{
	struct database	*t = *state;
	struct conf	 conf = keeper;
	int64_t		 meeting_id = database_add_meeting(t->db, "M");

	assert_int_equal(db_begin(t->db, true), 0);
	for (int i = 0; i < 1200; i++)
		add_call(t, meeting_id, NOW + 3650 * DAY, 0);
	for (int i = 0; i < 60; i++)
		add_call(t, meeting_id, NOW - 10 * DAY, 2);
	assert_int_equal(db_commit(t->db), 0);
	conf.call_keep = DAY;
	assert_int_equal(purge_all(t, &conf).deleted[PURGE_CALLS], 60 * 3);
	assert_int_equal(database_int(t->db, "SELECT count(*) FROM call"), 1200);
}

/* Whatever the clock says: rows and their index entries are what a commit writes, and bodies. */
static void
a_transaction_deletes_a_bounded_number_of_rows(void **state)
{
	struct database	*t = *state;
	struct conf	 conf = keeper;
	int64_t		 before, most = 0, steps = 0, webhook_id = 0;
	struct purge	 purge;

	assert_int_equal(db_begin(t->db, true), 0);
	assert_int_not_equal(db_exec(t->db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 9000) INSERT INTO audit (created_at, action, actor_id, origin)"
	    " SELECT i, 'call.start', 1, 'x' FROM n"), -1);
	assert_int_equal(db_commit(t->db), 0);
	for (int i = 0; i < 10; i++)
		add_call(t, i == 0 ? database_add_meeting(t->db, "M") : 1, NOW - 10 * DAY + i, 700);
	add_webhook(t, &webhook_id);
	add_deliveries(t, webhook_id, 2000, 1);
	conf.audit_keep = conf.call_keep = conf.webhook_keep = DAY;
	purge_plan(&purge, &conf, NOW);
	do {
		before = database_int(t->db, "SELECT total_changes()");
		assert_int_equal(db_begin(t->db, true), 0);
		assert_int_equal(purge_step(t->db, &purge, 3600 * SECOND), 0);	/* time enough for all of it */
		assert_int_equal(db_commit(t->db), 0);
		most = MAX(most, database_int(t->db, "SELECT total_changes()") - before);
		steps++;
	} while (purge.more);
	print_message("# at most %lld rows were changed in a transaction\n", (long long)most);
	assert_true(steps >= (9000 + 7000 + 10 * 2000) / PURGE_STEP_ROWS);
	assert_true(most <= PURGE_STEP_ROWS + PURGE_STEP_ROWS / 10);
	assert_int_equal(database_int(t->db, "SELECT (SELECT count(*) FROM audit) +"
	    " (SELECT count(*) FROM attendance) + (SELECT count(*) FROM delivery)"), 0);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, database_setup_users, database_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(calls_go_with_their_attendance_when_call_keep_is_over),
		TEST(with_0_calls_sessions_and_the_trail_are_kept_for_ever),
		TEST(the_trail_goes_when_audit_keep_is_over),
		TEST(ended_sessions_go_after_session_keep_and_expired_ones_at_once),
		TEST(an_ended_session_of_a_provider_stays_until_it_expires),
		TEST(kept_replies_go_after_a_day_and_failed_sign_ins_too),
		TEST(what_a_deleted_webhook_has_left_goes_and_then_itself),
		TEST(deliveries_go_when_webhook_keep_is_over_and_never_while_they_wait),
		TEST(a_step_ends_when_its_time_is_up),
		TEST(rows_of_the_future_keep_no_older_ones),
		TEST(calls_of_the_future_keep_no_older_ones),
		TEST(a_transaction_deletes_a_bounded_number_of_rows),
	};

	return (cmocka_run_group_tests_name("purge", tests, NULL, NULL));
}
