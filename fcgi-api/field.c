#include <string.h>

#include "clock.h"
#include "field.h"
#include "str.h"

static void	missing(struct reply *r, const char *name);

int
field_text(const struct context *c, struct reply *r, const struct field_text *field, const char **text_r)
{
	const char *text;
	int found = json_get_text(c->body, field->name, &text);

	if (found == 0)
		return 0;
	if (found < 0) {
		reply_bad_field(r, field->name, "%s must be a string", field->name);
		return -1;
	}
	if (*text == '\0' && !field->may_be_empty) {
		reply_bad_field(r, field->name, "%s must not be empty", field->name);
		return -1;
	}
	if (str_utf8_count(text, strlen(text)) > field->max) {
		reply_bad_field(r, field->name, "%s must have at most %zu characters", field->name, field->max);
		return -1;
	}
	if (str_has_control(text, field->lines)) {
		reply_bad_field(r, field->name, "%s must not have control characters", field->name);
		return -1;
	}
	*text_r = text;
	return 1;
}

bool
field_text_required(const struct context *c, struct reply *r, const struct field_text *field, const char **text_r)
{
	int found = field_text(c, r, field, text_r);

	if (found == 0)
		missing(r, field->name);
	return found == 1;
}

bool
field_secret(const struct context *c, struct reply *r, const char *name, size_t max, const char **text_r)
{
	const char *text;
	int found = json_get_text(c->body, name, &text);

	if (found == 0 || (found == 1 && *text == '\0'))
		missing(r, name);
	else if (found < 0)
		reply_bad_field(r, name, "%s must be a string", name);
	else if (strlen(text) > max)
		reply_bad_field(r, name, "%s must have at most %zu bytes", name, max);
	else {
		*text_r = text;
		return true;
	}
	return false;
}

bool
field_new_password(const struct context *c, struct reply *r, const char *name, const char **text_r)
{
	const char *text;

	if (!field_secret(c, r, name, LIMIT_PASSWORD_MAX, &text))
		return false;
	if (strlen(text) < LIMIT_PASSWORD_MIN) {
		reply_bad_field(r, name, "%s must have at least %d bytes", name, LIMIT_PASSWORD_MIN);
		return false;
	}
	*text_r = text;
	return true;
}

int
field_id(const struct context *c, struct reply *r, const char *name, int64_t *id_r)
{
	int found = json_get_int(c->body, name, 1, INT64_MAX, id_r);

	if (found < 0)
		reply_bad_field(r, name, "%s must be a positive integer", name);
	return found;
}

bool
field_id_required(const struct context *c, struct reply *r, const char *name, int64_t *id_r)
{
	int found = field_id(c, r, name, id_r);

	if (found == 0)
		missing(r, name);
	return found == 1;
}

int
field_time(const struct context *c, struct reply *r, const char *name, int64_t *time_r)
{
	const char *text;
	int found;

	if (json_is_null(c->body, name)) {
		*time_r = 0;
		return 1;
	}
	found = json_get_text(c->body, name, &text);
	if (found < 0 || (found == 1 && !clock_parse(text, time_r))) {
		reply_bad_field(r, name, "%s must be a time like 2024-01-15T10:30:00Z, or null", name);
		return -1;
	}
	return found;
}

/* The report's wording. */
static void
missing(struct reply *r, const char *name)
{
	reply_error(r, 400, "missing_field", name, "%s is required", name);
}
