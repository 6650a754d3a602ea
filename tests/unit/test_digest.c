/* digest: SHA-256, HMAC-SHA1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "digest.h"
#include "str.h"

/* FIPS 180-4's examples, as NIST publishes them. */
static void
sha256_digests_are_right(void **state)
{
	char dst[DIGEST_SHA256_SIZE];

	(void)state;
	digest_sha256(dst, "", 0);
	assert_string_equal(dst, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_sha256(dst, "abc", 3);
	assert_string_equal(dst, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest_sha256(dst, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56);
	assert_string_equal(dst, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* RFC 2202 3, cases 1, 2 and 6. */
static void
hmac_sha1_is_right(void **state)
{
	static const struct {
		const char *key, *text, *wanted;
	} cases[] = {
		{ "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b", "Hi There",
		    "b617318655057264e28bc0b6fb378c8ef146be00" },
		{ "Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
	};
	unsigned char mac[DIGEST_SHA1_BYTES];
	char hex[2 * DIGEST_SHA1_BYTES + 1], key[80];

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		digest_hmac_sha1(mac, str_slice(cases[i].text), str_slice(cases[i].key));
		str_hex(hex, mac, sizeof(mac));
		assert_string_equal(hex, cases[i].wanted);
	}
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = '\xaa';
	digest_hmac_sha1(mac, str_slice("Test Using Larger Than Block-Size Key - Hash Key First"),
	    (struct slice){ .p = key, .n = sizeof(key) });
	str_hex(hex, mac, sizeof(mac));
	assert_string_equal(hex, "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_digests_are_right),
		cmocka_unit_test(hmac_sha1_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
