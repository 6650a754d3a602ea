#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "webhook.h"

#define NOW	INT64_C(1705314645123456)	/* 2024-01-15T10:30:45.123456Z */
#define SECRET	"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

/* The vector that the implementations of Standard Webhooks have in common (their test suites). */
static void
a_signature_is_that_of_standard_webhooks(void **state)
{
	struct buf out = { 0 };

	(void)state;
	assert_true(webhook_sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
	    str_slice("{\"test\": 2432232314}"), &out));
	assert_string_equal(out.data, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	buf_free(&out);
}

static void
two_signatures_stand_side_by_side(void **state)
{
	char secret[WEBHOOK_SECRET_SIZE];
	struct buf out = { 0 };

	(void)state;
	webhook_secret_make(secret);
	assert_true(webhook_sign(secret, "msg_1", 1, str_slice("{}"), &out));
	assert_true(webhook_sign(SECRET, "msg_1", 1, str_slice("{}"), &out));
	assert_int_equal(out.len, 2 * strlen("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=") + 1);
	assert_int_equal(out.data[47], ' ');
	assert_memory_equal(out.data + 48, "v1,", 3);
	buf_free(&out);
}

static void
a_secret_that_was_made_is_one_and_another_each_time(void **state)
{
	char one[WEBHOOK_SECRET_SIZE], two[WEBHOOK_SECRET_SIZE];

	(void)state;
	webhook_secret_make(one);
	webhook_secret_make(two);
	assert_true(webhook_secret_valid(one));
	assert_string_not_equal(one, two);
}

static void
a_secret_has_24_to_64_bytes_of_base64(void **state)
{
	char text[256];
	static const char bytes[WEBHOOK_KEY_MAX + 3];

	(void)state;
	for (size_t n = 0; n < sizeof(bytes); n++) {
		memcpy(text, WEBHOOK_PREFIX, sizeof(WEBHOOK_PREFIX));
		str_base64(text + strlen(WEBHOOK_PREFIX), bytes, n);
		assert_int_equal(webhook_secret_valid(text), n >= WEBHOOK_KEY_MIN && n <= WEBHOOK_KEY_MAX);
	}
}

static void
what_is_no_secret_signs_nothing(void **state)
{
	static const char *const wrong[] = {
		"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS=",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaL===",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS-", "whsec_MfKQ9r8GKYqr=wjUPD8ILPZIo2LaLaSw",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAB==", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
	};
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNTOF(wrong); i++) {
		assert_false(webhook_secret_valid(wrong[i]));
		assert_false(webhook_sign(wrong[i], "msg_1", 1, str_slice("{}"), &out));
	}
	assert_int_equal(out.len, 0);
}

static void
addresses_are_taken_that_no_two_readers_read_differently(void **state)
{
	static const char *const right[] = {
		"https://example.org", "https://example.org/", "https://example.org:8443/a/b%20c?d=e&f=g",
		"https://[2001:db8::1]:443/", "https://192.0.2.1/", "http://localhost/", "http://localhost:1/",
		"http://127.0.0.1:65535/", "http://[::1]/?x",
	};
	static const char *const wrong[] = {
		"", "example.org", "HTTPS://example.org/", "https:/example.org/", "https://", "https:///", "https://?x",
		"https://:80/", "https://example.org:/", "https://example.org:0/", "https://example.org:65536/",
		"https://example.org:+80/", "https://a@example.org/", "https://a:b@example.org/",
		"https://example.org\\@a/",
		"https://example.org /", "https://example.org/\t", "https://example.org/#", "https://ex%61mple.org/",
		"https://[]/", "https://[::1/", "https://::1/", "https://[::1]a/", "https://[fe80::1%25eth0]/",
		"https://[127.0.0.1]/", "http://example.org/", "http://localhost.example.org/", "http://localhost./",
		"http://127.1/", "http://0127.0.0.1/", "http://128.0.0.1/", "http://0.0.0.0/", "http://[::]/",
		"http://[::ffff:127.0.0.1]/", "http://[0:0:0:0:0:0:0:1]/",
		"file:///etc/passwd", "gopher://localhost/", "javascript:alert(1)",
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(right); i++)
		assert_null(webhook_url_wrong(right[i], false));
	for (size_t i = 0; i < COUNTOF(wrong); i++)
		if (webhook_url_wrong(wrong[i], false) == NULL)
			fail_msg("%s is taken", wrong[i]);
	assert_null(webhook_url_wrong("http://example.org/", true));
	assert_non_null(webhook_url_wrong("http://user@example.org/", true));
}

static void
types_are_chosen_by_their_names(void **state)
{
	(void)state;
	assert_null(webhook_events_wrong(""));
	assert_null(webhook_events_wrong("call_started,meeting_deleted"));
	assert_non_null(webhook_events_wrong("call_started,"));
	assert_non_null(webhook_events_wrong("login_revoked"));
	assert_true(webhook_events_have("", EVENT_CALL_STARTED));
	assert_true(webhook_events_have("call_ended,call_started", EVENT_CALL_STARTED));
	assert_false(webhook_events_have("call_ended", EVENT_CALL_STARTED));
	assert_false(webhook_events_have("", EVENT_LOGIN_REVOKED));
	assert_false(webhook_events_have("", EVENT_UNKNOWN));
}

static void
a_message_holds_the_events_body_as_it_is(void **state)
{
	struct event event = {
		.id = 9, .type = EVENT_MEETING_DELETED, .meeting_id = 4, .created_at = NOW,
		.body = "{\"meeting_id\":4,\"x\":1.50}",
	};
	struct buf out = { 0 };

	(void)state;
	webhook_message(&event, &out);
	assert_string_equal(out.data, "{\"type\":\"meeting_deleted\","
	    "\"timestamp\":\"2024-01-15T10:30:45.123456Z\",\"event_id\":9,"
	    "\"meeting_id\":4,\"data\":{\"meeting_id\":4,\"x\":1.50}}");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_is_that_of_standard_webhooks),
		cmocka_unit_test(two_signatures_stand_side_by_side),
		cmocka_unit_test(a_secret_that_was_made_is_one_and_another_each_time),
		cmocka_unit_test(a_secret_has_24_to_64_bytes_of_base64),
		cmocka_unit_test(what_is_no_secret_signs_nothing),
		cmocka_unit_test(addresses_are_taken_that_no_two_readers_read_differently),
		cmocka_unit_test(types_are_chosen_by_their_names),
		cmocka_unit_test(a_message_holds_the_events_body_as_it_is),
	};

	return cmocka_run_group_tests_name("webhook", tests, NULL, NULL);
}
