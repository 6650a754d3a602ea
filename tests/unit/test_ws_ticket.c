/* The way in by ticket: first whose it is, then what everybody is asked; and how long that may take. */
#include "ws_support.h"

/* A connection with a ticket. */
static struct conn *
knock_with_ticket(struct hub *hub)
{
	struct hello hello;

	hello_init(&hello);
	hello.meeting_id = 1;
	hello.last_event_id = 4;
	hello_protocols(&hello, "unio.v1, unio.ticket.aaaaaaaaaaaaaaaaaaaaaa");
	return hub_open(hub, &hello, "192.0.2.1", NULL);
}

static void
a_ticket_is_a_question_for_the_writer_that_is_asked_once(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = knock_with_ticket(hub);
	struct job	*job = support_job(hub, JOB_TICKET);

	assert_string_equal(job->ticket.text, "aaaaaaaaaaaaaaaaaaaaaa");
	assert_int_equal(job->ticket.meeting_id, 1);
	assert_true(job_writes(job));
	assert_false(job_persists(job));
	job->ticket.refusal = CLOSING_TICKET;
	hub_answer(hub, job);
	assert_int_equal(conn->close, CLOSING_TICKET);
	support_expect_part(hub, conn, "\"code\":\"ticket_stale\"");
	support_no_job(hub);
}

/* In one line with the events, or one that comes between the two would be missed. */
static void
the_picture_of_whoever_came_with_a_ticket_is_the_readers(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = knock_with_ticket(hub);
	struct job	*job = support_job(hub, JOB_TICKET);

	job->ticket.user_id = 2;
	job->ticket.login_id = 102;
	hub_answer(hub, job);
	assert_int_equal(conn->state, CONN_CHECKING);
	job = support_job(hub, JOB_ACCESS);
	assert_false(job_writes(job));
	assert_null(job->access.token);
	assert_int_equal(job->access.user_id, 2);
	assert_int_equal(job->access.login_id, 102);
	assert_int_equal(job->access.last_event_id, 4);
	support_grant(job, 2);
	hub_answer(hub, job);
	assert_int_equal(conn->state, CONN_JOINED);
}

static void
both_questions_of_a_ticket_have_the_time_of_one(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = knock_with_ticket(hub);
	struct job	*job = support_job(hub, JOB_TICKET);

	support_pass(hub, 9 * US_PER_S);
	hub_answer(hub, job);
	job = support_job(hub, JOB_ACCESS);
	support_pass(hub, 2 * US_PER_S);
	assert_int_equal(conn->close, CLOSING_UNAVAILABLE);
	support_grant(job, 2);
	hub_answer(hub, job);
	assert_int_equal(hub->sessions, 0);
}

static void
a_token_is_a_question_for_the_reader(void **state)
{
	struct hub	*hub = *state;
	struct job	*job;

	support_knock(hub, 1, false);
	job = support_job(hub, JOB_ACCESS);
	assert_false(job_writes(job));
	job_free(&job);
}

static void
an_answer_that_takes_too_long_is_not_waited_for(void **state)
{
	struct hub	*hub = *state;
	struct conn	*conn = support_knock(hub, 1, false);
	struct job	*job = support_job(hub, JOB_ACCESS);

	support_pass(hub, 9 * US_PER_S);
	assert_int_equal(conn->close, 0);
	support_pass(hub, 2 * US_PER_S);
	assert_int_equal(conn->close, CLOSING_UNAVAILABLE);
	support_grant(job, 1);
	hub_answer(hub, job);
	assert_int_equal(hub->sessions, 0);
}

static void
only_what_is_tried_again_alike_shares_a_transaction(void **state)
{
	static const struct {
		enum job_type	first, second;
		bool		together;
	} cases[] = {
		{ JOB_TICKET, JOB_TICKET, true }, { JOB_ATTEND, JOB_LEASE, true }, { JOB_TICKET, JOB_ATTEND, false },
		{ JOB_ATTEND, JOB_TICKET, false }, { JOB_ATTEND, JOB_TIDY, false }, { JOB_ACCESS, JOB_EVENTS, true },
		{ JOB_ACCESS, JOB_KEYS, false }, { JOB_ACCESS, JOB_TICKET, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		struct job *first = job_new(cases[i].first), *second = job_new(cases[i].second);

		assert_int_equal(job_batches(first, second), cases[i].together);
		job_free(&first);
		job_free(&second);
	}
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, support_setup, support_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_ticket_is_a_question_for_the_writer_that_is_asked_once),
		TEST(the_picture_of_whoever_came_with_a_ticket_is_the_readers),
		TEST(both_questions_of_a_ticket_have_the_time_of_one),
		TEST(a_token_is_a_question_for_the_reader),
		TEST(an_answer_that_takes_too_long_is_not_waited_for),
		TEST(only_what_is_tried_again_alike_shares_a_transaction),
	};

	return cmocka_run_group_tests_name("ticket", tests, NULL, NULL);
}
