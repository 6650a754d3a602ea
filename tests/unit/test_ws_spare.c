#include <sys/resource.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../ws-daemon/spare.h"

/* As few descriptors as that are left from now on. */
static struct rlimit
leave(rlim_t n)
{
	struct rlimit	was, limit;
	int		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	limit = was;
	limit.rlim_cur = (rlim_t)fd + n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return was;
}

static void
while_there_are_enough_they_are_held(void **state)
{
	struct spare spare;

	(void)state;
	spare_init(&spare);
	assert_true(spare_check(&spare));
	assert_true(spare.held);
	spare_close(&spare);
	assert_false(spare.held);
}

static void
they_are_given_up_when_hardly_any_are_left_and_taken_back_later(void **state)
{
	struct spare	spare;
	struct rlimit	was;
	int		left, fd;

	(void)state;
	spare_init(&spare);
	for (left = 0; left < 3; left++) {
		was = leave((rlim_t)left);
		assert_false(spare_check(&spare));
		assert_false(spare.held);
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);	/* what a library needs */
		assert_true(fd >= 0);
		assert_false(spare_check(&spare));
		close(fd);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
		assert_true(spare_check(&spare));
		assert_true(spare.held);
	}
	spare_close(&spare);
}

static void
they_are_not_taken_back_where_few_would_be_left(void **state)
{
	struct spare	spare;
	struct rlimit	was;

	(void)state;
	spare_init(&spare);
	was = leave(0);
	assert_false(spare_check(&spare));
	was.rlim_cur = MIN(was.rlim_cur, 1024);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	leave(BOUND_SPARE_FDS + 1);
	assert_false(spare_check(&spare));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_true(spare_check(&spare));
	spare_close(&spare);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(while_there_are_enough_they_are_held),
		cmocka_unit_test(they_are_given_up_when_hardly_any_are_left_and_taken_back_later),
		cmocka_unit_test(they_are_not_taken_back_where_few_would_be_left),
	};

	return cmocka_run_group_tests_name("spare", tests, NULL, NULL);
}
