/*
 * json.h: a parsed JSON body (the only file that knows cJSON).
 *
 * A body passes scan.h's strict reader first, and duplicate keys are refused at
 * every level; then cJSON builds the tree.  Reading is typed: a getter answers
 * 1 found, 0 absent (or null, where said), -1 there but of another type or out of
 * range.  What it hands out belongs to the tree and lives until json_free().
 */
#ifndef UNIO_JSON_H
#define UNIO_JSON_H

#include "base.h"

struct json;

/* The tree of an object, or NULL and a sentence for a person in *reason_r (a static string). */
struct json	*json_parse_object(const char *p, size_t n, const char **reason_r);
/*
 * Any text of a program of ours (ctl.h): nothing is refused but bad grammar and half of a surrogate pair, since what
 * others sent it and it passes on may be deeper, or have keys twice.  The first of two is found.
 */
struct json	*json_parse_ours(const char *p, size_t n);
void		 json_free(struct json **json);

/* 1 found, 0 absent, -1 of another type.  null counts as there and of another type. */
NODISCARD int	 json_get_text(const struct json *json, const char *key, const char **text_r);
NODISCARD int	 json_get_int(const struct json *json, const char *key, int64_t min, int64_t max, int64_t *number_r);
NODISCARD int	 json_get_bool(const struct json *json, const char *key, bool *value_r);
/* The member is there and null; bool. */
bool		 json_is_null(const struct json *json, const char *key);
/* 1 found, 0 absent, -1 no array. */
NODISCARD int	 json_get_array(const struct json *json, const char *key, const struct json **array_r);
size_t		 json_array_length(const struct json *array);
const struct json *json_array_item(const struct json *array, size_t i);
/* The value itself, for array items: 1 or -1 of another type. */
NODISCARD int	 json_as_text(const struct json *item, const char **text_r);
NODISCARD int	 json_as_int(const struct json *item, int64_t min, int64_t max, int64_t *number_r);

#endif
