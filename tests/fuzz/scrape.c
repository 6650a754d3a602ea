/*
 * scrape: what is answered to who asks for the metrics.  Input: the bytes of a request, as far as they have come.
 */
#include "fuzz.h"
#include "scrape.h"

static void	check_good(const char *p, size_t n);

/* It comes byte by byte, and is answered as soon as there is an answer. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int status = 0;

	for (size_t n = 0; n <= size && status == 0; n++) {
		char *p = mem_alloc(n + 1);	/* no longer than that: a step beyond it is seen */

		memcpy(p, data, n);
		p = mem_realloc(p, n > 0 ? n : 1);
		status = scrape_status(p, n);
		FUZZ_CHECK(status == 0 || status == 200 || status == 400 || status == 404 || status == 405);
		FUZZ_CHECK(status != 0 || n < SCRAPE_REQUEST);
		if (status == 200)
			check_good(p, n);
		free(p);
	}
	return 0;
}

/* It asks for that one resource, and has come whole. */
static void
check_good(const char *p, size_t n)
{
	static const char begin[] = "GET /metrics";
	size_t length = strlen(begin);

	FUZZ_CHECK(n > length && memcmp(p, begin, length) == 0 && (p[length] == ' ' || p[length] == '?'));
	FUZZ_CHECK(memcmp(p + n - 4, "\r\n\r\n", 4) == 0 && memchr(p, '\0', n) == NULL);
}
