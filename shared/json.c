#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "json.h"
#include "mem.h"
#include "scan.h"

/* cJSON keeps numbers as double: from 2^53 on it cannot tell one integer from the next. */
#define EXACT_MAX	9007199254740991.0

static const char *const	reasons[] = {
	[SCAN_SYNTAX] = "the body is not valid JSON",
	[SCAN_UTF8] = "the body is not well-formed UTF-8",
	[SCAN_DEPTH] = "the body is nested too deeply",
	[SCAN_ESCAPE] = "the body holds an escaped NUL or half a surrogate pair",
	[SCAN_NOT_OBJECT] = "the body must be a JSON object",
};

static void		 wipe(cJSON *node);
static const char	*find_flaw(const cJSON *node);
static bool		 has_duplicate(const cJSON *object);
static int		 compare_names(const void *a, const void *b);
static const cJSON	*member(const struct json *json, const char *key);
static const cJSON	*node_of(const struct json *json);

struct json *
json_parse_object(const char *p, size_t n, const char **reason_r)
{
	enum scan_result result = scan_text(p, n, SCAN_TEXT);
	const char *flaw;
	cJSON *root;

	if (result != SCAN_OK) {
		*reason_r = reasons[result];
		return NULL;
	}
	if ((root = cJSON_ParseWithLength(p, n)) == NULL) {
		*reason_r = reasons[SCAN_SYNTAX];
		return NULL;
	}
	flaw = cJSON_IsObject(root) ? find_flaw(root) : reasons[SCAN_NOT_OBJECT];
	if (flaw != NULL) {
		*reason_r = flaw;
		cJSON_Delete(root);
		return NULL;
	}
	return (struct json *)root;
}

struct json *
json_parse_ours(const char *p, size_t n)
{
	return (struct json *)cJSON_ParseWithLength(p, n);
}

void
json_free(struct json **json)
{
	wipe((cJSON *)*json);
	cJSON_Delete((cJSON *)*json);
	*json = NULL;
}

/* A string may be a password. */
static void
wipe(cJSON *node)
{
	cJSON *child;

	if (cJSON_IsString(node))
		explicit_bzero(node->valuestring, strlen(node->valuestring));
	cJSON_ArrayForEach(child, node)
		wipe(child);
}

int
json_get_text(const struct json *json, const char *key, const char **text_r)
{
	const cJSON *node = member(json, key);

	return node != NULL ? json_as_text((const struct json *)node, text_r) : 0;
}

int
json_get_int(const struct json *json, const char *key, int64_t min, int64_t max, int64_t *number_r)
{
	const cJSON *node = member(json, key);

	return node != NULL ? json_as_int((const struct json *)node, min, max, number_r) : 0;
}

int
json_get_bool(const struct json *json, const char *key, bool *value_r)
{
	const cJSON *node = member(json, key);

	if (node == NULL)
		return 0;
	if (!cJSON_IsBool(node))
		return -1;
	*value_r = cJSON_IsTrue(node) != 0;
	return 1;
}

bool
json_is_null(const struct json *json, const char *key)
{
	return cJSON_IsNull(member(json, key));
}

int
json_get_array(const struct json *json, const char *key, const struct json **array_r)
{
	const cJSON *node = member(json, key);

	if (node == NULL)
		return 0;
	if (!cJSON_IsArray(node))
		return -1;
	*array_r = (const struct json *)node;
	return 1;
}

size_t
json_array_length(const struct json *array)
{
	return (size_t)cJSON_GetArraySize(node_of(array));
}

const struct json *
json_array_item(const struct json *array, size_t i)
{
	return (const struct json *)cJSON_GetArrayItem(node_of(array), (int)i);
}

int
json_as_text(const struct json *item, const char **text_r)
{
	const cJSON *node = node_of(item);

	if (!cJSON_IsString(node))
		return -1;
	*text_r = node->valuestring;
	return 1;
}

int
json_as_int(const struct json *item, int64_t min, int64_t max, int64_t *number_r)
{
	const cJSON *node = node_of(item);
	int64_t number;

	if (!cJSON_IsNumber(node) || node->valuedouble > EXACT_MAX || node->valuedouble < -EXACT_MAX)
		return -1;
	number = (int64_t)node->valuedouble;
	if ((double)number != node->valuedouble || number < min || number > max)
		return -1;
	*number_r = number;
	return 1;
}

/* What the scanner does not see, in this value or any below it; NULL if all is well. */
static const char *
find_flaw(const cJSON *node)
{
	const char *flaw = NULL;
	const cJSON *child;

	if (cJSON_IsNumber(node) && isinf(node->valuedouble))
		return "the body holds a number out of range";
	if (cJSON_IsObject(node) && has_duplicate(node))
		return "the body has the same key twice in one object";
	cJSON_ArrayForEach(child, node)
		if ((flaw = find_flaw(child)) != NULL)
			break;
	return flaw;
}

/* Sorted, so that a body of a thousand keys costs little. */
static bool
has_duplicate(const cJSON *object)
{
	size_t count = (size_t)cJSON_GetArraySize(object), i = 0;
	const char **names = mem_calloc(count, sizeof(*names));
	const cJSON *child;
	bool found = false;

	cJSON_ArrayForEach(child, object)
		names[i++] = child->string;
	qsort(names, count, sizeof(*names), compare_names);
	for (i = 1; i < count && !found; i++)
		found = strcmp(names[i - 1], names[i]) == 0;
	free(names);
	return found;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const cJSON *
member(const struct json *json, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(node_of(json), key);
}

static const cJSON *
node_of(const struct json *json)
{
	return (const cJSON *)json;
}
