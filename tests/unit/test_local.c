/* local: an address that only this machine can reach. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "local.h"

static void
loopback_addresses_have_a_port(void **state)
{
	struct local local;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	(void)state;
	assert_true(local_parse("127.0.0.1:9465", &local));
	assert_int_equal(local.size, sizeof(in));
	memcpy(&in, &local.address, sizeof(in));
	assert_int_equal(in.sin_port, htons(9465));
	assert_int_equal(in.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	assert_true(local_parse("127.8.9.10:1", &local));
	assert_true(local_parse("[::1]:65535", &local));
	assert_int_equal(local.size, sizeof(in6));
	memcpy(&in6, &local.address, sizeof(in6));
	assert_int_equal(in6.sin6_port, htons(65535));
}

static void
a_path_is_a_unix_socket(void **state)
{
	char longest[120];
	struct sockaddr_un sun;
	struct local local;

	(void)state;
	assert_true(local_parse("/run/unio/a:9465", &local));
	memcpy(&sun, &local.address, sizeof(sun));
	assert_int_equal(sun.sun_family, AF_UNIX);
	assert_string_equal(sun.sun_path, "/run/unio/a:9465");
	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[107] = '\0';
	assert_true(local_parse(longest, &local));
	longest[107] = 'x';
	longest[108] = '\0';
	assert_false(local_parse(longest, &local));
}

static void
whatever_others_can_reach_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "9465", ":9465", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:09465",
		"127.0.0.1:9465 ", "0.0.0.0:9465", "192.0.2.1:9465", "128.0.0.1:9465", "127.1:9465", "localhost:9465",
		"[::]:9465", "::1:9465", "[::1]", "[::1:9465", "[2001:db8::1]:9465", "[::ffff:127.0.0.1]:9465",
		"[127.0.0.1]:9465", "run/a.sock", "[]:1", "*:9465",
	};
	struct local local;

	(void)state;
	for (size_t i = 0; i < COUNTOF(texts); i++)
		if (local_parse(texts[i], &local))
			fail_msg("\"%s\" is taken", texts[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loopback_addresses_have_a_port),
		cmocka_unit_test(a_path_is_a_unix_socket),
		cmocka_unit_test(whatever_others_can_reach_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
