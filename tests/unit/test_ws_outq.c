#include "ws_support.h"

static const struct outq_bound bound = { .bytes = 100, .frames = 3 };

static struct message *
text(struct message_pool *pool, const char *s)
{
	struct slice part = str_slice(s);

	return message_text(pool, &part, 1);
}

static void
a_short_message_has_a_header_of_two_bytes(void **state)
{
	struct message_pool	 pool = { .free = { NULL } };
	struct message		*m = text(&pool, "hello");

	(void)state;
	assert_int_equal(m->len, 7);
	assert_memory_equal(m->data, "\x81\x05hello", 7);
	message_unref(&pool, &m);
	assert_null(m);
	message_pool_free(&pool);
}

static void
lengths_are_written_in_their_shortest_form(void **state)
{
	static const struct { size_t payload, head; } cases[] = {
		{ 0, 2 }, { 125, 2 }, { 126, 4 }, { 65535, 4 }, { 65536, 10 }, { 200000, 10 }
	};
	struct message_pool	 pool = { .free = { NULL } };
	struct message		*m;
	char			*payload = calloc(1, 200000);
	size_t			 i, n, k, head;

	(void)state;
	for (i = 0; i < COUNTOF(cases); i++) {
		n = cases[i].payload;
		head = cases[i].head;
		m = message_text(&pool, &(struct slice){ .p = payload, .n = n }, 1);
		assert_int_equal(m->len, n + head);
		assert_int_equal(m->data[0], 0x81);
		assert_int_equal(m->data[1], head == 2 ? n : head == 4 ? 126 : 127);
		for (k = 2, n = 0; k < head; k++)
			n = n << 8 | m->data[k];
		if (head > 2)
			assert_int_equal(n, cases[i].payload);
		message_unref(&pool, &m);
	}
	free(payload);
	message_pool_free(&pool);
}

static void
parts_are_joined_and_empty_ones_do_no_harm(void **state)
{
	struct message_pool	 pool = { .free = { NULL } };
	struct slice		 parts[] = { { "ab", 2 }, { NULL, 0 }, { "c", 1 } };
	struct message		*m = message_text(&pool, parts, 3);

	(void)state;
	assert_memory_equal(m->data, "\x81\x03" "abc", 5);
	message_unref(&pool, &m);
	message_pool_free(&pool);
}

static void
memory_comes_back_from_the_pool(void **state)
{
	struct message_pool	 pool = { .free = { NULL } };
	struct message		*first = text(&pool, "a"), *was = first, *second;

	(void)state;
	message_unref(&pool, &first);
	second = text(&pool, "b");
	assert_ptr_equal(second, was);
	message_unref(&pool, &second);
	message_pool_free(&pool);
}

static void
a_message_takes_a_quarter_more_memory_than_it_needs_at_most(void **state)
{
	struct message_pool	 pool = { .free = { NULL } };
	struct message		*m;
	char			*payload = calloc(1, 150000);
	size_t			 n;

	(void)state;
	for (n = 100; n <= 150000; n += n < 5000 ? 1 : 97) {
		m = message_text(&pool, &(struct slice){ .p = payload, .n = n }, 1);
		assert_in_range(m->size, m->data + m->len - (unsigned char *)m, (n + 40) * 5 / 4);
		assert_int_equal(pool.bytes, m->size);
		assert_int_equal(m->size_class == MESSAGE_CLASSES, m->size > 128 * 1024);
		message_unref(&pool, &m);
		assert_int_equal(pool.bytes, 0);
	}
	free(payload);
	message_pool_free(&pool);
	assert_int_equal(pool.spare, 0);
}

static void
the_pool_keeps_some_memory_and_not_all(void **state)
{
	struct message_pool	 pool = { .free = { NULL } };
	struct message		*m[200];
	char			*payload = calloc(1, 60000);
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNTOF(m); i++)
		m[i] = message_text(&pool, &(struct slice){ .p = payload, .n = 60000 }, 1);
	assert_true(pool.bytes > 10 * 1024 * 1024);
	for (i = 0; i < COUNTOF(m); i++)
		message_unref(&pool, &m[i]);
	assert_int_equal(pool.bytes, 0);
	assert_in_range(pool.spare, 4 * 1024 * 1024, 5 * 1024 * 1024);
	free(payload);
	message_pool_free(&pool);
}

static void
a_queue_gives_back_what_was_put_in_in_order(void **state)
{
	struct message_pool	 pool = { .free = { NULL } };
	struct outq		 q = { .ring = NULL };
	struct message		*m;
	unsigned char		 dst[64];

	(void)state;
	m = text(&pool, "one");
	outq_push(&q, m);
	message_unref(&pool, &m);
	m = text(&pool, "two");
	outq_push(&q, m);
	message_unref(&pool, &m);
	assert_int_equal(q.bytes, 10);
	assert_int_equal(outq_gather(&q, &pool, dst, sizeof(dst)), 10);
	assert_memory_equal(dst, "\x81\x03one\x81\x03two", 10);
	assert_int_equal(q.count, 0);
	assert_int_equal(q.bytes, 0);
	outq_free(&q, &pool);
	message_pool_free(&pool);
}

static void
gathering_takes_whole_messages_only(void **state)
{
	struct message_pool	 pool = { .free = { NULL } };
	struct outq		 q = { .ring = NULL };
	struct message		*m = text(&pool, "12345");
	unsigned char		 dst[13];

	(void)state;
	outq_push(&q, m);
	outq_push(&q, m);
	message_unref(&pool, &m);
	assert_int_equal(outq_gather(&q, &pool, dst, 6), 0);
	assert_int_equal(outq_gather(&q, &pool, dst, sizeof(dst)), 7);
	assert_int_equal(q.count, 1);
	m = outq_pop(&q);
	assert_int_equal(m->len, 7);
	message_unref(&pool, &m);
	assert_null(outq_pop(&q));
	outq_free(&q, &pool);
	message_pool_free(&pool);
}

static void
one_message_serves_many_queues(void **state)
{
	struct message_pool	 pool = { .free = { NULL } };
	struct outq		 a = { .ring = NULL }, b = { .ring = NULL };
	struct message		*m = text(&pool, "x");

	(void)state;
	outq_push(&a, m);
	outq_push(&b, m);
	assert_int_equal(m->refs, 3);
	message_unref(&pool, &m);
	outq_free(&a, &pool);
	assert_int_equal(outq_at(&b, 0)->refs, 1);
	outq_free(&b, &pool);
	message_pool_free(&pool);
}

static void
the_bound_counts_frames_and_bytes_and_spares_pings(void **state)
{
	struct message_pool	 pool = { .free = { NULL } };
	struct outq		 q = { .ring = NULL };
	struct message		*small = text(&pool, "x"), *ping = message_ping(&pool, NULL, 0), *large;
	char			 filler[98] = "";
	int			 i;

	(void)state;
	large = message_text(&pool, &(struct slice){ .p = filler, .n = sizeof(filler) }, 1);
	assert_true(outq_fits(&q, large, &bound));
	outq_push(&q, small);
	assert_false(outq_fits(&q, large, &bound));
	for (i = 0; i < 2; i++) {
		assert_true(outq_fits(&q, small, &bound));
		outq_push(&q, small);
	}
	assert_false(outq_fits(&q, small, &bound));
	assert_true(outq_fits(&q, ping, &bound));
	message_unref(&pool, &small);
	message_unref(&pool, &large);
	message_unref(&pool, &ping);
	outq_free(&q, &pool);
	message_pool_free(&pool);
}

static void
a_queue_that_wraps_round_keeps_its_order_while_it_grows(void **state)
{
	struct message_pool	 pool = { .free = { NULL } };
	struct outq		 q = { .ring = NULL };
	struct message		*m;
	char			 name[2] = "a";
	int			 round, put = 0, taken = 0;

	(void)state;
	for (round = 0; round < 100; round++) {
		for (; put < round * 3 && put - taken < 40; put++) {
			name[0] = (char)('a' + put % 26);
			m = text(&pool, name);
			outq_push(&q, m);
			message_unref(&pool, &m);
		}
		for (; taken < put - round % 7; taken++) {
			m = outq_pop(&q);
			assert_int_equal(m->data[2], 'a' + taken % 26);
			message_unref(&pool, &m);
		}
	}
	outq_free(&q, &pool);
	message_pool_free(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_message_has_a_header_of_two_bytes),
		cmocka_unit_test(lengths_are_written_in_their_shortest_form),
		cmocka_unit_test(parts_are_joined_and_empty_ones_do_no_harm),
		cmocka_unit_test(memory_comes_back_from_the_pool),
		cmocka_unit_test(a_message_takes_a_quarter_more_memory_than_it_needs_at_most),
		cmocka_unit_test(the_pool_keeps_some_memory_and_not_all),
		cmocka_unit_test(a_queue_gives_back_what_was_put_in_in_order),
		cmocka_unit_test(gathering_takes_whole_messages_only),
		cmocka_unit_test(one_message_serves_many_queues),
		cmocka_unit_test(the_bound_counts_frames_and_bytes_and_spares_pings),
		cmocka_unit_test(a_queue_that_wraps_round_keeps_its_order_while_it_grows),
	};

	return cmocka_run_group_tests_name("outq", tests, NULL, NULL);
}
