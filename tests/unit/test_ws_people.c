#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../ws-daemon/people.h"
#include "../../ws-daemon/session.h"

#define SESSIONS	1000
#define USERS		130	/* some share a bucket of any table that is smaller */

static size_t
count(const struct people *people, int64_t user_id)
{
	const struct session	*session;
	size_t			 n = 0;

	for (session = people_first(people, user_id); session != NULL; session = people_next(session)) {
		assert_int_equal(session->user_id, user_id);
		n++;
	}
	return n;
}

static void
each_user_has_their_own_sessions_however_many_come_and_go(void **state)
{
	static struct session	session[SESSIONS];
	struct people		people = { .bucket = NULL };
	size_t			expected[USERS] = { 0 }, i;

	(void)state;
	assert_int_equal(count(&people, 1), 0);
	for (i = 0; i < SESSIONS; i++) {
		session[i].user_id = (int64_t)(i * 7 % USERS);
		people_add(&people, &session[i]);
		expected[session[i].user_id]++;
		if (i % 3 == 0) {
			people_remove(&people, &session[i / 2]);
			expected[session[i / 2].user_id]--;
			people_add(&people, &session[i / 2]);
			expected[session[i / 2].user_id]++;
		}
	}
	for (i = 0; i < SESSIONS; i += 2) {
		people_remove(&people, &session[i]);
		people_remove(&people, &session[i]);	/* twice is once */
		expected[session[i].user_id]--;
	}
	for (i = 0; i < USERS; i++)
		assert_int_equal(count(&people, (int64_t)i), expected[i]);
	assert_int_equal(people.sessions, SESSIONS / 2);
	assert_true(people.buckets >= SESSIONS / 2 && people.buckets <= 2 * SESSIONS);
	people_free(&people);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_user_has_their_own_sessions_however_many_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
