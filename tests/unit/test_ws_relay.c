#include "../../ws-daemon/relay.h"
#include "ws_support.h"

static void
strip(const char *json, const char *wanted)
{
	struct buf out = { .data = NULL };

	relay_strip(str_slice(json), &out);
	assert_string_equal(out.data, wanted);
	buf_free(&out);
}

static void
only_relayed_candidates_are_allowed(void **state)
{
	(void)state;
	assert_true(relay_allows(str_slice("candidate:1 1 udp 2 192.0.2.1 3478 typ relay raddr 0.0.0.0 rport 0")));
	assert_true(relay_allows(str_slice("candidate:1 1 udp 2 192.0.2.1 3478 typ relay")));
	assert_false(relay_allows(str_slice("candidate:1 1 udp 2 192.0.2.1 3478 typ host")));
	assert_false(relay_allows(str_slice("candidate:1 1 udp 2 192.0.2.1 3478 typ relayed")));
	assert_false(relay_allows(str_slice("")));
}

static void
lines_with_addresses_are_taken_out_and_the_rest_stays_byte_for_byte(void **state)
{
	(void)state;
	strip("{ \"sdp\":\"v=0\\r\\na=candidate:1 typ host\\r\\na=mid:0\\r\\n\",\"x\":\"\\u00e9\" }",
	    "{ \"sdp\":\"v=0\\r\\na=mid:0\\r\\n\",\"x\":\"\\u00e9\" }");
	strip("{\"sdp\":\"a=candidate:1 typ relay x\\r\\na=candidate:2 typ srflx\\n\"}",
	    "{\"sdp\":\"a=candidate:1 typ relay x\\r\\n\"}");
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
	support_say(hub, a, "{\"type\":\"ice-candidate\",\"candidate\":{\"candidate\":\"candidate:1 typ relay\"}}");
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
		cmocka_unit_test(what_only_looks_like_such_a_line_stays),
		cmocka_unit_test(lines_with_addresses_are_taken_out_and_the_rest_stays_byte_for_byte),
		cmocka_unit_test_setup_teardown(a_host_candidate_reaches_nobody_and_is_still_acknowledged,
		    support_setup, support_teardown),
	};

	return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}
