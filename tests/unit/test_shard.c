/* shard: which daemon serves a meeting, what it is called, and how a web server knows. */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shard.h"

static void
one_daemon_serves_all(void **state)
{
	const struct shard unset = { .daemons = 0 }, one = { .daemons = 1, .own = 1 };

	(void)state;
	for (int64_t id = 1; id <= 1000; id++) {
		assert_int_equal(shard_of(id, 1), 1);
		assert_true(shard_owns(&unset, id));
		assert_true(shard_owns(&one, id));
	}
}

static void
every_meeting_has_one_daemon_and_that_by_its_last_two_digits(void **state)
{
	(void)state;
	for (int daemons = 1; daemons <= SHARD_MAX; daemons++)
		for (int64_t id = 1; id <= 250; id++) {
			int owners = 0;

			for (int own = 1; own <= daemons; own++)
				owners += shard_owns(&(struct shard){ daemons, own }, id);
			assert_int_equal(owners, 1);
			assert_true(shard_owns(&(struct shard){ daemons, shard_of(id, daemons) }, id));
			assert_int_equal(shard_of(id + 12300, daemons), shard_of(id, daemons));
		}
	assert_int_equal(shard_of(7, 3), 2);
	assert_int_equal(shard_of(INT64_MAX, 3), 2);	/* …807 */
}

static void
meetings_are_shared_out_evenly(void **state)
{
	(void)state;
	for (int daemons = 2; daemons <= SHARD_MAX; daemons++) {
		int count[SHARD_MAX + 1] = { 0 };

		for (int bucket = 0; bucket < SHARD_BUCKETS; bucket++)
			count[shard_of(bucket, daemons)]++;
		for (int own = 1; own <= daemons; own++)
			assert_in_range(count[own], SHARD_BUCKETS / daemons, SHARD_BUCKETS / daemons + 1);
	}
}

static void
daemons_of_another_number_overlap_where_they_share_a_bucket(void **state)
{
	const struct shard all = { .daemons = 0 }, one = { 1, 1 }, odd = { 2, 2 }, even = { 2, 1 };

	(void)state;
	assert_true(shard_overlaps(&all, &one));
	assert_true(shard_overlaps(&one, &odd));
	assert_false(shard_overlaps(&odd, &even));
	assert_true(shard_overlaps(&odd, &(struct shard){ 3, 1 }));
	assert_false(shard_overlaps(&odd, &(struct shard){ 4, 1 }));
}

static void
the_first_daemon_keeps_the_names_and_the_others_have_a_number(void **state)
{
	static const struct {
		const char	*name;
		int64_t		 daemon;
		const char	*own;
	} cases[] = {
		{ "/run/unio/ws.sock", 1, "/run/unio/ws.sock" },
		{ "/run/unio/ws.sock", 2, "/run/unio/ws-2.sock" },
		{ "/run/unio.d/ws", 12, "/run/unio.d/ws-12" },
		{ "/run/.hidden", 2, "/run/.hidden-2" },
		{ "ws", 3, "ws-3" },
		{ "ipc:///run/unio/wake.sock", 3, "ipc:///run/unio/wake-3.sock" },
		{ "ipc:///run/unio.d/wake", 3, "ipc:///run/unio.d/wake-3" },
		{ "tcp://127.0.0.1:5555", 1, "tcp://127.0.0.1:5555" },
		{ "tcp://127.0.0.1:5555", 3, "tcp://127.0.0.1:5557" },
		{ "tcp://[::1]:5555", 2, "tcp://[::1]:5556" },
		{ "tcp://127.0.0.1", 2, "tcp://127.0.0.1" },
		{ "127.0.0.1:9465", 2, "127.0.0.1:9466" },
		{ "[::1]:9465", 3, "[::1]:9467" },
		{ "", 2, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		char *own = shard_name(cases[i].name, cases[i].daemon);

		assert_string_equal(own, cases[i].own);
		free(own);
	}
}

/* As the engines of the web servers would; regcomp() has no (?:, and where nothing is taken out ( is the same. */
static void
compile(const struct shard *shard, regex_t *regex_r)
{
	struct buf pattern = { 0 }, plain = { 0 };

	shard_pattern(shard, &pattern);
	buf_addc(&plain, '^');
	for (const char *p = pattern.data; *p != '\0'; p += strncmp(p, "(?:", 3) == 0 ? 3 : 1)
		buf_addc(&plain, *p);
	buf_addc(&plain, '$');
	assert_int_equal(regcomp(regex_r, plain.data, REG_EXTENDED | REG_NOSUB), 0);
	buf_free(&pattern);
	buf_free(&plain);
}

static void
a_pattern_matches_the_ids_of_its_daemon_and_no_others(void **state)
{
	char text[24];

	(void)state;
	for (int daemons = 1; daemons <= SHARD_MAX; daemons++)
		for (int own = 1; own <= daemons; own++) {
			const struct shard shard = { daemons, own };
			regex_t regex;

			compile(&shard, &regex);
			for (int64_t id = 1; id <= 1234567; id += id < 1100 ? 1 : 123467) {
				snprintf(text, sizeof(text), "%lld", (long long)id);
				assert_int_equal(regexec(&regex, text, 0, NULL, 0) == 0, shard_owns(&shard, id));
			}
			assert_int_not_equal(regexec(&regex, "", 0, NULL, 0), 0);
			assert_int_not_equal(regexec(&regex, "x1", 0, NULL, 0), 0);
			regfree(&regex);
		}
}

static void
a_pattern_is_short_enough_to_be_read(void **state)
{
	struct buf pattern = { 0 };

	(void)state;
	shard_pattern(&(struct shard){ 2, 2 }, &pattern);
	assert_string_equal(pattern.data, "(?:[0-9]*(?:[0123456789][13579])|[13579])");
	buf_clear(&pattern);
	shard_pattern(&(struct shard){ 4, 3 }, &pattern);
	assert_string_equal(pattern.data, "(?:[0-9]*(?:[02468][26]|[13579][048])|[26])");
	buf_clear(&pattern);
	shard_pattern(&(struct shard){ 20, 15 }, &pattern);	/* no id of one digit */
	assert_string_equal(pattern.data, "(?:[0-9]*(?:[13579][4]))");
	buf_free(&pattern);
}

static void
a_lease_says_whose_it_is(void **state)
{
	static const char *const bad[] = { "", "0", "1", "all ", "2/", "/2", "0/2", "3/2", "1/1", "1/33", "1/2/3" };
	struct shard shard = { 7, 7 };
	char name[SHARD_LEASE];

	(void)state;
	for (int daemons = 1; daemons <= SHARD_MAX; daemons++)
		for (int own = 1; own <= daemons; own++) {
			shard_lease(&(struct shard){ daemons, own }, name);
			assert_true(shard_of_lease(name, &shard));
			assert_int_equal(shard.daemons, daemons);
			assert_int_equal(shard.own, own);
		}
	shard_lease(&(struct shard){ 0, 0 }, name);
	assert_string_equal(name, "all");
	for (size_t i = 0; i < COUNTOF(bad); i++)
		assert_false(shard_of_lease(bad[i], &shard));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_daemon_serves_all),
		cmocka_unit_test(every_meeting_has_one_daemon_and_that_by_its_last_two_digits),
		cmocka_unit_test(meetings_are_shared_out_evenly),
		cmocka_unit_test(daemons_of_another_number_overlap_where_they_share_a_bucket),
		cmocka_unit_test(the_first_daemon_keeps_the_names_and_the_others_have_a_number),
		cmocka_unit_test(a_pattern_matches_the_ids_of_its_daemon_and_no_others),
		cmocka_unit_test(a_pattern_is_short_enough_to_be_read),
		cmocka_unit_test(a_lease_says_whose_it_is),
	};

	return cmocka_run_group_tests_name("shard", tests, NULL, NULL);
}
