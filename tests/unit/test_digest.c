/* digest: SHA-256. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "digest.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_digests_are_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
