/* job: queues of jobs, and what of one is moved to another. */
#include "ws_support.h"

static struct job_queue
queue_of(size_t n)
{
	struct job_queue queue = { .count = 0 };

	for (size_t i = 0; i < n; i++) {
		struct job *job = job_new(JOB_EVENTS);

		job->events.after_id = (int64_t)i;
		job_push(&queue, job);
	}
	return queue;
}

/* That these jobs are in it, one after the other, and no more; frees them. */
static void
assert_holds(struct job_queue *queue, size_t n, const int64_t *numbers)
{
	struct job *job;

	assert_int_equal(queue->count, n);
	for (size_t i = 0; i < n; i++) {
		job = job_pop(queue);
		assert_non_null(job);
		assert_int_equal(job->events.after_id, numbers[i]);
		job_free(&job);
	}
	assert_null(job_pop(queue));
	assert_null(queue->first);
	assert_null(queue->last);
	assert_int_equal(queue->count, 0);
}

static void
the_first_jobs_go_to_the_end_of_another_queue(void **state)
{
	static const struct {
		size_t	to, from, n;
		size_t	to_n, from_n;
		int64_t	to_has[4], from_has[4];
	} cases[] = {
		{ 0, 0, 3, 0, 0, { 0 }, { 0 } },
		{ 2, 0, 1, 2, 0, { 0, 1 }, { 0 } },
		{ 0, 3, 0, 0, 3, { 0 }, { 0, 1, 2 } },
		{ 0, 3, 1, 1, 2, { 0 }, { 1, 2 } },
		{ 0, 3, 2, 2, 1, { 0, 1 }, { 2 } },
		{ 0, 3, 3, 3, 0, { 0, 1, 2 }, { 0 } },
		{ 0, 3, SIZE_MAX, 3, 0, { 0, 1, 2 }, { 0 } },
		{ 1, 2, 1, 2, 1, { 0, 0 }, { 1 } },
		{ 2, 2, 2, 4, 0, { 0, 1, 0, 1 }, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		struct job_queue to = queue_of(cases[i].to), from = queue_of(cases[i].from);

		job_move(&to, &from, cases[i].n);
		assert_holds(&to, cases[i].to_n, cases[i].to_has);
		assert_holds(&from, cases[i].from_n, cases[i].from_has);
	}
}

/* What is pushed afterwards stands behind what was moved, on either side. */
static void
both_queues_go_on(void **state)
{
	struct job_queue	to = queue_of(1), from = queue_of(2), more = queue_of(2);
	struct job		*job;

	(void)state;
	job_move(&to, &from, 1);
	while ((job = job_pop(&more)) != NULL) {
		job->events.after_id += 10;
		job_push(job->events.after_id == 10 ? &to : &from, job);
	}
	assert_holds(&to, 3, (const int64_t[]){ 0, 0, 10 });
	assert_holds(&from, 2, (const int64_t[]){ 1, 11 });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_jobs_go_to_the_end_of_another_queue),
		cmocka_unit_test(both_queues_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
