/*
 * embed.c: docs/openapi.yaml and docs/asyncapi.yaml as JSON in a C table, so that they
 * travel inside unio-api (published.h).  Runs while that is built, and never again.
 *
 *	embed FILE.yaml...
 *
 * YAML as libyaml reads it (the only file that knows it), its plain scalars by the core
 * schema of YAML 1.2 (10.3), as far as JSON has them.  No anchors: each part of a
 * description has a name, and is referred to by that.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#define LINE_WIDTH	100	/* bytes of a C string in one line */

struct embed {
	const char	*file;
	yaml_parser_t	 parser;
	uint64_t	 hash;		/* FNV-1a, of the JSON */
	size_t		 length;	/* of the JSON */
	size_t		 column;
};

static void	 embed_file(const char *);
static void	 fail(const struct embed *, const char *);
static void	 next(struct embed *, yaml_event_t *);
static void	 put_node(struct embed *, const yaml_event_t *);
static void	 put_children(struct embed *, yaml_event_type_t, const char[2]);
static void	 put_scalar(struct embed *, const yaml_event_t *);
static void	 put_quoted(struct embed *, const char *, size_t);
static bool	 is_word(const char *);
static bool	 is_number(const char *);
static void	 put_text(struct embed *, const char *);
static void	 put_byte(struct embed *, char);

int
main(int argc, char *argv[])
{
	puts("/* Made from the descriptions in docs/ by docs/embed.c. */\n"
	    "#include \"published.h\"\n\n"
	    "const struct published published[] = {");
	for (int i = 1; i < argc; i++)
		embed_file(argv[i]);
	printf("};\n\nconst size_t published_count = %d;\n", argc - 1);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* One line of the table: under docs/x.yaml's name x.json. */
static void
embed_file(const char *file)
{
	struct embed	 e = { .file = file, .hash = UINT64_C(14695981039346656037) };
	FILE		*in = fopen(file, "r");
	const char	*slash = strrchr(file, '/'), *name = slash != NULL ? slash + 1 : file;
	yaml_event_t	 event;

	if (in == NULL || yaml_parser_initialize(&e.parser) == 0)
		fail(&e, "cannot be opened");
	yaml_parser_set_input_file(&e.parser, in);
	printf("\t{ .name = \"%.*s.json\", .text =", (int)strcspn(name, "."), name);
	do
		next(&e, &event);
	while (event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_START_EVENT);
	put_node(&e, &event);
	yaml_event_delete(&event);
	printf("\",\n\t    .length = %zu, .etag = \"\\\"%016llx\\\"\" },\n", e.length, (unsigned long long)e.hash);
	yaml_parser_delete(&e.parser);
	fclose(in);
}

static void
fail(const struct embed *e, const char *why)
{
	fprintf(stderr, "%s:%zu: %s\n", e->file, e->parser.mark.line + 1, why);
	exit(EXIT_FAILURE);
}

static void
next(struct embed *e, yaml_event_t *event)
{
	if (yaml_parser_parse(&e->parser, event) == 0)
		fail(e, e->parser.problem != NULL ? e->parser.problem : "cannot be read");
}

static void
put_node(struct embed *e, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		put_scalar(e, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		put_children(e, YAML_SEQUENCE_END_EVENT, "[]");
		break;
	case YAML_MAPPING_START_EVENT:
		put_children(e, YAML_MAPPING_END_EVENT, "{}");
		break;
	default:
		fail(e, "neither a scalar, a list nor a mapping");
	}
}

/* In a mapping names and values take turns. */
static void
put_children(struct embed *e, yaml_event_type_t end, const char brackets[2])
{
	bool		mapping = end == YAML_MAPPING_END_EVENT;
	yaml_event_t	event;

	put_byte(e, brackets[0]);
	for (size_t i = 0;; i++) {
		bool value = mapping && i % 2 == 1;

		next(e, &event);
		if (event.type == end)
			break;
		if (i > 0)
			put_byte(e, value ? ':' : ',');
		if (mapping && !value && event.type == YAML_SCALAR_EVENT)
			put_quoted(e, (const char *)event.data.scalar.value, event.data.scalar.length);
		else if (mapping && !value)
			fail(e, "a name that is no scalar");
		else
			put_node(e, &event);
		yaml_event_delete(&event);
	}
	yaml_event_delete(&event);
	put_byte(e, brackets[1]);
}

static void
put_scalar(struct embed *e, const yaml_event_t *event)
{
	const char	*text = (const char *)event->data.scalar.value;
	bool		 plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

	if (plain && *text == '\0')
		put_text(e, "null");
	else if (plain && (is_word(text) || is_number(text)))
		put_text(e, text);
	else
		put_quoted(e, text, event->data.scalar.length);
}

/* RFC 8259 7; what is beyond ASCII stays as it is. */
static void
put_quoted(struct embed *e, const char *p, size_t n)
{
	static const char	names[] = "\"\\bfnrt", named[] = "\"\\\b\f\n\r\t";
	char			escape[sizeof("\\u0000")];

	put_byte(e, '"');
	for (size_t i = 0; i < n; i++) {
		const char *name = p[i] != '\0' ? strchr(named, p[i]) : NULL;

		if (name != NULL)
			snprintf(escape, sizeof(escape), "\\%c", names[name - named]);
		else if ((unsigned char)p[i] < ' ')
			snprintf(escape, sizeof(escape), "\\u%04x", (unsigned char)p[i]);
		else
			snprintf(escape, sizeof(escape), "%c", p[i]);
		put_text(e, escape);
	}
	put_byte(e, '"');
}

static bool
is_word(const char *text)
{
	return strcmp(text, "null") == 0 || strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
}

/* Of JSON (RFC 8259 6), decimal and without an exponent: ours have none. */
static bool
is_number(const char *text)
{
	static const char	digits[] = "0123456789";
	const char		*p = *text == '-' ? text + 1 : text;
	size_t			 whole = strspn(p, digits), fraction;

	if (whole == 0 || (*p == '0' && whole > 1))
		return false;
	p += whole;
	if (*p != '.')
		return *p == '\0';
	fraction = strspn(p + 1, digits);
	return fraction > 0 && p[1 + fraction] == '\0';
}

static void
put_text(struct embed *e, const char *text)
{
	while (*text != '\0')
		put_byte(e, *text++);
}

/* One byte of the JSON, inside a C string; "??" would begin a trigraph. */
static void
put_byte(struct embed *e, char c)
{
	e->hash = (e->hash ^ (unsigned char)c) * UINT64_C(1099511628211);
	e->length++;
	if (e->column == 0 || (e->column >= LINE_WIDTH && ((unsigned char)c & 0xc0) != 0x80)) {
		fputs(e->column == 0 ? "\n\t    \"" : "\"\n\t    \"", stdout);
		e->column = 0;
	}
	if (strchr("\"\\?", c) != NULL) {
		putchar('\\');
		e->column++;
	}
	putchar(c);
	e->column++;
}
