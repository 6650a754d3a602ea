#include "ws_support.h"

struct log {
	int		 fired;
	int64_t		 at_us;
	struct wheel	*wheel;
	struct wheel_timer *other;
	int64_t		 again_us;
};

static int64_t now_us;

static void
fire(void *context, void *owner)
{
	struct log *log = owner;

	(void)context;
	log->fired++;
	log->at_us = now_us;
}

static void
run_until(struct wheel *wheel, int64_t end_us, int64_t step_us)
{
	for (; now_us < end_us; now_us += step_us)
		wheel_advance(wheel, now_us);
}

static void
a_timer_fires_once_and_at_most_a_tick_late(void **state)
{
	struct wheel		wheel;
	struct log		log = { 0 };
	struct wheel_timer	timer = { .fire = fire, .owner = &log };

	(void)state;
	now_us = NOW_US + 1;
	wheel_init(&wheel, NULL, now_us);
	wheel_set(&wheel, &timer, NOW_US + US_PER_S);
	run_until(&wheel, NOW_US + 3 * US_PER_S, 10 * US_PER_MS);
	assert_int_equal(log.fired, 1);
	assert_true(log.at_us >= NOW_US + US_PER_S);
	assert_true(log.at_us <= NOW_US + US_PER_S + WHEEL_TICK_US + 10 * US_PER_MS);
}

static void
a_timer_beyond_a_revolution_waits_its_time(void **state)
{
	struct wheel		wheel;
	struct log		log = { 0 };
	struct wheel_timer	timer = { .fire = fire, .owner = &log };

	(void)state;
	now_us = NOW_US;
	wheel_init(&wheel, NULL, now_us);
	wheel_set(&wheel, &timer, NOW_US + 300 * US_PER_S);
	run_until(&wheel, NOW_US + 299 * US_PER_S, WHEEL_TICK_US);
	assert_int_equal(log.fired, 0);
	run_until(&wheel, NOW_US + 301 * US_PER_S, WHEEL_TICK_US);
	assert_int_equal(log.fired, 1);
}

static void
a_timer_that_is_due_already_fires_at_the_next_tick(void **state)
{
	struct wheel		wheel;
	struct log		log = { 0 };
	struct wheel_timer	timer = { .fire = fire, .owner = &log };

	(void)state;
	now_us = NOW_US;
	wheel_init(&wheel, NULL, now_us);
	wheel_set(&wheel, &timer, NOW_US - US_PER_S);
	run_until(&wheel, NOW_US + 3 * WHEEL_TICK_US, WHEEL_TICK_US);
	assert_int_equal(log.fired, 1);
}

static void
a_cancelled_timer_does_not_fire_and_a_moved_one_fires_later(void **state)
{
	struct wheel		wheel;
	struct log		a = { 0 }, b = { 0 };
	struct wheel_timer	ta = { .fire = fire, .owner = &a }, tb = { .fire = fire, .owner = &b };

	(void)state;
	now_us = NOW_US;
	wheel_init(&wheel, NULL, now_us);
	wheel_set(&wheel, &ta, NOW_US + US_PER_S);
	wheel_set(&wheel, &tb, NOW_US + US_PER_S);
	wheel_cancel(&ta);
	wheel_cancel(&ta);
	wheel_set(&wheel, &tb, NOW_US + 2 * US_PER_S);
	run_until(&wheel, NOW_US + 3 * US_PER_S / 2, WHEEL_TICK_US);
	assert_int_equal(b.fired, 0);
	run_until(&wheel, NOW_US + 3 * US_PER_S, WHEEL_TICK_US);
	assert_int_equal(a.fired, 0);
	assert_int_equal(b.fired, 1);
}

static void
fire_and_cancel_other(void *context, void *owner)
{
	struct log *log = owner;

	(void)context;
	log->fired++;
	wheel_cancel(log->other);
}

static void
a_timer_may_cancel_another_of_the_same_instant(void **state)
{
	struct wheel		wheel;
	struct log		a = { 0 }, b = { 0 };
	struct wheel_timer	ta = { .fire = fire_and_cancel_other, .owner = &a };
	struct wheel_timer	tb = { .fire = fire_and_cancel_other, .owner = &b };

	(void)state;
	a.other = &tb;
	b.other = &ta;
	now_us = NOW_US;
	wheel_init(&wheel, NULL, now_us);
	wheel_set(&wheel, &ta, NOW_US + US_PER_S);
	wheel_set(&wheel, &tb, NOW_US + US_PER_S);
	run_until(&wheel, NOW_US + 2 * US_PER_S, WHEEL_TICK_US);
	assert_int_equal(a.fired + b.fired, 1);
}

static void
fire_again(void *context, void *owner)
{
	struct log *log = owner;

	(void)context;
	log->fired++;
	wheel_set(log->wheel, log->other, now_us + log->again_us);
}

static void
a_timer_may_set_itself_again(void **state)
{
	struct wheel		wheel;
	struct log		log = { .wheel = &wheel, .again_us = US_PER_S };
	struct wheel_timer	timer = { .fire = fire_again, .owner = &log };

	(void)state;
	log.other = &timer;
	now_us = NOW_US;
	wheel_init(&wheel, NULL, now_us);
	wheel_set(&wheel, &timer, NOW_US + US_PER_S);
	run_until(&wheel, NOW_US + 10 * US_PER_S + WHEEL_TICK_US, WHEEL_TICK_US);
	assert_in_range(log.fired, 9, 10);
}

static void
a_sleep_of_many_revolutions_fires_everything_that_is_due(void **state)
{
	struct wheel		wheel;
	struct log		log[3] = { { 0 } };
	struct wheel_timer	timer[3];
	int			i;

	(void)state;
	now_us = NOW_US;
	wheel_init(&wheel, NULL, now_us);
	for (i = 0; i < 3; i++) {
		timer[i] = (struct wheel_timer){ .fire = fire, .owner = &log[i] };
		wheel_set(&wheel, &timer[i], NOW_US + (i + 1) * 70 * US_PER_S);
	}
	wheel_advance(&wheel, NOW_US + 3600 * US_PER_S);
	for (i = 0; i < 3; i++)
		assert_int_equal(log[i].fired, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_timer_fires_once_and_at_most_a_tick_late),
		cmocka_unit_test(a_timer_beyond_a_revolution_waits_its_time),
		cmocka_unit_test(a_timer_that_is_due_already_fires_at_the_next_tick),
		cmocka_unit_test(a_cancelled_timer_does_not_fire_and_a_moved_one_fires_later),
		cmocka_unit_test(a_timer_may_cancel_another_of_the_same_instant),
		cmocka_unit_test(a_timer_may_set_itself_again),
		cmocka_unit_test(a_sleep_of_many_revolutions_fires_everything_that_is_due),
	};

	return cmocka_run_group_tests_name("wheel", tests, NULL, NULL);
}
