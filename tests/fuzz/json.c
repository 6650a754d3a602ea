/*
 * json: the scanner beside cJSON: what ours accepts, cJSON accepts with the same members and values; and what the
 * REST side makes of a body.  Input: the text.
 */
#include <cjson/cJSON.h>

#include "fuzz.h"
#include "json.h"
#include "scan.h"

static void	compare_members(const struct scan_object *object, const cJSON *root);
static void	compare_value(const struct scan_member *member, const cJSON *node);
static bool	is_same(const cJSON *a, const cJSON *b);
static void	compare_string(struct slice value, const cJSON *node);
static void	check_body(struct slice text, enum scan_result result, const cJSON *root);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice		 text = { .p = (const char *)data, .n = size };
	enum scan_result	 strict = scan_text(text.p, text.n, SCAN_TEXT);
	enum scan_result	 loose = scan_text(text.p, text.n, 0);
	struct scan_object	 object;
	cJSON			*root = NULL;

	FUZZ_CHECK(strict != SCAN_OK || loose == SCAN_OK);
	FUZZ_CHECK(loose == SCAN_OK || scan_object(text.p, text.n, 0, &object) == loose);
	if (strict == SCAN_OK) {
		root = cJSON_ParseWithLength(text.p, text.n);
		FUZZ_CHECK(root != NULL);
		if (scan_object(text.p, text.n, SCAN_TEXT, &object) == SCAN_OK)
			compare_members(&object, root);
	}
	check_body(text, strict, root);
	cJSON_Delete(root);
	return 0;
}

static void
compare_members(const struct scan_object *object, const cJSON *root)
{
	const cJSON *node = root->child;

	FUZZ_CHECK(cJSON_IsObject(root) && object->count == (size_t)cJSON_GetArraySize(root));
	for (size_t i = 0; i < object->count; i++, node = node->next) {
		FUZZ_CHECK(scan_find(object, node->string) == &object->member[i]);
		compare_value(&object->member[i], node);
	}
}

static void
compare_value(const struct scan_member *member, const cJSON *node)
{
	struct slice	 value = member->value;
	cJSON		*alone = cJSON_ParseWithLength(value.p, value.n);
	int64_t		 number;

	FUZZ_CHECK(alone != NULL && is_same(alone, node));
	cJSON_Delete(alone);
	switch (member->type) {
	case SCAN_NULL: FUZZ_CHECK(cJSON_IsNull(node)); break;
	case SCAN_FALSE: FUZZ_CHECK(cJSON_IsFalse(node)); break;
	case SCAN_TRUE: FUZZ_CHECK(cJSON_IsTrue(node)); break;
	case SCAN_ARRAY: FUZZ_CHECK(cJSON_IsArray(node)); break;
	case SCAN_OBJECT: FUZZ_CHECK(cJSON_IsObject(node)); break;
	case SCAN_STRING: compare_string(value, node); break;
	case SCAN_NUMBER:
		FUZZ_CHECK(cJSON_IsNumber(node));
		if (scan_int(value, INT64_MIN, INT64_MAX, &number))
			FUZZ_CHECK((double)number == node->valuedouble);
		break;
	}
}

/* cJSON_Compare() finds infinity, and an object with a name twice, different from themselves. */
static bool
is_same(const cJSON *a, const cJSON *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->type != b->type || (cJSON_IsNumber(a) && a->valuedouble != b->valuedouble))
		return false;
	if (cJSON_IsString(a) && strcmp(a->valuestring, b->valuestring) != 0)
		return false;
	for (a = a->child, b = b->child; a != NULL && b != NULL; a = a->next, b = b->next)
		if ((a->string != NULL && strcmp(a->string, b->string) != 0) || !is_same(a, b))
			return false;
	return a == b;
}

/* Decoded alike; a buffer of just that size is enough, one less is not. */
static void
compare_string(struct slice value, const cJSON *node)
{
	size_t	 wanted, n;
	char	*copy;

	FUZZ_CHECK(cJSON_IsString(node));
	wanted = strlen(node->valuestring);
	copy = mem_alloc(wanted + 1);
	FUZZ_CHECK(scan_string(value, copy, wanted + 1, &n) && n == wanted);
	FUZZ_CHECK(memcmp(copy, node->valuestring, wanted + 1) == 0);
	FUZZ_CHECK(wanted == 0 || !scan_string(value, copy, wanted, &n));
	free(copy);
}

static void
check_body(struct slice text, enum scan_result result, const cJSON *root)
{
	const char	*reason = NULL, *value;
	struct json	*json = json_parse_object(text.p, text.n, &reason);
	int64_t		 number;

	FUZZ_CHECK((json == NULL) == (reason != NULL));
	FUZZ_CHECK(json == NULL || (result == SCAN_OK && cJSON_IsObject(root)));
	if (json == NULL)
		return;
	if (json_get_text(json, "a", &value) == 1)
		FUZZ_CHECK(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(root, "a")));
	if (json_get_int(json, "a", 1, 1000, &number) == 1)
		FUZZ_CHECK(number >= 1 && number <= 1000);
	json_free(&json);
}
