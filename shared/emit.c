#include <string.h>

#include "clock.h"
#include "emit.h"
#include "str.h"

static void	 open_level(struct emit *e, const char *key, bool array);
static void	 before(struct emit *e, const char *key);
static bool	 is_plain(unsigned char c);
static size_t	 escape(struct buf *out, const char *p, size_t n);

struct emit
emit_into(struct buf *out)
{
	return (struct emit){ .out = out };
}

void
emit_object(struct emit *e, const char *key)
{
	open_level(e, key, false);
}

void
emit_array(struct emit *e, const char *key)
{
	open_level(e, key, true);
}

void
emit_end(struct emit *e)
{
	e->depth--;
	buf_addc(e->out, (e->arrays >> e->depth & 1) != 0 ? ']' : '}');
	e->comma = true;
}

void
emit_text(struct emit *e, const char *key, const char *text)
{
	if (text != NULL)
		emit_slice(e, key, str_slice(text));
	else
		emit_null(e, key);
}

void
emit_slice(struct emit *e, const char *key, struct slice text)
{
	before(e, key);
	emit_quoted(e->out, text.p, text.n);
}

void
emit_int(struct emit *e, const char *key, int64_t number)
{
	before(e, key);
	buf_add_int(e->out, number);
}

void
emit_bool(struct emit *e, const char *key, bool value)
{
	before(e, key);
	buf_adds(e->out, value ? "true" : "false");
}

void
emit_null(struct emit *e, const char *key)
{
	before(e, key);
	buf_adds(e->out, "null");
}

void
emit_time(struct emit *e, const char *key, int64_t wall_us)
{
	char text[CLOCK_TEXT_SIZE];

	if (wall_us == 0) {
		emit_null(e, key);
		return;
	}
	clock_format(text, wall_us);
	emit_text(e, key, text);
}

void
emit_raw(struct emit *e, const char *key, struct slice json)
{
	before(e, key);
	buf_add(e->out, json.p, json.n);
}

/* Copies whole runs of plain characters; what is between them goes through escape(). */
void
emit_quoted(struct buf *out, const char *p, size_t n)
{
	size_t i = 0, run;

	buf_addc(out, '"');
	while (i < n) {
		for (run = i; i < n && is_plain((unsigned char)p[i]); i++)
			;
		buf_add(out, p + run, i - run);
		if (i < n)
			i += escape(out, p + i, n - i);
	}
	buf_addc(out, '"');
}

static void
open_level(struct emit *e, const char *key, bool array)
{
	uint64_t bit = UINT64_C(1) << e->depth;

	before(e, key);
	buf_addc(e->out, array ? '[' : '{');
	e->arrays = array ? e->arrays | bit : e->arrays & ~bit;
	e->depth++;
	e->comma = false;
}

/* What stands before a value: the comma after its elder sibling, and its name. */
static void
before(struct emit *e, const char *key)
{
	if (e->comma)
		buf_addc(e->out, ',');
	e->comma = true;
	if (key != NULL) {
		emit_quoted(e->out, key, strlen(key));
		buf_addc(e->out, ':');
	}
}

static bool
is_plain(unsigned char c)
{
	return c >= ' ' && c < 0x80 && c != '"' && c != '\\';
}

/* Writes the character at p, which is not plain, and returns how many bytes of p that took. */
static size_t
escape(struct buf *out, const char *p, size_t n)
{
	static const char named[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
	const char *name = memchr(named, p[0], sizeof(named) - 1);
	size_t length;

	if ((unsigned char)p[0] >= 0x80) {
		length = str_utf8_next(p, n);
		buf_add(out, length > 0 ? p : "\xef\xbf\xbd", length > 0 ? length : 3);
		return MAX(length, 1);
	}
	if (name != NULL)
		buf_add(out, (const char[]){ '\\', names[name - named] }, 2);
	else
		buf_addf(out, "\\u%04x", p[0]);
	return 1;
}
