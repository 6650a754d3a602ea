/* emit: whatever is put in, JSON comes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "emit.h"
#include "scan.h"
#include "str.h"

static void
expect_json(struct buf *out, const char *want)
{
	assert_string_equal(out->data, want);
	assert_int_equal(scan_text(out->data, out->len, SCAN_TEXT), SCAN_OK);
	buf_free(out);
}

static void
an_object_holds_every_kind_of_value(void **state)
{
	struct buf out = { 0 };
	struct emit e = emit_into(&out);

	(void)state;
	emit_object(&e, NULL);
	emit_text(&e, "text", "a");
	emit_text(&e, "nothing", NULL);
	emit_slice(&e, "slice", (struct slice){ .p = "bcd", .n = 2 });
	emit_int(&e, "least", INT64_MIN);
	emit_int(&e, "most", INT64_MAX);
	emit_bool(&e, "yes", true);
	emit_bool(&e, "no", false);
	emit_null(&e, "null");
	emit_time(&e, "time", INT64_C(1705315845123456));
	emit_time(&e, "never", 0);
	emit_raw(&e, "raw", str_slice("{ \"x\" : 1 }"));
	emit_end(&e);
	expect_json(&out, "{\"text\":\"a\",\"nothing\":null,\"slice\":\"bc\",\"least\":-9223372036854775808,"
	    "\"most\":9223372036854775807,\"yes\":true,\"no\":false,\"null\":null,"
	    "\"time\":\"2024-01-15T10:50:45.123456Z\",\"never\":null,\"raw\":{ \"x\" : 1 }}");
}

static void
commas_stand_between_siblings_alone(void **state)
{
	struct buf out = { 0 };
	struct emit e = emit_into(&out);

	(void)state;
	emit_array(&e, NULL);
	emit_object(&e, NULL);
	emit_end(&e);
	emit_array(&e, NULL);
	emit_end(&e);
	emit_int(&e, NULL, 1);
	emit_object(&e, NULL);
	emit_array(&e, "a");
	emit_int(&e, NULL, 2);
	emit_int(&e, NULL, 3);
	emit_end(&e);
	emit_object(&e, "b");
	emit_end(&e);
	emit_end(&e);
	emit_end(&e);
	expect_json(&out, "[{},[],1,{\"a\":[2,3],\"b\":{}}]");
}

static void
a_value_alone_is_a_text(void **state)
{
	struct buf out = { 0 };
	struct emit e = emit_into(&out);

	(void)state;
	emit_text(&e, NULL, "alone");
	expect_json(&out, "\"alone\"");
}

static void
brackets_close_as_they_opened_at_every_level(void **state)
{
	struct buf out = { 0 };
	struct emit e = emit_into(&out);

	(void)state;
	for (int i = 0; i < LIMIT_JSON_DEPTH; i++) {
		/* [{"k":{"k":[{"k":… */
		const char *key = i % 3 == 1 || i == 0 ? NULL : "k";

		if (i % 3 == 0)
			emit_array(&e, key);
		else
			emit_object(&e, key);
	}
	for (int i = 0; i < LIMIT_JSON_DEPTH; i++)
		emit_end(&e);
	assert_int_equal(scan_text(out.data, out.len, SCAN_TEXT), SCAN_OK);
	buf_free(&out);
}

static void
strings_are_escaped_where_the_standard_says(void **state)
{
	struct buf out = { 0 };

	(void)state;
	emit_quoted(&out, "\"\\/\b\f\n\r\t\x01\x1f\x7f", 11);
	expect_json(&out, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
	emit_quoted(&out, "", 0);
	expect_json(&out, "\"\"");
	emit_quoted(&out, "\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80</", 11);
	expect_json(&out, "\"\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80</\"");
}

static void
keys_are_escaped_too(void **state)
{
	struct buf out = { 0 };
	struct emit e = emit_into(&out);

	(void)state;
	emit_object(&e, NULL);
	emit_int(&e, "a\"b", 1);
	emit_end(&e);
	expect_json(&out, "{\"a\\\"b\":1}");
}

static void
a_nul_is_escaped_and_ill_formed_utf8_replaced(void **state)
{
	struct buf out = { 0 };

	(void)state;
	emit_quoted(&out, "a\0b", 3);
	assert_string_equal(out.data, "\"a\\u0000b\"");
	buf_free(&out);
	emit_quoted(&out, "a\xff" "b\xc3", 4);
	expect_json(&out, "\"a\xef\xbf\xbd" "b\xef\xbf\xbd\"");
	emit_quoted(&out, "\xed\xa0\x80", 3);
	expect_json(&out, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void
every_byte_gives_valid_json_that_reads_back(void **state)
{
	(void)state;
	for (int c = 1; c < 128; c++) {
		char text[] = { 'x', (char)c, 'y', '\0' }, decoded[8];
		struct buf out = { 0 };
		size_t n;

		emit_quoted(&out, text, 3);
		assert_int_equal(scan_text(out.data, out.len, SCAN_TEXT), SCAN_OK);
		assert_true(scan_string((struct slice){ .p = out.data, .n = out.len }, decoded,
		    sizeof(decoded), &n));
		assert_string_equal(decoded, text);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_holds_every_kind_of_value),
		cmocka_unit_test(commas_stand_between_siblings_alone),
		cmocka_unit_test(a_value_alone_is_a_text),
		cmocka_unit_test(brackets_close_as_they_opened_at_every_level),
		cmocka_unit_test(strings_are_escaped_where_the_standard_says),
		cmocka_unit_test(keys_are_escaped_too),
		cmocka_unit_test(a_nul_is_escaped_and_ill_formed_utf8_replaced),
		cmocka_unit_test(every_byte_gives_valid_json_that_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
