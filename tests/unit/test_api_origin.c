/* origin: by which address the client reaches us. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fcgi-api/origin.h"

/* wanted NULL: refused. */
static void
expect(const char *public_url, const char *trusted, const struct request *request, const char *wanted)
{
	struct arena *arena = arena_new();
	struct conf conf = {
		.public_url = arena_strdup(arena, public_url),
		.trusted_proxies = arena_strdup(arena, trusted),
	};
	const char *url = origin_socket(&conf, request, arena);

	if (wanted == NULL)
		assert_null(url);
	else {
		assert_non_null(url);
		assert_string_equal(url, wanted);
	}
	arena_free(&arena);
}

static void
the_configured_address_goes_before_the_request(void **state)
{
	struct request request = { .host = "other.example", .scheme = "https" };

	(void)state;
	expect("http://meet.example:8443", "", &request, "ws://meet.example:8443");
	expect("https://meet.example", "", &request, "wss://meet.example");
	expect("https://[2001:db8::1]:8443", "", &(struct request){ 0 }, "wss://[2001:db8::1]:8443");
}

static void
without_it_host_and_scheme_of_the_request_count(void **state)
{
	(void)state;
	expect("", "", &(struct request){ .host = "a.example:8000" }, "ws://a.example:8000");
	expect("", "", &(struct request){ .host = "a.example", .scheme = "http" }, "ws://a.example");
	expect("", "", &(struct request){ .host = "a.example", .scheme = "https" }, "wss://a.example");
	expect("", "", &(struct request){ .host = "[::1]:8000", .scheme = "HTTPS" }, "wss://[::1]:8000");
}

static void
the_proxys_word_counts_if_it_is_ours(void **state)
{
	static const struct {
		const char *peer, *forwarded, *wanted;
	} cases[] = {
		{ NULL, "https", "wss://a.example" },
		{ "127.0.0.1", "https", "wss://a.example" },
		{ "10.0.0.1", "HTTPS", "wss://a.example" },
		{ "10.0.0.1", "https, http", "wss://a.example" },
		{ "10.0.0.1", "http, https", "ws://a.example" },
		{ "10.0.0.1", "httpsx", "ws://a.example" },
		{ "10.0.0.1", "", "ws://a.example" },
		{ "203.0.113.7", "https", "ws://a.example" },
	};
	struct request request = { .host = "a.example", .scheme = "http" };

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		request.remote_address = cases[i].peer;
		request.forwarded_proto = cases[i].forwarded;
		expect("", "10.0.0.0/8", &request, cases[i].wanted);
	}
	request = (struct request){ .host = "a.example", .scheme = "https", .forwarded_proto = "http" };
	expect("", "", &request, "ws://a.example");
}

static void
a_host_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = { "", "a b", "a/b", "a@b", "a\"b", "a?b", "a\\b", "<a>", "a%41", "\xc3\xa9" };
	char longest[300];

	(void)state;
	expect("", "", &(struct request){ 0 }, NULL);
	for (size_t i = 0; i < COUNTOF(bad); i++)
		expect("", "", &(struct request){ .host = bad[i] }, NULL);
	memset(longest, 'a', sizeof(longest));
	longest[262] = '\0';
	expect("", "", &(struct request){ .host = longest }, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_configured_address_goes_before_the_request),
		cmocka_unit_test(without_it_host_and_scheme_of_the_request_count),
		cmocka_unit_test(the_proxys_word_counts_if_it_is_ours),
		cmocka_unit_test(a_host_that_is_none_is_refused),
	};

	return cmocka_run_group_tests_name("api_origin", tests, NULL, NULL);
}
