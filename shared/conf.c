#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "conf_file.h"
#include "conf_rule.h"
#include "conf_value.h"
#include "mem.h"

#ifndef UNIO_CONF_DEFAULT
#define UNIO_CONF_DEFAULT	"/etc/unio/unio.conf"
#endif

#define KEYS_MAX	128	/* of the table */

struct loading {
	struct conf	*conf;
	const char	*path;
	conf_report	*report;
	void		*arg;
	bool		 given[KEYS_MAX];	/* the file has key i */
	bool		 failed;
};

static void	set_defaults(struct conf *conf);
static void	take_pair(void *arg, unsigned line, const char *name, const char *value);
static void	take_mistake(void *arg, unsigned line, const char *what);
static void	take_environment(struct loading *loading);
static void	check_together(struct loading *loading);
static void	dump_pair(const char *name, const char *value, struct buf *out);
static bool	mark_given(struct loading *loading, const struct conf_key *key);
static void	complain(struct loading *loading, unsigned line, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void	say(struct loading *loading, const char *fmt, ...) PRINTF_LIKE(2, 3);

struct conf *
conf_load(const char *path, conf_report *report, void *arg)
{
	struct loading loading = { .path = path, .report = report, .arg = arg };
	struct conf_file_sink sink = { .pair = take_pair, .mistake = take_mistake, .arg = &loading };

	if (loading.path == NULL)
		loading.path = getenv("UNIO_CONF");
	if (loading.path == NULL)
		loading.path = UNIO_CONF_DEFAULT;
	loading.conf = mem_calloc(1, sizeof(*loading.conf));
	set_defaults(loading.conf);
	conf_file_read(loading.path, &sink);
	take_environment(&loading);
	check_together(&loading);
	if (loading.failed)
		conf_free(&loading.conf);
	return loading.conf;
}

void
conf_free(struct conf **conf)
{
	const struct conf_key *key;

	if (*conf == NULL)
		return;
	for (size_t i = 0; (key = conf_key_at(i)) != NULL; i++)
		conf_value_free(*conf, key);
	free(*conf);
	*conf = NULL;
}

void
conf_report_to(void *arg, const char *mistake)
{
	fprintf(arg, "%s\n", mistake);
}

void
conf_dump(const struct conf *conf, FILE *out)
{
	const struct conf_key *key;
	struct buf text = { 0 }, value = { 0 };

	for (size_t i = 0; (key = conf_key_at(i)) != NULL; i++) {
		buf_clear(&value);
		conf_value_print(conf, key, &value);
		dump_pair(key->name, value.data != NULL ? value.data : "", &text);
	}
	fputs(text.data, out);
	buf_free(&value);
	buf_free(&text);
}

/* What is printed can be read again: a value from the environment may be longer than a line of the file. */
static void
dump_pair(const char *name, const char *value, struct buf *out)
{
	size_t n = strlen(name) + strlen(value);

	if (n + strlen(" = ") <= CONF_FILE_LINE_MAX)
		buf_addf(out, "%s = %s\n", name, value);
	else if (n + strlen("=") <= CONF_FILE_LINE_MAX)
		buf_addf(out, "%s=%s\n", name, value);
	else
		buf_addf(out, "# too long for a line, by the environment alone: %s=%s\n", name, value);
}

bool
conf_key(size_t i, const char **name_r, const char **default_r, const char **help_r)
{
	const struct conf_key *key = conf_key_at(i);

	if (key == NULL)
		return false;
	*name_r = key->name;
	*default_r = key->fallback;
	*help_r = key->help;
	return true;
}

int
conf_check(const char *path, int n, conf_warn *warn)
{
	struct conf *conf = conf_load(path, conf_report_to, stderr);

	if (conf == NULL)
		return 1;
	if (warn != NULL)
		warn(conf, stderr);
	if (n >= 2)
		conf_dump(conf, stdout);
	conf_free(&conf);
	return 0;
}

/* A default that its own key refuses is a mistake of the program. */
static void
set_defaults(struct conf *conf)
{
	const struct conf_key *key;
	struct buf why = { 0 };

	for (size_t i = 0; (key = conf_key_at(i)) != NULL; i++)
		if (i >= KEYS_MAX || !conf_value_set(conf, key, key->fallback, &why))
			abort();
}

static void
take_pair(void *arg, unsigned line, const char *name, const char *value)
{
	struct loading *loading = arg;
	const struct conf_key *key = conf_key_find(name);
	struct buf why = { 0 };

	if (key == NULL)
		complain(loading, line, "there is no key \"%s\"", name);
	else if (!mark_given(loading, key))
		complain(loading, line, "%s is given twice", name);
	else if (!conf_value_set(loading->conf, key, value, &why))
		complain(loading, line, "%s %s", name, why.data);
	buf_free(&why);
}

static void
take_mistake(void *arg, unsigned line, const char *what)
{
	const struct loading *loading = arg;
	bool nobody_named_it = line == 0 && strcmp(loading->path, UNIO_CONF_DEFAULT) == 0;

	complain(arg, line, "%s%s", what, nobody_named_it ? "; name your configuration with -c FILE or UNIO_CONF" : "");
}

static void
take_environment(struct loading *loading)
{
	const struct conf_key *key;

	for (size_t i = 0; (key = conf_key_at(i)) != NULL; i++) {
		struct buf name = { 0 }, why = { 0 };
		const char *value;

		buf_addf(&name, "UNIO_%s", key->name);
		for (size_t k = 0; k < name.len; k++)
			name.data[k] = (char)toupper((unsigned char)name.data[k]);
		value = getenv(name.data);
		if (value != NULL && !conf_value_set(loading->conf, key, value, &why))
			say(loading, "%s in the environment %s", name.data, why.data);
		buf_free(&name);
		buf_free(&why);
	}
}

static void
check_together(struct loading *loading)
{
	const char *sentence;

	for (size_t i = 0; (sentence = conf_rule_together(loading->conf, i)) != NULL; i++)
		if (*sentence != '\0')
			complain(loading, 0, "%s", sentence);
}

/* False if it was given before. */
static bool
mark_given(struct loading *loading, const struct conf_key *key)
{
	bool *given = &loading->given[key - conf_key_at(0)];

	if (*given)
		return false;
	*given = true;
	return true;
}

/* line 0: about the file as a whole. */
static void
complain(struct loading *loading, unsigned line, const char *fmt, ...)
{
	va_list args;
	char text[512];

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (line > 0)
		say(loading, "%s:%u: %s", loading->path, line, text);
	else
		say(loading, "%s: %s", loading->path, text);
}

static void
say(struct loading *loading, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	loading->failed = true;
	loading->report(loading->arg, text);
}
