/* peer: who is really asking, behind front servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "peer.h"

static void
assert_client(const char *trusted, const char *peer, const char *forwarded, const char *expected)
{
	char client[LIMIT_ADDRESS];

	peer_client(trusted, peer, forwarded, client);
	assert_string_equal(client, expected);
}

static void
a_peer_that_is_not_ours_is_the_client_itself(void **state)
{
	(void)state;
	assert_client("", "203.0.113.7", NULL, "203.0.113.7");
	assert_client("", "203.0.113.7", "198.51.100.1", "203.0.113.7");
	assert_client("", "2001:DB8::1", "198.51.100.1", "2001:db8::1");
}

static void
loopback_and_unix_sockets_are_believed_their_last_entry(void **state)
{
	static const char *const ours[] = { "", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1" };

	(void)state;
	for (size_t i = 0; i < COUNTOF(ours); i++) {
		assert_client("", ours[i], "198.51.100.1", "198.51.100.1");
		assert_client("", ours[i], "192.0.2.1, 198.51.100.1", "198.51.100.1");
		assert_client("", ours[i], "192.0.2.1,127.0.0.1", "127.0.0.1");
	}
}

static void
a_listed_entry_gives_way_to_the_one_before_it(void **state)
{
	(void)state;
	assert_client("203.0.113.0/24", "", "192.0.2.1, 198.51.100.1, 203.0.113.7, 203.0.113.8", "198.51.100.1");
	assert_client("203.0.113.0/24", "203.0.113.9", "198.51.100.1", "198.51.100.1");
	assert_client("203.0.113.0/24", "", "203.0.113.7", "203.0.113.7");
}

static void
nonsense_is_not_believed(void **state)
{
	static const char *const nonsense[] = { "", "unknown", ",", ",,,", "203.0.113.7.8", "1.2.3", "'; DROP", " , " };

	(void)state;
	for (size_t i = 0; i < COUNTOF(nonsense); i++)
		assert_client("", "127.0.0.1", nonsense[i], "127.0.0.1");
	assert_client("", "", NULL, "unix");
	assert_client("", "", "nonsense", "unix");
	assert_client("", "what?", "198.51.100.1", "unknown");
	assert_client("", "127.0.0.1", "198.51.100.1, nonsense", "127.0.0.1");
}

static void
addresses_have_one_spelling(void **state)
{
	(void)state;
	assert_client("", "::ffff:203.0.113.7", NULL, "203.0.113.7");
	assert_client("", "", "203.0.113.7:1234", "203.0.113.7");
	assert_client("", "", "[2001:0DB8::0001]:443", "2001:db8::1");
	assert_client("", "", "[2001:db8::1]", "2001:db8::1");
}

static void
blocks_hold_what_shares_their_first_bits(void **state)
{
	static const struct {
		const char *blocks, *address;
		bool listed;
	} cases[] = {
		{ "10.0.0.0/8", "10.255.1.2", true }, { "10.0.0.0/8", "11.0.0.1", false },
		{ "192.0.2.128/25", "192.0.2.129", true }, { "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.1", "192.0.2.1", true }, { "192.0.2.1", "192.0.2.2", false },
		{ "0.0.0.0/0", "203.0.113.7", true }, { "0.0.0.0/0", "2001:db8::1", false },
		{ "2001:db8::/33", "2001:db8:7fff::1", true }, { "2001:db8::/33", "2001:db8:8000::1", false },
		{ "x, 10.0.0.0/8 ,y", "10.0.0.1", true }, { "", "10.0.0.1", false },
		{ "10.0.0.0/8", "::ffff:10.0.0.1", true }, { "10.0.0.0/33", "10.0.0.0", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++)
		if (peer_is_trusted(cases[i].blocks, cases[i].address) != cases[i].listed)
			fail_msg("%s in %s", cases[i].address, cases[i].blocks);
}

static void
limits_count_an_ipv6_site_as_one(void **state)
{
	static const char *const cases[][2] = {
		{ "192.0.2.1", "192.0.2.1" }, { "::ffff:192.0.2.1", "192.0.2.1" },
		{ "2001:db8::1", "2001:db8::/64" }, { "2001:db8::ffff:ffff:ffff:ffff", "2001:db8::/64" },
		{ "2001:db8:0:1::1", "2001:db8:0:1::/64" }, { "::1", "::/64" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff::/64" },
		{ "unix", "unix" }, { "unknown", "unknown" }, { "", "" },
	};
	char key[LIMIT_ADDRESS];

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		peer_limit_key(cases[i][0], key);
		assert_string_equal(key, cases[i][1]);
	}
}

static void
what_is_kept_of_an_address_is_what_the_site_wants(void **state)
{
	static const char *const cases[][3] = {
		{ "192.0.2.77", "192.0.2.0/24", "hidden" }, { "255.255.255.255", "255.255.255.0/24", "hidden" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1::/48", "hidden" }, { "::1", "::/48", "hidden" },
		{ "::ffff:192.0.2.77", "192.0.2.0/24", "hidden" },
		{ "unix", "unix", "unix" }, { "unknown", "unknown", "unknown" }, { "", "", "" },
	};
	char shown[LIMIT_ADDRESS];

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		peer_shown(CONF_ADDRESSES_FULL, cases[i][0], shown);
		assert_string_equal(shown, cases[i][0]);
		peer_shown(CONF_ADDRESSES_TRUNCATED, cases[i][0], shown);
		assert_string_equal(shown, cases[i][1]);
		peer_shown(CONF_ADDRESSES_NONE, cases[i][0], shown);
		assert_string_equal(shown, cases[i][2]);
	}
}

static void
a_list_is_valid_if_every_entry_is(void **state)
{
	(void)state;
	assert_true(peer_list_valid(""));
	assert_true(peer_list_valid(" 192.0.2.1 , 10.0.0.0/8, 2001:db8::/32"));
	assert_false(peer_list_valid("192.0.2.1,,10.0.0.0/8"));
	assert_false(peer_list_valid("192.0.2.1/33"));
	assert_false(peer_list_valid("example.org"));
	assert_false(peer_list_valid("2001:db8::/129"));
}

static void
only_our_own_front_servers_are_trusted(void **state)
{
	(void)state;
	assert_true(peer_is_trusted("", ""));
	assert_true(peer_is_trusted("", "127.0.0.1"));
	assert_true(peer_is_trusted("", "::1"));
	assert_true(peer_is_trusted("10.0.0.0/8", "10.1.2.3"));
	assert_false(peer_is_trusted("10.0.0.0/8", "11.1.2.3"));
	assert_false(peer_is_trusted("", "203.0.113.7"));
	assert_false(peer_is_trusted("0.0.0.0/0", "nonsense"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_of_an_address_is_what_the_site_wants),
		cmocka_unit_test(only_our_own_front_servers_are_trusted),
		cmocka_unit_test(a_peer_that_is_not_ours_is_the_client_itself),
		cmocka_unit_test(loopback_and_unix_sockets_are_believed_their_last_entry),
		cmocka_unit_test(a_listed_entry_gives_way_to_the_one_before_it),
		cmocka_unit_test(nonsense_is_not_believed),
		cmocka_unit_test(addresses_have_one_spelling),
		cmocka_unit_test(blocks_hold_what_shares_their_first_bits),
		cmocka_unit_test(limits_count_an_ipv6_site_as_one),
		cmocka_unit_test(a_list_is_valid_if_every_entry_is),
	};

	return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
