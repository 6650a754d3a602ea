/* conf: what each kind of value may be, and what is said of what it may not. */
#include "conf_text.h"
#include "conf_value.h"

static void
durations_and_sizes_have_units(void **state)
{
	static const struct { const char *text; int64_t us; } durations[] = {
		{ "idle_timeout = 90", 90 * US_PER_S }, { "idle_timeout = 90s", 90 * US_PER_S },
		{ "idle_timeout = 26500ms", 26500 * US_PER_MS },
		{ "idle_timeout = 2m", 120 * US_PER_S }, { "idle_timeout = 1h", 3600 * US_PER_S },
		{ "idle_timeout = 1d", 86400 * US_PER_S },
	};
	static const struct { const char *text; int64_t bytes; } sizes[] = {
		{ "max_frame_bytes = 1024", 1024 }, { "max_frame_bytes = 2k", 2048 },
		{ "max_frame_bytes = 1m", 1048576 },
	};
	struct conf *conf;

	(void)state;
	for (size_t i = 0; i < COUNTOF(durations); i++) {
		conf = expect_loaded(durations[i].text);
		assert_true(conf->idle_timeout == durations[i].us);
		conf_free(&conf);
	}
	for (size_t i = 0; i < COUNTOF(sizes); i++) {
		conf = expect_loaded(sizes[i].text);
		assert_int_equal(conf->max_frame_bytes, sizes[i].bytes);
		conf_free(&conf);
	}
}

static void
a_duration_can_be_read_alone(void **state)
{
	static const char *const bad[] = { "", "h", "5y", "-5", "5 m", "1.5h", "99999999999999d" };
	int64_t us = 0;

	(void)state;
	assert_true(conf_value_duration("12h", &us));
	assert_true(us == 12 * 3600 * US_PER_S);
	for (size_t i = 0; i < COUNTOF(bad); i++)
		assert_false(conf_value_duration(bad[i], &us));
}

static void
values_out_of_bounds_are_refused(void **state)
{
	static const struct { const char *text, *mistake; } cases[] = {
		{ "workers = -1", "workers must be a number" },
		{ "workers = 1025", "workers must be from 0 to 1024" },
		{ "workers = 4k", "workers must be a number" },
		{ "workers = 99999999999999999999", "workers must be a number" },
		{ "workers =", "workers must be a number" },
		{ "idle_timeout = 1.5s",
		    "idle_timeout must be a number of seconds, or end in ms, s, m, h or d" },
		{ "idle_timeout = 5 m",
		    "idle_timeout must be a number of seconds, or end in ms, s, m, h or d" },
		{ "idle_timeout = 2d", "idle_timeout must be from 100ms to 1d" },
		{ "idle_timeout = 9223372036854775807d",
		    "idle_timeout must be a number of seconds, or end in ms, s, m, h or d" },
		{ "max_frame_bytes = 64kb", "max_frame_bytes must be a number of bytes, or end in k or m" },
		{ "max_frame_bytes = 1", "max_frame_bytes must be from 1k to 16m" },
		{ "log_level = loud", "log_level must be error, warn, info or debug" },
		{ "log_format = xml", "log_format must be kv or json" },
		{ "allow_query_token = true", "allow_query_token must be yes or no" },
		{ "database =", "database must be the path of a file" },
		{ "issuer = a\x01", "issuer must not hold semicolons or control characters" },
		{ "issuer = a\xff", "issuer must be UTF-8" },
		{ "wake_endpoint = /run/wake.sock", "wake_endpoint must be ipc://PATH or tcp://ADDRESS:PORT" },
		{ "base_path = unio", "base_path must be empty, or begin with / and not end with one" },
		{ "base_path = /", "base_path must be empty, or begin with / and not end with one" },
		{ "base_path = /unio/", "base_path must be empty, or begin with / and not end with one" },
		{ "base_path = /a//b", "base_path must be empty, or begin with / and not end with one" },
		{ "base_path = /a?b", "base_path must be a plain path" },
		{ "public_url = example.org",
		    "public_url must be empty, or http:// or https:// with a host and perhaps a port" },
		{ "public_url = https://",
		    "public_url must be empty, or http:// or https:// with a host and perhaps a port" },
		{ "public_url = https://a/b",
		    "public_url must be empty, or http:// or https:// with a host and perhaps a port" },
		{ "trusted_proxies = 10.0.0.0/33",
		    "trusted_proxies must be addresses or CIDR blocks, separated by commas" },
		{ "trusted_proxies = 10.0.0",
		    "trusted_proxies must be addresses or CIDR blocks, separated by commas" },
		{ "trusted_proxies = ::1/129",
		    "trusted_proxies must be addresses or CIDR blocks, separated by commas" },
		{ "trusted_proxies = 10.0.0.1,",
		    "trusted_proxies must be addresses or CIDR blocks, separated by commas" },
		{ "trusted_proxies = 10.0.0.1/",
		    "trusted_proxies must be addresses or CIDR blocks, separated by commas" },
		{ "trusted_proxies = localhost",
		    "trusted_proxies must be addresses or CIDR blocks, separated by commas" },
		{ "ice_urls = http://a",
		    "ice_urls must be stun:, stuns:, turn: or turns: URLs, separated by commas" },
		{ "ice_urls = stun:",
		    "ice_urls must be stun:, stuns:, turn: or turns: URLs, separated by commas" },
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		char want[256];

		snprintf(want, sizeof(want), "FILE:1: %s\n", cases[i].mistake);
		expect_mistake(cases[i].text, want);
	}
}

static void
good_values_of_every_form_are_taken(void **state)
{
	static const char *const texts[] = {
		"trusted_proxies = 10.0.0.1", "trusted_proxies = 0.0.0.0/0,::/0",
		"trusted_proxies = fe80::1 , 192.168.0.0/16",
		"ice_urls = stun:a.example, turns:b.example:5349?transport=tcp\nturn_secret_file = /a/b",
		"ice_urls = stun:turn:3478",
		"wake_endpoint = tcp://127.0.0.1:5555",
		"base_path = /a/b-c", "public_url = http://[::1]:8000", "ping_interval = 100ms", "api_rate = 0",
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(texts); i++) {
		struct conf *conf = expect_loaded(texts[i]);

		conf_free(&conf);
	}
}

static void
a_socket_path_fits_its_address(void **state)
{
	char text[160] = "ws_socket = /";
	struct conf *conf;

	(void)state;
	memset(text + 13, 'x', 106);
	conf = expect_loaded(text);
	assert_int_equal(strlen(conf->ws_socket), 107);
	conf_free(&conf);
	memset(text + 13, 'x', 107);
	expect_mistake(text,
	    "FILE:1: ws_socket must be a path of at most 107 bytes, which is what a unix socket's address holds\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_and_sizes_have_units),
		cmocka_unit_test(a_duration_can_be_read_alone),
		cmocka_unit_test(values_out_of_bounds_are_refused),
		cmocka_unit_test(good_values_of_every_form_are_taken),
		cmocka_unit_test(a_socket_path_fits_its_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
