#include <stdlib.h>
#include <string.h>

#include "conf_value.h"
#include "mem.h"
#include "str.h"

struct unit {
	const char	*name;
	int64_t		 factor;
};

/* From the largest, for printing; "" is what a bare number means. */
static const struct unit durations[] = {
	{ "d", 24 * 3600 * US_PER_S }, { "h", 3600 * US_PER_S }, { "m", 60 * US_PER_S }, { "s", US_PER_S },
	{ "ms", US_PER_MS }, { "", US_PER_S }, { NULL, 0 },
};
static const struct unit sizes[] = {
	{ "m", 1024 * 1024 }, { "k", 1024 }, { "", 1 }, { NULL, 0 },
};
static const struct unit numbers[] = {
	{ "", 1 }, { NULL, 0 },
};

static bool	 set_text(char **field, const struct conf_key *key, const char *text, struct buf *why_r);
static bool	 set_switch(bool *field, const char *text, struct buf *why_r);
static bool	 set_word(int64_t *field, const struct conf_key *key, const char *text, struct buf *why_r);
static bool	 set_amount(int64_t *field, const struct conf_key *key, const char *text, struct buf *why_r);
static bool	 read_amount(const char *text, const struct unit *units, int64_t *value_r);
static void	 print_amount(struct buf *out, int64_t value, const struct unit *units);
static void	*field_of(const struct conf *conf, const struct conf_key *key);
static const struct unit *units_of(const struct conf_key *key);

bool
conf_value_set(struct conf *conf, const struct conf_key *key, const char *text, struct buf *why_r)
{
	void *field = field_of(conf, key);

	switch (key->kind) {
	case CONF_TEXT:
		return set_text(field, key, text, why_r);
	case CONF_SWITCH:
		return set_switch(field, text, why_r);
	case CONF_WORD:
		return set_word(field, key, text, why_r);
	default:
		return set_amount(field, key, text, why_r);
	}
}

void
conf_value_print(const struct conf *conf, const struct conf_key *key, struct buf *out)
{
	const void *field = field_of(conf, key);

	switch (key->kind) {
	case CONF_TEXT:
		buf_adds(out, *(char *const *)field);
		break;
	case CONF_SWITCH:
		buf_adds(out, *(const bool *)field ? "yes" : "no");
		break;
	case CONF_WORD:
		buf_adds(out, key->words[*(const int64_t *)field]);
		break;
	default:
		print_amount(out, *(const int64_t *)field, units_of(key));
		break;
	}
}

void
conf_value_free(struct conf *conf, const struct conf_key *key)
{
	char **field = field_of(conf, key);

	if (key->kind != CONF_TEXT)
		return;
	free(*field);
	*field = NULL;
}

/* A semicolon would begin a comment when the value is printed and read again. */
static bool
set_text(char **field, const struct conf_key *key, const char *text, struct buf *why_r)
{
	const char *wrong = NULL;

	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f || *p == ';')
			wrong = "must not hold semicolons or control characters";
	if (!str_utf8_valid(text, strlen(text)))
		wrong = "must be UTF-8";
	if (wrong == NULL && key->rule != NULL)
		wrong = key->rule(text);
	if (wrong != NULL) {
		buf_adds(why_r, wrong);
		return false;
	}
	free(*field);
	*field = mem_strdup(text);
	return true;
}

static bool
set_switch(bool *field, const char *text, struct buf *why_r)
{
	bool yes = strcmp(text, "yes") == 0;

	if (!yes && strcmp(text, "no") != 0) {
		buf_adds(why_r, "must be yes or no");
		return false;
	}
	*field = yes;
	return true;
}

static bool
set_word(int64_t *field, const struct conf_key *key, const char *text, struct buf *why_r)
{
	for (int64_t i = 0; key->words[i] != NULL; i++) {
		if (strcmp(key->words[i], text) == 0) {
			*field = i;
			return true;
		}
	}
	buf_adds(why_r, "must be ");
	for (size_t i = 0; key->words[i] != NULL; i++)
		buf_addf(why_r, "%s%s", i == 0 ? "" : key->words[i + 1] == NULL ? " or " : ", ", key->words[i]);
	return false;
}

static bool
set_amount(int64_t *field, const struct conf_key *key, const char *text, struct buf *why_r)
{
	const struct unit *units = units_of(key);
	int64_t value;

	if (!read_amount(text, units, &value)) {
		buf_adds(why_r, units == durations ? "must be a number of seconds, or end in ms, s, m, h or d" :
		    units == sizes ? "must be a number of bytes, or end in k or m" : "must be a number");
		return false;
	}
	if (value < key->min || value > key->max) {
		buf_adds(why_r, "must be from ");
		print_amount(why_r, key->min, units);
		buf_adds(why_r, " to ");
		print_amount(why_r, key->max, units);
		return false;
	}
	*field = value;
	return true;
}

bool
conf_value_duration(const char *text, int64_t *us_r)
{
	return read_amount(text, durations, us_r);
}

/* Digits and one of the units. */
static bool
read_amount(const char *text, const struct unit *units, int64_t *value_r)
{
	size_t digits = strspn(text, "0123456789");
	int64_t count, value;

	if (!str_to_int(text, digits, 0, INT64_MAX, &count))
		return false;
	for (; units->name != NULL; units++) {
		if (strcmp(text + digits, units->name) != 0)
			continue;
		if (__builtin_mul_overflow(count, units->factor, &value))
			return false;
		*value_r = value;
		return true;
	}
	return false;
}

/* In the largest unit that leaves no rest. */
static void
print_amount(struct buf *out, int64_t value, const struct unit *units)
{
	while (units[1].name != NULL && (value == 0 || value % units->factor != 0))
		units++;
	buf_addf(out, "%lld%s", (long long)(value / units->factor), units->name);
}

static const struct unit *
units_of(const struct conf_key *key)
{
	return key->kind == CONF_DURATION ? durations : key->kind == CONF_SIZE ? sizes : numbers;
}

/* A key's offset and kind say together what is there; the struct itself is the caller's to change or not. */
static void *
field_of(const struct conf *conf, const struct conf_key *key)
{
	return (char *)(uintptr_t)conf + key->offset;
}
