#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "request.h"
#include "str.h"

static void	 take_variable(struct request *request, const char *variable);
static char	*decode(struct arena *arena, struct slice text, bool form);
static int	 hex_digit(char c);
static bool	 below(const char **path, const char *base_path);

static const struct {
	const char	*name;
	size_t		 offset;
} variables[] = {
	{ "REQUEST_METHOD", offsetof(struct request, method) },
	{ "REQUEST_URI", offsetof(struct request, uri) },
	{ "REMOTE_ADDR", offsetof(struct request, remote_address) },
	{ "HTTP_X_FORWARDED_FOR", offsetof(struct request, forwarded_for) },
	{ "HTTP_AUTHORIZATION", offsetof(struct request, authorization) },
	{ "CONTENT_TYPE", offsetof(struct request, content_type) },
	{ "CONTENT_LENGTH", offsetof(struct request, content_length) },
	{ "HTTP_IDEMPOTENCY_KEY", offsetof(struct request, idempotency_key) },
	{ "HTTP_IF_NONE_MATCH", offsetof(struct request, if_none_match) },
	{ "HTTP_USER_AGENT", offsetof(struct request, user_agent) },
	{ "HTTP_HOST", offsetof(struct request, host) },
	{ "HTTP_ORIGIN", offsetof(struct request, origin) },
	{ "HTTP_ACCESS_CONTROL_REQUEST_METHOD", offsetof(struct request, wanted_method) },
	{ "REQUEST_SCHEME", offsetof(struct request, scheme) },
	{ "HTTP_X_FORWARDED_PROTO", offsetof(struct request, forwarded_proto) },
};

void
request_start(struct request *request, char *const *environment)
{
	struct buf body = request->body;

	buf_clear(&body);
	*request = (struct request){ .body = body, .path = "", .query = "" };
	for (; *environment != NULL; environment++)
		take_variable(request, *environment);
	if (request->method == NULL)
		request->method = "";
	if (request->uri == NULL)
		request->uri = "";
	str_random(request->id, REQUEST_ID);
}

/* Front servers send twice as many as are wanted: most are told apart by their first letters. */
static void
take_variable(struct request *request, const char *variable)
{
	for (size_t i = 0; i < COUNTOF(variables); i++) {
		const char **field = (const char **)(void *)((char *)request + variables[i].offset);
		const char *name = variables[i].name, *at = variable;

		while (*name != '\0' && *at == *name) {
			name++;
			at++;
		}
		if (*name == '\0' && *at == '=') {
			if (*field == NULL)
				*field = at + 1;
			return;
		}
	}
}

void
request_wipe(struct request *request)
{
	if (request->body.data != NULL)
		explicit_bzero(request->body.data, request->body.cap);
	request->body.len = 0;
}

int
request_target(struct request *request, struct arena *arena, const char *base_path)
{
	size_t length = strcspn(request->uri, "?#");
	const char *p;

	request->segments = 0;
	request->path = p = arena_strndup(arena, request->uri, length);
	if (request->uri[length] == '?')
		request->query = request->uri + length + 1;
	if (*p != '/')
		return -1;
	if (!below(&p, base_path))
		return 0;
	while (*p == '/' && p[1] != '\0') {
		size_t n = strcspn(++p, "/");

		if (n == 0 || request->segments == REQUEST_SEGMENTS)
			return 0;
		request->segment[request->segments] = decode(arena, (struct slice){ p, n }, false);
		if (request->segment[request->segments++] == NULL)
			return -1;
		p += n;
	}
	return 1;
}

/* Steps over base_path; false if the path lies elsewhere. */
static bool
below(const char **path, const char *base_path)
{
	size_t n = strlen(base_path);

	if (strncmp(*path, base_path, n) != 0 || ((*path)[n] != '/' && (*path)[n] != '\0'))
		return false;
	*path += n;
	return true;
}

int
request_query(const struct request *request, struct arena *arena, const char *name, const char **value_r)
{
	for (const char *p = request->query; *p != '\0';) {
		size_t n = strcspn(p, "&");
		size_t key = MIN(strcspn(p, "="), n);
		const char *decoded = decode(arena, (struct slice){ p, key }, true);

		if (decoded != NULL && strcmp(decoded, name) == 0) {
			struct slice value = { p + key, n - key };

			if (value.n > 0) {
				value.p++;
				value.n--;
			}
			decoded = decode(arena, value, true);
			if (decoded == NULL)
				return -1;
			*value_r = decoded;
			return 1;
		}
		p += n + (p[n] == '&');
	}
	return 0;
}

/*
 * Percent-decoding (RFC 3986 2.1).  NULL for what no name of ours contains: a bad
 * escape, a NUL, ill-formed UTF-8, and in a path an encoded slash, which would make
 * one segment look like two to whoever decodes first and splits later.
 */
static char *
decode(struct arena *arena, struct slice text, bool form)
{
	char *out = arena_alloc(arena, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '%') {
			bool whole = text.n - i > 2;
			int high = whole ? hex_digit(text.p[i + 1]) : -1;
			int low = whole ? hex_digit(text.p[i + 2]) : -1;

			if (high < 0 || low < 0)
				return NULL;
			c = (char)(high << 4 | low);
			if (c == '\0' || (c == '/' && !form))
				return NULL;
			i += 2;
		} else if (c == '+' && form)
			c = ' ';
		out[n++] = c;
	}
	out[n] = '\0';
	return str_utf8_valid(out, n) ? out : NULL;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
request_length(const struct request *request, int64_t *length_r)
{
	const char *text = request->content_length;

	if (text == NULL || *text == '\0')
		return 0;
	return str_to_int(text, strlen(text), 0, INT64_MAX, length_r) ? 1 : -1;
}

bool
request_is_json(const struct request *request)
{
	static const char json[] = "application/json";
	const char *type = request->content_type;
	char after;

	if (type == NULL || *type == '\0')
		return true;
	if (strncasecmp(type, json, sizeof(json) - 1) != 0)
		return false;
	after = type[sizeof(json) - 1];
	return after == '\0' || after == ';' || after == ' ' || after == '\t';
}

const char *
request_canonical(const struct request *request, struct arena *arena)
{
	const char *path = "";

	for (size_t i = 0; i < request->segments; i++)
		path = arena_printf(arena, "%s/%s", path, request->segment[i]);
	return path;
}
