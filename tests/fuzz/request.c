/*
 * request: what was asked, from the variables of FastCGI and CGI on.  Input: lines NAME=value, as a front server
 * hands them over; a line BASE=… is the configured base_path.
 */
#include "../../fcgi-api/request.h"
#include "../../fcgi-api/route.h"
#include "buf.h"
#include "fuzz.h"
#include "peer.h"
#include "str.h"

#define VARIABLES	32

struct environment {
	char	*line[VARIABLES + 1];	/* and NULL */
	size_t	 count;
};

static const char	*variable(const struct environment *environment, const char *name);
static void		 check_path(const struct request *request, struct arena *arena);
static void		 check_query(const struct request *request, struct arena *arena);
static void		 check_rest(struct request *request);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice		 rest = { .p = (const char *)data, .n = size };
	struct environment	 environment = { .count = 0 };
	struct arena		*arena = arena_new();
	struct request		 request = { .body = { 0 } };
	const char		*base;
	int			 target;

	while (rest.n > 0 && environment.count < VARIABLES)
		environment.line[environment.count++] = fuzz_text(fuzz_line(&rest));
	base = variable(&environment, "BASE");
	request_start(&request, environment.line);
	FUZZ_CHECK(request.host == variable(&environment, "HTTP_HOST"));
	FUZZ_CHECK(strlen(request.id) == REQUEST_ID);
	target = request_target(&request, arena, base != NULL ? base : "");
	FUZZ_CHECK(request.path != NULL && request.segments <= REQUEST_SEGMENTS);
	if (target == 1) {
		check_path(&request, arena);
		check_query(&request, arena);
	}
	check_rest(&request);
	request_wipe(&request);
	arena_free(&arena);
	while (environment.count > 0)
		free(environment.line[--environment.count]);
	return 0;
}

static const char *
variable(const struct environment *environment, const char *name)
{
	size_t	n = strlen(name);

	for (size_t i = 0; i < environment->count; i++)
		if (strncmp(environment->line[i], name, n) == 0 && environment->line[i][n] == '=')
			return environment->line[i] + n + 1;
	return NULL;
}

/* Decoded segments are UTF-8 and no path in themselves; a route has its numbers. */
static void
check_path(const struct request *request, struct arena *arena)
{
	int64_t			 id[HANDLE_IDS] = { 0 };
	const char		*allow = NULL, *canonical = request_canonical(request, arena);
	const struct route	*route = route_find(request, arena, id, &allow);

	for (size_t i = 0; i < request->segments; i++) {
		FUZZ_CHECK(strchr(request->segment[i], '/') == NULL && *request->segment[i] != '\0');
		FUZZ_CHECK(str_utf8_valid(request->segment[i], strlen(request->segment[i])));
	}
	FUZZ_CHECK(request->segments == 0 ? *canonical == '\0' : *canonical == '/');
	FUZZ_CHECK(route == NULL || strstr(route->pattern, "{id}") == NULL || id[0] > 0);
	FUZZ_CHECK(route == NULL || route->handler != NULL);
}

static void
check_query(const struct request *request, struct arena *arena)
{
	static const char *const names[] = { "limit", "cursor", "status", "", "ü" };

	for (size_t i = 0; i < COUNTOF(names); i++) {
		const char	*value = NULL;
		int		 found = request_query(request, arena, names[i], &value);

		FUZZ_CHECK((found == 1) == (value != NULL));
		FUZZ_CHECK(value == NULL || str_utf8_valid(value, strlen(value)));
	}
}

static void
check_rest(struct request *request)
{
	int64_t	length = -1;
	int	known = request_length(request, &length);
	char	client[LIMIT_ADDRESS];

	FUZZ_CHECK((known == 1) == (length >= 0));
	(void)request_is_json(request);
	peer_client("", request->remote_address != NULL ? request->remote_address : "", request->forwarded_for, client);
}
