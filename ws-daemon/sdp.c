#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "sdp.h"
#include "str.h"

#define WORDS	64	/* of a line; the last one holds the rest */

/* A string as a reader sees it, one byte for each character below 128 (another one for all others). */
struct text {
	const char	*raw;
	char		*p;
	uint32_t	*at;	/* where in raw each of them begins; at[n]: the end */
	size_t		 n;
};

struct word {
	size_t	begin, end;
};

static void	 read_string(struct text *, struct slice);
static char	 read_escape(struct slice, size_t *);
static size_t	 string_length(const char *, size_t);
static void	 copy_lines(const struct text *, struct buf *);
static void	 copy_line(const struct text *, size_t, size_t, size_t, struct buf *);
static void	 copy_raw(const struct text *, size_t, size_t, struct buf *);
static size_t	 split(const char *, size_t, size_t, struct word *);
static bool	 is_candidate(const char *, size_t);
static bool	 is_remote(const char *, size_t);
static bool	 is_relay(const char *, const struct word *, size_t);
static bool	 is_address(const char *, const struct word *, size_t, bool);
static bool	 is_word(const char *, struct word, const char *);
static bool	 begins(const char *, size_t, const char *);

bool
sdp_is_relay(struct slice candidate)
{
	struct word words[WORDS];

	return is_relay(candidate.p, words, split(candidate.p, 0, candidate.n, words));
}

void
sdp_hide(struct slice json, struct buf *out)
{
	struct text	 text = { .p = mem_alloc(json.n + 1), .at = mem_alloc((json.n + 1) * sizeof(*text.at)) };
	const char	*p = json.p, *end = json.p + json.n, *quote;
	size_t		 n;

	while ((quote = memchr(p, '"', (size_t)(end - p))) != NULL) {
		quote++;
		buf_add(out, p, (size_t)(quote - p));
		n = string_length(quote, (size_t)(end - quote));
		read_string(&text, (struct slice){ .p = quote, .n = n });
		copy_lines(&text, out);
		p = quote + n;
		if (p == end)
			break;	/* no JSON */
		buf_addc(out, *p++);
	}
	buf_add(out, p, (size_t)(end - p));
	free(text.p);
	free(text.at);
}

static size_t
string_length(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] != '"')
		i += p[i] == '\\' && i + 1 < n ? 2 : 1;
	return i;
}

static void
read_string(struct text *text, struct slice raw)
{
	size_t i = 0;

	text->raw = raw.p;
	for (text->n = 0; i < raw.n; text->n++) {
		text->at[text->n] = (uint32_t)i;
		if (raw.p[i] == '\\')
			text->p[text->n] = read_escape(raw, &i);
		else
			text->p[text->n] = raw.p[i++];
	}
	text->at[text->n] = (uint32_t)raw.n;
}

/* RFC 8259 7, stepping over it.  What is no ASCII character is part of no word of ours. */
static char
read_escape(struct slice raw, size_t *i)
{
	static const char	letters[] = "nrtbf", controls[] = "\n\r\t\b\f";
	char			digits[5] = "", c = *i + 1 < raw.n ? raw.p[*i + 1] : '\0';
	const char		*letter = c != '\0' ? strchr(letters, c) : NULL;
	unsigned long		code;

	if (c != 'u' || *i + 6 > raw.n) {
		*i += MIN(raw.n - *i, 2);
		return letter != NULL ? controls[letter - letters] : c;
	}
	memcpy(digits, raw.p + *i + 2, 4);
	code = strtoul(digits, NULL, 16);
	*i += 6;
	return code < 0x80 ? (char)code : '\x7f';
}

/* A reader may take CR LF, LF or CR for a line's end. */
static void
copy_lines(const struct text *text, struct buf *out)
{
	size_t end, next;

	for (size_t i = 0; i < text->n; i = next) {
		for (end = i; end < text->n && text->p[end] != '\n' && text->p[end] != '\r'; end++)
			;
		next = end;
		if (next < text->n && text->p[next] == '\r')
			next++;
		if (next < text->n && text->p[next] == '\n')
			next++;
		copy_line(text, i, end, next, out);
	}
}

static void
copy_line(const struct text *text, size_t begin, size_t end, size_t next, struct buf *out)
{
	struct word	words[WORDS];
	size_t		n = split(text->p, begin, end, words), from = begin;
	bool		candidate = is_candidate(text->p + begin, end - begin);

	if (is_remote(text->p + begin, end - begin) || (candidate && !is_relay(text->p, words, n)))
		return;
	for (size_t i = 0; i < n; i++) {
		if (!is_address(text->p, words, i, candidate))
			continue;
		copy_raw(text, from, words[i].begin, out);
		buf_adds(out, memchr(text->p + words[i].begin, ':', words[i].end - words[i].begin) != NULL ?
		    "::" : "0.0.0.0");
		from = words[i].end;
	}
	copy_raw(text, from, next, out);
}

static void
copy_raw(const struct text *text, size_t from, size_t to, struct buf *out)
{
	buf_add(out, text->raw + text->at[from], text->at[to] - text->at[from]);
}

/* By single spaces, which is all that the grammars know. */
static size_t
split(const char *p, size_t begin, size_t end, struct word *words)
{
	const char	*space;
	size_t		 n = 0;

	for (; n < WORDS - 1 && (space = memchr(p + begin, ' ', end - begin)) != NULL; n++) {
		words[n] = (struct word){ .begin = begin, .end = (size_t)(space - p) };
		begin = words[n].end + 1;
	}
	words[n++] = (struct word){ .begin = begin, .end = end };
	return n;
}

/* Wherever in the line, in case that somebody's lines end elsewhere. */
static bool
is_candidate(const char *line, size_t n)
{
	static const char attribute[] = "a=candidate:";

	return memmem(line, n, attribute, sizeof(attribute) - 1) != NULL || begins(line, n, "candidate:");
}

/* The other side's candidates, of which nobody needs to be told: addresses without a type (RFC 8839 5.2). */
static bool
is_remote(const char *line, size_t n)
{
	return begins(line, n, "a=remote-candidates:");
}

/* foundation component transport priority address port "typ" type, RFC 8839 5.1 */
static bool
is_relay(const char *p, const struct word *words, size_t n)
{
	return n > 7 && is_word(p, words[6], "typ") && is_word(p, words[7], "relay");
}

/* One that tells something, and that is not what it is about. */
static bool
is_address(const char *p, const struct word *words, size_t i, bool candidate)
{
	static const struct {
		const char	*start;
		size_t		 word;
	} lines[] = {
		{ "c=", 2 },		/* c=IN IP4 address */
		{ "a=rtcp:", 3 },	/* a=rtcp:port IN IP4 address */
		{ "o=", 5 },		/* o=user id version IN IP4 address */
	};
	static const char *const nobody[] = { "0.0.0.0", "::", "127.0.0.1", "::1" };
	bool found = candidate && i > 8 && is_word(p, words[i - 1], "raddr");

	for (size_t k = 0; k < COUNTOF(lines) && !candidate; k++)
		found |= i == lines[k].word &&
		    begins(p + words[0].begin, words[0].end - words[0].begin, lines[k].start);
	for (size_t k = 0; k < COUNTOF(nobody); k++)
		found = found && !is_word(p, words[i], nobody[k]);
	return found;
}

static bool
is_word(const char *p, struct word word, const char *text)
{
	return str_equal((struct slice){ .p = p + word.begin, .n = word.end - word.begin }, text);
}

static bool
begins(const char *p, size_t n, const char *start)
{
	return n >= strlen(start) && memcmp(p, start, strlen(start)) == 0;
}
