#include <stdio.h>

#include "../../ws-daemon/resume.h"
#include "ws_support.h"

static const struct outq_bound bound = { .bytes = 100, .frames = 3 };

struct world {
	struct message_pool	pool;
	struct resume		resume;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	resume_welcome(&w->resume, &w->pool);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	resume_free(&w->resume, &w->pool);
	message_pool_free(&w->pool);
	free(w);
	return 0;
}

static bool
push(struct world *w, const char *text)
{
	struct slice	 part = str_slice(text);
	struct message	*message = message_text(&w->pool, &part, 1);
	bool		 kept = resume_push(&w->resume, &w->pool, message, &bound);

	message_unref(&w->pool, &message);
	return kept;
}

/* What comes back to who has the frames up to seq, joined by spaces. */
static void
expect(struct world *w, uint64_t seq, const char *wanted)
{
	char	text[256] = "";
	size_t	n = 0;

	assert_int_equal(resume_return(&w->resume, seq), RESUME_OK);
	while (seq++ < w->resume.sent) {
		const struct message *message = resume_frame(&w->resume, seq);

		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.*s", n > 0 ? " " : "", (int)message->len - 2,
		    (const char *)message->data + 2);
	}
	assert_string_equal(text, wanted);
}

static void
the_welcome_is_counted_and_not_kept(void **state)
{
	struct world *w = *state;

	assert_int_equal(w->resume.sent, 1);
	assert_int_equal(w->resume.kept.count, 0);
	assert_true(resume_lose(&w->resume, &w->pool, 0, NOW_US));
	expect(w, 1, "");
}

static void
what_came_before_the_welcome_cannot_be_asked_for(void **state)
{
	struct world *w = *state;

	assert_int_equal(resume_return(&w->resume, 0), RESUME_GAP);
}

static void
the_missed_frames_come_back_in_order(void **state)
{
	struct world *w = *state;

	push(w, "a");
	push(w, "b");
	assert_true(resume_lose(&w->resume, &w->pool, 1, NOW_US));
	push(w, "c");
	expect(w, 2, "b c");
}

static void
it_works_twice_running(void **state)
{
	struct world *w = *state;

	assert_true(resume_lose(&w->resume, &w->pool, 0, NOW_US));
	push(w, "a");
	push(w, "b");
	expect(w, 1, "a b");
	assert_true(resume_lose(&w->resume, &w->pool, 2, NOW_US));
	expect(w, 1, "a b");
	expect(w, 3, "");
}

static void
an_older_number_works_as_long_as_its_frames_are_kept(void **state)
{
	struct world *w = *state;

	push(w, "a");
	push(w, "b");
	expect(w, 3, "");
	expect(w, 1, "a b");
}

static void
a_number_that_was_never_sent_is_refused(void **state)
{
	struct world *w = *state;

	push(w, "a");
	assert_int_equal(resume_return(&w->resume, 3), RESUME_AHEAD);
	assert_int_equal(resume_return(&w->resume, UINT64_MAX), RESUME_AHEAD);
	expect(w, 1, "a");
}

static void
while_the_connection_lives_the_oldest_give_way(void **state)
{
	struct world *w = *state;

	push(w, "a");
	push(w, "b");
	push(w, "c");
	assert_true(push(w, "d"));
	assert_int_equal(resume_return(&w->resume, 1), RESUME_GAP);
	expect(w, 2, "b c d");
}

static void
after_the_loss_only_what_was_written_gives_way(void **state)
{
	struct world *w = *state;

	push(w, "a");
	assert_true(resume_lose(&w->resume, &w->pool, 0, NOW_US));
	push(w, "b");
	push(w, "c");
	assert_true(push(w, "d"));
	assert_int_equal(resume_return(&w->resume, 1), RESUME_GAP);
	assert_int_equal(w->resume.kept.count, 3);
	assert_false(push(w, "e"));
	assert_true(w->resume.broken);
	assert_int_equal(w->resume.kept.count, 0);
	assert_int_equal(resume_return(&w->resume, 2), RESUME_GAP);
	assert_false(push(w, "f"));
}

static void
bytes_are_bounded_like_frames(void **state)
{
	struct world	*w = *state;
	char		 text[61];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	push(w, text);
	assert_true(push(w, text));
	assert_int_equal(w->resume.kept.count, 1);
	assert_true(resume_lose(&w->resume, &w->pool, 1, NOW_US));
	assert_false(push(w, text));
}

static void
what_never_left_must_fit_when_the_connection_is_lost(void **state)
{
	struct world *w = *state;

	push(w, "a");
	push(w, "b");
	push(w, "c");
	push(w, "d");
	assert_false(resume_lose(&w->resume, &w->pool, 4, NOW_US));
	assert_true(w->resume.broken);
}

static void
a_welcome_that_never_left_gives_nobody_a_way_back(void **state)
{
	struct world *w = *state;

	assert_false(resume_lose(&w->resume, &w->pool, 1, NOW_US));
}

static void
the_time_runs_from_the_loss_and_only_while_lost(void **state)
{
	struct world *w = *state;

	assert_false(resume_expired(&w->resume, 0, NOW_US));
	assert_true(resume_lose(&w->resume, &w->pool, 0, NOW_US));
	assert_false(resume_expired(&w->resume, 30 * US_PER_S, NOW_US + 30 * US_PER_S - 1));
	assert_true(resume_expired(&w->resume, 30 * US_PER_S, NOW_US + 30 * US_PER_S));
	assert_int_equal(resume_return(&w->resume, 1), RESUME_OK);
	assert_false(resume_expired(&w->resume, 30 * US_PER_S, NOW_US + 90 * US_PER_S));
}

/* So many small frames, of which the real bound takes more. */
static void
push_many(struct world *w, unsigned n)
{
	static const struct outq_bound	 real = { .bytes = RESUME_BYTES, .frames = RESUME_FRAMES };
	struct slice			 part = str_slice("x");
	struct message			*message;

	for (; n > 0; n--) {
		message = message_text(&w->pool, &part, 1);
		assert_true(resume_push(&w->resume, &w->pool, message, &real));
		message_unref(&w->pool, &message);
	}
}

static void
it_asks_when_many_frames_are_kept_and_once_at_a_time(void **state)
{
	struct world *w = *state;

	push_many(w, RESUME_ASK_FRAMES - 1);
	assert_false(resume_ask_due(&w->resume, 1));
	push_many(w, 1);
	assert_true(resume_ask_due(&w->resume, 1));
	assert_int_equal(resume_ask(&w->resume), w->resume.sent);
	push_many(w, RESUME_ASK_FRAMES);
	assert_false(resume_ask_due(&w->resume, 1));
}

static void
it_asks_when_many_bytes_are_kept(void **state)
{
	struct world	*w = *state;
	static const struct outq_bound large = { .bytes = RESUME_BYTES, .frames = RESUME_FRAMES };
	static const char	 text[RESUME_ASK_BYTES] = "";
	struct slice	 part = { .p = text, .n = sizeof(text) };
	struct message	*message = message_text(&w->pool, &part, 1);

	assert_true(resume_push(&w->resume, &w->pool, message, &large));
	message_unref(&w->pool, &message);
	assert_true(resume_ask_due(&w->resume, 1));
	resume_shed(&w->resume, &w->pool);
	assert_false(resume_ask_due(&w->resume, 1));
}

static void
it_asks_sooner_when_all_together_keep_much(void **state)
{
	struct world	*w = *state;
	static const struct outq_bound large = { .bytes = RESUME_BYTES, .frames = RESUME_FRAMES };
	static const char	 text[RESUME_ASK_SOON_BYTES] = "";
	struct slice	 part = { .p = text, .n = sizeof(text) };
	struct message	*message = message_text(&w->pool, &part, 1);

	push_many(w, RESUME_ASK_SOON_FRAMES - 1);
	assert_false(resume_ask_due(&w->resume, RESUME_ASK_TOGETHER));
	push_many(w, 1);
	assert_false(resume_ask_due(&w->resume, RESUME_ASK_TOGETHER - 1));
	assert_true(resume_ask_due(&w->resume, RESUME_ASK_TOGETHER));
	resume_shed(&w->resume, &w->pool);
	assert_false(resume_ask_due(&w->resume, RESUME_ASK_TOGETHER));
	assert_true(resume_push(&w->resume, &w->pool, message, &large));
	message_unref(&w->pool, &message);
	assert_true(resume_ask_due(&w->resume, RESUME_ASK_TOGETHER));
}

static void
an_answer_lets_go_what_came_before_its_ping(void **state)
{
	struct world	*w = *state;
	uint64_t	 number;

	push_many(w, 100);
	number = resume_ask(&w->resume);
	push_many(w, 2);
	resume_answered(&w->resume, &w->pool, number, 2);
	assert_int_equal(w->resume.kept.count, RESUME_TAIL_FRAMES);
	assert_int_equal(resume_return(&w->resume, number + 2 - RESUME_TAIL_FRAMES - 1), RESUME_GAP);
	assert_int_equal(resume_return(&w->resume, number + 2 - RESUME_TAIL_FRAMES), RESUME_OK);
}

static void
what_came_after_the_ping_stays_however_much_it_is(void **state)
{
	struct world	*w = *state;
	uint64_t	 number;

	push_many(w, 1);
	number = resume_ask(&w->resume);
	push_many(w, 100);
	resume_answered(&w->resume, &w->pool, number, 100);
	assert_int_equal(w->resume.kept.count, 100);
	resume_answered(&w->resume, &w->pool, number, 0);
	assert_int_equal(w->resume.kept.count, 100);
}

static void
an_answer_to_no_ping_is_ignored(void **state)
{
	struct world	*w = *state;
	uint64_t	 number;

	push_many(w, 100);
	resume_answered(&w->resume, &w->pool, 0, 0);
	resume_answered(&w->resume, &w->pool, w->resume.sent, 0);
	number = resume_ask(&w->resume);
	resume_answered(&w->resume, &w->pool, number - 1, 0);
	resume_answered(&w->resume, &w->pool, number + 1, 0);
	resume_answered(&w->resume, &w->pool, UINT64_MAX, 0);
	assert_int_equal(w->resume.kept.count, 100);
	assert_false(resume_ask_due(&w->resume, 1));
}

static void
an_answer_to_a_ping_that_has_not_left_is_ignored(void **state)
{
	struct world	*w = *state;
	uint64_t	 number;

	push_many(w, 100);
	number = resume_ask(&w->resume);
	resume_answered(&w->resume, &w->pool, number, 1);
	assert_int_equal(w->resume.kept.count, 100);
	resume_answered(&w->resume, &w->pool, number, 0);
	assert_int_equal(w->resume.kept.count, RESUME_TAIL_FRAMES);
}

static void
a_ping_is_forgotten_with_its_connection(void **state)
{
	struct world	*w = *state;
	uint64_t	 number;

	push_many(w, 100);
	number = resume_ask(&w->resume);
	assert_true(resume_lose(&w->resume, &w->pool, 0, NOW_US));
	resume_answered(&w->resume, &w->pool, number, 0);
	assert_int_equal(w->resume.kept.count, 100);
	assert_int_equal(resume_return(&w->resume, number), RESUME_OK);
	assert_int_equal(resume_ask(&w->resume), number);
	/* on a second connection, while the first looks alive */
	assert_int_equal(resume_return(&w->resume, number), RESUME_OK);
	resume_answered(&w->resume, &w->pool, number, 0);
	assert_int_equal(w->resume.kept.count, 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_welcome_is_counted_and_not_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(what_came_before_the_welcome_cannot_be_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(the_missed_frames_come_back_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(it_works_twice_running, setup, teardown),
		cmocka_unit_test_setup_teardown(an_older_number_works_as_long_as_its_frames_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(a_number_that_was_never_sent_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(while_the_connection_lives_the_oldest_give_way, setup, teardown),
		cmocka_unit_test_setup_teardown(after_the_loss_only_what_was_written_gives_way, setup, teardown),
		cmocka_unit_test_setup_teardown(bytes_are_bounded_like_frames, setup, teardown),
		cmocka_unit_test_setup_teardown(what_never_left_must_fit_when_the_connection_is_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(a_welcome_that_never_left_gives_nobody_a_way_back, setup, teardown),
		cmocka_unit_test_setup_teardown(it_asks_when_many_frames_are_kept_and_once_at_a_time, setup, teardown),
		cmocka_unit_test_setup_teardown(it_asks_when_many_bytes_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(it_asks_sooner_when_all_together_keep_much, setup, teardown),
		cmocka_unit_test_setup_teardown(an_answer_lets_go_what_came_before_its_ping, setup, teardown),
		cmocka_unit_test_setup_teardown(what_came_after_the_ping_stays_however_much_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(an_answer_to_no_ping_is_ignored, setup, teardown),
		cmocka_unit_test_setup_teardown(an_answer_to_a_ping_that_has_not_left_is_ignored, setup, teardown),
		cmocka_unit_test_setup_teardown(a_ping_is_forgotten_with_its_connection, setup, teardown),
		cmocka_unit_test_setup_teardown(the_time_runs_from_the_loss_and_only_while_lost, setup, teardown),
	};

	return cmocka_run_group_tests_name("resume", tests, NULL, NULL);
}
