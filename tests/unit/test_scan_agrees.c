/* scan and cJSON: what the scanner takes for decoding, cJSON takes with the same value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "buf.h"
#include "emit.h"
#include "scan.h"

struct generator {
	uint64_t	 seed;
	struct buf	 text;		/* with spaces and escapes at random */
	struct buf	 canonical;	/* what it means, in one spelling */
};

/* SplitMix64: the same texts in every run. */
static uint64_t
pick(struct generator *g, uint64_t n)
{
	uint64_t z = g->seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

static void
put_space(struct generator *g)
{
	while (pick(g, 4) == 0)
		buf_addc(&g->text, " \t\r\n"[pick(g, 4)]);
}

static void
put_string(struct generator *g, const char *prefix)
{
	static const struct { const char *raw, *text; } pieces[] = {
		{ "a", "a" }, { "plain text, long enough for eight", "plain text, long enough for eight" },
		{ "\\n", "\n" },
		{ "\\\"", "\"" }, { "\\\\", "\\" }, { "\\/", "/" }, { "\\u0041", "A" },
		{ "\\u00e9", "\xc3\xa9" }, { "\\u20AC", "\xe2\x82\xac" },
		{ "\\ud83d\\ude00", "\xf0\x9f\x98\x80" }, { "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xc3\xa9", "\xc3\xa9" },
		{ "\\u001f", "\x1f" }, { "\x7f", "\x7f" }, { "\\b\\f\\r\\t", "\b\f\r\t" },
	};
	struct buf value = { 0 };

	buf_addf(&g->text, "\"%s", prefix);
	buf_adds(&value, prefix);
	for (uint64_t n = pick(g, 5); n > 0; n--) {
		size_t i = pick(g, COUNTOF(pieces));

		buf_adds(&g->text, pieces[i].raw);
		buf_adds(&value, pieces[i].text);
	}
	buf_addc(&g->text, '"');
	emit_quoted(&g->canonical, value.data != NULL ? value.data : "", value.len);
	buf_free(&value);
}

static void
put_number(struct generator *g)
{
	struct buf literal = { 0 };

	if (pick(g, 2) == 0)
		buf_addc(&literal, '-');
	buf_addf(&literal, "%llu", (unsigned long long)pick(g, pick(g, 2) == 0 ? 10 : UINT64_C(1) << 62));
	if (pick(g, 3) == 0)
		buf_addf(&literal, ".%03llu", (unsigned long long)pick(g, 1000));
	if (pick(g, 3) == 0)
		buf_addf(&literal, "%s%llu", &"e+\0e-\0E\0\0e"[3 * pick(g, 4)], (unsigned long long)pick(g,
		    400));
	buf_adds(&g->text, literal.data);
	buf_addf(&g->canonical, "%.17g", strtod(literal.data, NULL));
	buf_free(&literal);
}

static void
put_value(struct generator *g, int depth)
{
	static const char *const words[] = { "null", "true", "false" };
	uint64_t kind = pick(g, depth == 0 ? 3 : 5);
	const char *word = words[pick(g, 3)];
	bool object = kind == 4;
	char key[16];

	put_space(g);
	switch (kind) {
	case 0:
		buf_adds(&g->text, word);
		buf_adds(&g->canonical, word);
		break;
	case 1:
		put_number(g);
		break;
	case 2:
		put_string(g, "");
		break;
	default:
		buf_addc(&g->text, object ? '{' : '[');
		buf_addc(&g->canonical, object ? '{' : '[');
		put_space(g);
		for (uint64_t i = 0, n = pick(g, 5); i < n; i++) {
			if (i > 0) {
				buf_addc(&g->text, ',');
				buf_addc(&g->canonical, ',');
			}
			if (object) {
				put_space(g);
				snprintf(key, sizeof(key), "%d", (int)i);
				put_string(g, key);
				put_space(g);
				buf_addc(&g->text, ':');
				buf_addc(&g->canonical, ':');
			}
			put_value(g, depth - 1);
		}
		buf_addc(&g->text, object ? '}' : ']');
		buf_addc(&g->canonical, object ? '}' : ']');
		break;
	}
	put_space(g);
}

static void
print_canonical(struct buf *out, const cJSON *node)
{
	const cJSON *child;

	if (cJSON_IsNumber(node)) {
		buf_addf(out, "%.17g", node->valuedouble);
	} else if (cJSON_IsString(node)) {
		emit_quoted(out, node->valuestring, strlen(node->valuestring));
	} else if (cJSON_IsArray(node) || cJSON_IsObject(node)) {
		buf_addc(out, cJSON_IsObject(node) ? '{' : '[');
		cJSON_ArrayForEach(child, node) {
			if (child != node->child)
				buf_addc(out, ',');
			if (child->string != NULL) {
				emit_quoted(out, child->string, strlen(child->string));
				buf_addc(out, ':');
			}
			print_canonical(out, child);
		}
		buf_addc(out, cJSON_IsObject(node) ? '}' : ']');
	} else {
		buf_adds(out, cJSON_IsNull(node) ? "null" : cJSON_IsTrue(node) ? "true" : "false");
	}
}

static void
expect_same(struct slice raw, const cJSON *node)
{
	cJSON *other = cJSON_ParseWithLength(raw.p, raw.n);
	struct buf have = { 0 }, want = { 0 };

	assert_non_null(other);
	print_canonical(&have, other);
	print_canonical(&want, node);
	assert_string_equal(have.data, want.data);
	cJSON_Delete(other);
	buf_free(&have);
	buf_free(&want);
}

static void
generated_texts_mean_the_same_to_both(void **state)
{
	struct generator g = { .seed = 1 };

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct buf printed = { 0 };
		cJSON *root;

		buf_clear(&g.text);
		buf_clear(&g.canonical);
		put_value(&g, 5);
		assert_int_equal(scan_text(g.text.data, g.text.len, SCAN_TEXT), SCAN_OK);
		assert_non_null(root = cJSON_ParseWithLength(g.text.data, g.text.len));
		print_canonical(&printed, root);
		assert_string_equal(printed.data, g.canonical.data);
		cJSON_Delete(root);
		buf_free(&printed);
	}
	buf_free(&g.text);
	buf_free(&g.canonical);
}

/* Most of these are broken; what is not must be whole for cJSON too, member by member. */
static void
a_damaged_text_that_the_scanner_takes_cjson_takes_with_the_same_members(void **state)
{
	static const char odd[] = "\"\\{}[]:,0129.eE+-u \ntfn\x80\xff\xc3\xa9\x01";
	struct generator g = { .seed = 2 };
	struct scan_object object;
	int taken = 0;

	(void)state;
	for (int i = 0; i < 40000; i++) {
		buf_clear(&g.text);
		buf_clear(&g.canonical);
		put_value(&g, 3);
		for (uint64_t n = 1 + pick(&g, 3); n > 0; n--)
			g.text.data[pick(&g, g.text.len)] = odd[pick(&g, sizeof(odd) - 1)];
		if (scan_text(g.text.data, g.text.len, SCAN_TEXT) != SCAN_OK)
			continue;
		cJSON *root = cJSON_ParseWithLength(g.text.data, g.text.len);
		assert_non_null(root);
		taken++;
		if (scan_object(g.text.data, g.text.len, SCAN_TEXT, &object) == SCAN_OK) {
			const cJSON *child = root->child;

			assert_int_equal(object.count, cJSON_GetArraySize(root));
			for (size_t k = 0; k < object.count; k++, child = child->next) {
				assert_ptr_equal(scan_find(&object, child->string), &object.member[k]);
				expect_same(object.member[k].value, child);
			}
		}
		cJSON_Delete(root);
	}
	assert_true(taken > 1000);
	buf_free(&g.text);
	buf_free(&g.canonical);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated_texts_mean_the_same_to_both),
		cmocka_unit_test(a_damaged_text_that_the_scanner_takes_cjson_takes_with_the_same_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
