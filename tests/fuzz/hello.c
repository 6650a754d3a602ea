/*
 * hello: what a connection says of itself before it is anybody.  Input, a line each: the path, the subprotocols,
 * Authorization, the arguments of the query with & between them; the rest is the first frame.
 */
#include "../../ws-daemon/hello.h"
#include "fuzz.h"
#include "str.h"

static void	take_arguments(struct hello *hello, struct slice query);
static void	check_hello(const struct hello *hello);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice	 rest = { .p = (const char *)data, .n = size };
	char		*path = fuzz_text(fuzz_line(&rest));
	char		*protocols = fuzz_text(fuzz_line(&rest));
	char		*authorization = fuzz_text(fuzz_line(&rest));
	struct hello	 hello;

	hello_init(&hello);
	hello_path(&hello, size % 2 == 0 ? "" : "/unio", path);
	hello_protocols(&hello, protocols);
	check_hello(&hello);
	hello_authorization(&hello, authorization);
	check_hello(&hello);
	take_arguments(&hello, fuzz_line(&rest));
	check_hello(&hello);
	/* the hub asks for a frame only where nothing else came */
	if (hello_frame(&hello, rest.p, rest.n))
		FUZZ_CHECK(hello.credential != NULL || hello.resume);
	check_hello(&hello);
	hello_clear(&hello);
	FUZZ_CHECK(hello.credential == NULL);
	free(path);
	free(protocols);
	free(authorization);
	return 0;
}

static void
take_arguments(struct hello *hello, struct slice query)
{
	while (query.n > 0) {
		const char	*end = memchr(query.p, '&', query.n);
		size_t		 n = end != NULL ? (size_t)(end - query.p) : query.n;
		char		*argument = fuzz_text((struct slice){ .p = query.p, .n = n });

		hello_argument(hello, argument, true);
		free(argument);
		query.p += n + (end != NULL);
		query.n -= n + (end != NULL);
	}
}

static void
check_hello(const struct hello *hello)
{
	size_t n = strlen(hello->resume_token);

	FUZZ_CHECK(hello->meeting_id >= 0 && hello->seq >= -1 && hello->last_event_id >= -1);
	FUZZ_CHECK((hello->source == HELLO_NOTHING) == (hello->credential == NULL));
	FUZZ_CHECK(n == 0 || n == BOUND_RESUME_TOKEN || memchr(hello->resume_token, '\0', BOUND_RESUME_TOKEN) != NULL);
	FUZZ_CHECK(strspn(hello->client_id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
	    strlen(hello->client_id));
	FUZZ_CHECK(strlen(hello->client_id) <= LIMIT_CLIENT_ID && strlen(hello->epoch) <= HELLO_EPOCH);
}
