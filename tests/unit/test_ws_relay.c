#include "../../ws-daemon/relay.h"
#include "../../ws-daemon/sdp.h"
#include "scan.h"
#include "ws_support.h"

static void
strip(const char *json, const char *wanted)
{
	struct buf out = { .data = NULL };

	sdp_hide(str_slice(json), &out);
	assert_string_equal(out.data, wanted);
	buf_free(&out);
}

static void
only_relayed_candidates_are_allowed(void **state)
{
	(void)state;
	assert_true(sdp_is_relay(str_slice("candidate:1 1 udp 2 192.0.2.1 3478 typ relay raddr 0.0.0.0 rport 0")));
	assert_true(sdp_is_relay(str_slice("candidate:1 1 udp 2 192.0.2.1 3478 typ relay")));
	assert_false(sdp_is_relay(str_slice("candidate:1 1 udp 2 192.0.2.1 3478 typ host")));
	assert_false(sdp_is_relay(str_slice("candidate:1 1 udp 2 192.0.2.1 3478 typ relayed")));
	assert_false(sdp_is_relay(str_slice("candidate:1 1 udp 2 192.0.2.1 3478 typ host x typ relay")));
	assert_false(sdp_is_relay(str_slice("candidate:1 1 udp 2 192.0.2.1  3478 typ relay")));
	assert_false(sdp_is_relay(str_slice("candidate:1\t1 udp 2 192.0.2.1 3478 typ relay")));
	assert_false(sdp_is_relay(str_slice("typ relay")));
	assert_false(sdp_is_relay(str_slice("")));
}

static void
lines_with_addresses_are_taken_out_and_the_rest_stays_byte_for_byte(void **state)
{
	(void)state;
	strip("{ \"sdp\":\"v=0\\r\\na=candidate:1 typ host\\r\\na=mid:0\\r\\n\",\"x\":\"\\u00e9\" }",
	    "{ \"sdp\":\"v=0\\r\\na=mid:0\\r\\n\",\"x\":\"\\u00e9\" }");
	strip("{\"sdp\":\"a=candidate:1 1 udp 2 192.0.2.1 9 typ relay x\\r\\na=candidate:2 typ srflx\\n\"}",
	    "{\"sdp\":\"a=candidate:1 1 udp 2 192.0.2.1 9 typ relay x\\r\\n\"}");
	strip("{\"sdp\":\"a=candidate:2 typ host\"}", "{\"sdp\":\"\"}");
	strip("{}", "{}");
}

static void
addresses_outside_of_candidates_are_hidden(void **state)
{
	(void)state;
	strip("{\"sdp\":\"v=0\\r\\nc=IN IP4 203.0.113.7\\r\\na=rtcp:9 IN IP4 203.0.113.7\\r\\na=mid:0\\r\\n\"}",
	    "{\"sdp\":\"v=0\\r\\nc=IN IP4 0.0.0.0\\r\\na=rtcp:9 IN IP4 0.0.0.0\\r\\na=mid:0\\r\\n\"}");
	strip("{\"sdp\":\"c=IN IP6 2001:db8::7\"}", "{\"sdp\":\"c=IN IP6 ::\"}");
	strip("{\"sdp\":\"a=candidate:1 1 udp 2 192.0.2.1 3478 typ relay raddr 203.0.113.7 rport 9 x\\n\"}",
	    "{\"sdp\":\"a=candidate:1 1 udp 2 192.0.2.1 3478 typ relay raddr 0.0.0.0 rport 9 x\\n\"}");
	strip("{\"sdp\":\"a=candidate:1 1 udp 2 192.0.2.1 3478 typ relay raddr 2001:db8::7\"}",
	    "{\"sdp\":\"a=candidate:1 1 udp 2 192.0.2.1 3478 typ relay raddr ::\"}");
}

static void
escapes_hide_nothing(void **state)
{
	static const char *const texts[] = {
		"{\"sdp\":\"v=0\\n\\u0061=candidate:1 1 udp 2 203.0.113.7 9 typ host\\r\\ns=x\"}",
		"{\"sdp\":\"v=0\\u000aa=candid\\u0061te:1 1 udp 2 203.0.113.7 9 typ host\\u000d\\u000as=x\"}",
		"{\"sdp\":\"v=0\\ra=candidate:1 1 udp 2 203.0.113.7 9 typ host\\rs=x\"}",
		"{\"x\":{\"deep\":[\"candidate:1 1 udp 2 203.0.113.7 9 typ host\"]}}",
		"{\"candidate:1 1 udp 2 203.0.113.7 9 typ host\":1}",
		"{\"sdp\":\"a=remote-candidates:1 203.0.113.7 9\\r\\n\"}",
		"{\"sdp\":\"a=remote-candidates:1 203.0.113.7 9 2 203.0.113.7 9 typ relay\"}",
		"{\"sdp\":\"c=IN IP4 2\\u00303.0.113.7\\/127\\r\\n\"}",
		"{\"sdp\":\"v=0\\r\\no=- 1 2 IN IP4 203.0.113.7\\r\\n\"}",
		"{\"a\":\"a=candidate:1 1 udp 2 203.0.113.7 9 typ host\",\"a\":\"candidate:1 1 udp 2 203.0.113.7 9 \"}",
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(texts); i++) {
		struct buf out = { .data = NULL };

		sdp_hide(str_slice(texts[i]), &out);
		assert_null(strstr(out.data, "113.7"));
		assert_int_equal(scan_text(out.data, out.len, 0), SCAN_OK);
		buf_free(&out);
	}
}

/* Made of what matters to the reader of such texts; what comes out is JSON again, and done with. */
static void
texts_of_any_pieces_come_out_as_json_with_nothing_left_to_hide(void **state)
{
	static const char *const pieces[] = {
		"a=candidate:", "candidate:", "1 1 udp 2 203.0.113.7 9 typ ", "host", "relay", " raddr ", "203.0.113.7",
		" ", "2001:db8::7", "c=IN IP4 ", "o=- 1 2 IN IP6 ", "a=rtcp:9 IN IP4 ", "\\r", "\\n", "\\r\\n",
		"\\u000a", "\\u0000",
		"\\ud83d\\ude00", "\\\\", "\\\"", "\\/", "\xc3\xa9", "\",\"", "\":\"", "x",
	};
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct buf text = { .data = NULL }, once = { .data = NULL }, twice = { .data = NULL };

		buf_adds(&text, "[\"");
		for (int i = rand_r(&seed) % 24; i > 0; i--)
			buf_adds(&text, pieces[(size_t)rand_r(&seed) % COUNTOF(pieces)]);
		buf_adds(&text, "\"]");
		if (scan_text(text.data, text.len, 0) == SCAN_OK) {
			sdp_hide((struct slice){ .p = text.data, .n = text.len }, &once);
			sdp_hide((struct slice){ .p = once.data, .n = once.len }, &twice);
			assert_int_equal(scan_text(once.data, once.len, 0), SCAN_OK);
			assert_string_equal(twice.data, once.data);
		}
		buf_free(&text);
		buf_free(&once);
		buf_free(&twice);
	}
}

static void
what_only_looks_like_such_a_line_stays(void **state)
{
	static const char *const same[] = {
		"\"o=- 1 2 IN IP4 127.0.0.1\\r\\ns=c=IN IP4 1.2.3.4\\r\\na=rtcp:9\\r\\na=rtcp-fb:1 IP4 x\\r\\n\"",
		"\"c=IN\"", "\"c=IN IP4\"", "\"c=IN IP4 0.0.0.0\\n\"", "\"\"", "null",
		"[1.50,\"\\\"c=IN IP4 1\"]", "\"\\\\nc=IN IP4 1\"",
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(same); i++)
		strip(same[i], same[i]);
}

static void
a_host_candidate_reaches_nobody_and_is_still_acknowledged(void **state)
{
	struct hub	*hub = *state;
	struct conn	*a = support_enter(hub, 1, 1), *b = support_enter(hub, 1, 2);

	a->session->room->relay_only = true;
	support_forget(hub, a);
	support_forget(hub, b);
	support_say(hub, a,
	    "{\"type\":\"ice-candidate\",\"candidate\":{\"candidate\":\"candidate:1 typ host\"},\"id\":1}");
	support_expect(hub, b, "");
	support_expect(hub, a, "[{\"type\":\"ack\",\"id\":1}]");
	support_say(hub, a, "{\"type\":\"ice-candidate\","
	    "\"candidate\":{\"candidate\":\"candidate:1 1 udp 2 192.0.2.1 9 typ relay\"}}");
	support_expect_part(hub, b, "typ relay");
	support_say(hub, a, "{\"type\":\"ice-candidate\",\"candidate\":{\"candidate\":\"\"}}");
	support_expect_part(hub, b, "ice_candidate");
	support_say(hub, a, "{\"type\":\"ice-candidate\",\"candidate\":null}");
	support_expect_part(hub, b, "ice_candidate");
	support_say(hub, a, "{\"type\":\"offer\",\"offer\":{\"sdp\":\"a=candidate:1 typ host\\r\\na=b\"}}");
	support_expect_part(hub, b, "\"offer\":{\"sdp\":\"a=b\"}");
	support_say(hub, a, "{\"type\":\"message\",\"data\":\"typ host\"}");
	support_expect_part(hub, b, "typ host");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_relayed_candidates_are_allowed),
		cmocka_unit_test(addresses_outside_of_candidates_are_hidden),
		cmocka_unit_test(escapes_hide_nothing),
		cmocka_unit_test(texts_of_any_pieces_come_out_as_json_with_nothing_left_to_hide),
		cmocka_unit_test(what_only_looks_like_such_a_line_stays),
		cmocka_unit_test(lines_with_addresses_are_taken_out_and_the_rest_stays_byte_for_byte),
		cmocka_unit_test_setup_teardown(a_host_candidate_reaches_nobody_and_is_still_acknowledged,
		    support_setup, support_teardown),
	};

	return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}
