/* jwk, and the signatures of digest: the examples of RFC 7515, with its keys as their appendix tells them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "digest.h"
#include "jwk.h"
#include "str.h"

#define PAYLOAD	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

static const struct {
	const char	*jwk, *text, *signature;
	enum jwk_alg	 alg;
} examples[] = {
	/* A.2 */
	{ "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\""
	    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4Ql"
	    "L-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs"
	    "LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoud"
	    "F8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ" "\"}",
	    "eyJhbGciOiJSUzI1NiJ9." PAYLOAD,
	    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujG"
	    "bds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K"
	    "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6"
	    "LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw", JWK_RS256 },
	/* A.3 */
	{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
	    "eyJhbGciOiJFUzI1NiJ9." PAYLOAD,
	    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q", JWK_ES256 },
};

static struct jwk
read_key(const char *text)
{
	const char *reason;
	struct json *json = json_parse_object(text, strlen(text), &reason);
	struct jwk jwk;

	assert_non_null(json);
	jwk_read(json, &jwk);
	json_free(&json);
	return jwk;
}

static void
the_examples_verify_and_nothing_near_them_does(void **state)
{
	char signature[512], text[256];
	struct slice whole, bytes = { signature, 0 };
	struct jwk jwk;

	(void)state;
	for (size_t i = 0; i < COUNTOF(examples); i++) {
		jwk = read_key(examples[i].jwk);
		assert_null(jwk.why_not);
		assert_int_equal(jwk.alg, examples[i].alg);
		assert_true(str_base64url_read(signature, str_slice(examples[i].signature), &bytes.n));
		str_copy(text, sizeof(text), examples[i].text);
		whole = str_slice(text);
		assert_true(digest_verify(jwk.key, whole, bytes));
		for (size_t n = 0; n < bytes.n; n++) {
			assert_false(digest_verify(jwk.key, whole, (struct slice){ signature, n }));
			signature[n] ^= 1;
			assert_false(digest_verify(jwk.key, whole, bytes));
			signature[n] ^= 1;
		}
		text[30] ^= 1;
		assert_false(digest_verify(jwk.key, whole, bytes));
		jwk_clear(&jwk);
	}
}

static void
a_key_of_one_kind_does_not_verify_the_other(void **state)
{
	char signature[512];
	struct slice bytes = { signature, 0 };

	(void)state;
	for (size_t i = 0; i < COUNTOF(examples); i++) {
		struct jwk other = read_key(examples[1 - i].jwk);

		assert_true(str_base64url_read(signature, str_slice(examples[i].signature), &bytes.n));
		assert_false(digest_verify(other.key, str_slice(examples[i].text), bytes));
		jwk_clear(&other);
	}
}

static void
numbers_that_are_no_key_make_none(void **state)
{
	static const char zeros[DIGEST_RSA_MAX / 8 + 1] = { 0 };
	const struct slice f4 = { "\x01\x00\x01", 3 };

	(void)state;
	for (size_t n = 0; n <= sizeof(zeros); n += 32) {
		assert_null(digest_key_rsa((struct slice){ zeros, n }, f4));
		assert_null(digest_key_p256((struct slice){ zeros, n }, (struct slice){ zeros, n }));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_verify_and_nothing_near_them_does),
		cmocka_unit_test(a_key_of_one_kind_does_not_verify_the_other),
		cmocka_unit_test(numbers_that_are_no_key_make_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
