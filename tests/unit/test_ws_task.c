#include "../../ws-daemon/task.h"
#include "conf.h"
#include "database.h"

/* The daemon's task on the test's database, with a number of old events. */
static struct task *
open_with_events(struct database *t, int count)
{
	struct conf	 conf = { .database = t->path, .database_busy_timeout = 5 * SECOND };
	struct task	*task;
	char		 error[256];

	assert_int_equal(db_begin(t->db, true), 0);
	for (int i = 0; i < count; i++)
		assert_int_not_equal(db_exec(t->db, "INSERT INTO event (type, body, created_at)"
		    " VALUES ('meeting_updated', '{}', $1)", DB_INT(NOW + i)), -1);
	assert_int_equal(db_commit(t->db), 0);
	task = task_open(&conf, NULL, error, sizeof(error));
	assert_non_null(task);
	return (task);
}

/* Is there more? */
static bool
tidy(struct task *task, int64_t before_us)
{
	struct job_queue	 batch = { .count = 0 };
	struct job		*job = job_new(JOB_TIDY);
	bool			 more;

	job->tidy = (struct purge){ .before_us = { [PURGE_EVENTS] = before_us } };
	job_push(&batch, job);
	assert_int_equal(task_run(task, &batch), JOB_DONE);
	more = job->tidy.more;
	job_free(&job);
	return (more);
}

static int64_t
events_left(struct database *t)
{
	int64_t count;

	assert_int_equal(db_one_int(db_query(t->db, "SELECT count(*) FROM event"), &count), 1);
	return (count);
}

static void
a_tidying_goes_on_until_there_is_no_more(void **state)
{
	struct database	*t = *state;
	struct task	*task = open_with_events(t, 2000);

	while (tidy(task, NOW + SECOND))
		assert_true(events_left(t) > 0);
	assert_int_equal(events_left(t), 1);
	task_close(&task);
}

static void
what_is_not_old_enough_stays(void **state)
{
	struct database	*t = *state;
	struct task	*task = open_with_events(t, 10);

	while (tidy(task, NOW + 3))	/* a slow machine takes more than one step */
		assert_in_range(events_left(t), 7, 10);
	assert_int_equal(events_left(t), 7);
	task_close(&task);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, database_setup, database_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_tidying_goes_on_until_there_is_no_more),
		TEST(what_is_not_old_enough_stays),
	};

	return cmocka_run_group_tests_name("task", tests, NULL, NULL);
}
