/*
 * wire: what is asked of upgrades, texts and close frames beyond what the library asks.  Input: the first byte is the
 * size of the pieces, the rest a text, the payload of a close frame, or a version and a key, a line each.
 */
#include "../../ws-daemon/wire.h"
#include "fuzz.h"
#include "str.h"

static void	check_text(struct slice text, size_t piece);
static void	check_close(struct slice payload);
static void	check_upgrade(struct slice rest);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice	 rest = { .p = (const char *)data, .n = size };
	size_t		 piece = 1 + fuzz_byte(&rest) % 16u;

	check_text(rest, piece);
	check_close(rest);
	check_upgrade(rest);
	return 0;
}

/* The pieces are text if the whole is one; what was seen to be none could not have become one. */
static void
check_text(struct slice text, size_t piece)
{
	struct wire_text	 state = { .missing = 0 };
	bool			 ok = true;
	size_t			 i, part = 0;

	for (i = 0; ok && i < text.n; i += part) {
		part = MIN(piece, text.n - i);
		ok = wire_text(&state, text.p + i, part, i + part == text.n);
	}
	FUZZ_CHECK(text.n == 0 || ok == str_utf8_valid(text.p, text.n));
	FUZZ_CHECK(state.missing < 4);
}

/* The answer's own answer is the same. */
static void
check_close(struct slice payload)
{
	size_t		 n = MIN(payload.n, 125);
	unsigned char	*p = mem_alloc(n + 1), *again;

	if (n > 0)
		memcpy(p, payload.p, n);
	if (wire_close(p, n) == 0 && n > 0) {
		int code = p[0] << 8 | p[1];

		FUZZ_CHECK(n > 1 && code >= 1000 && code < 5000 && code != 1005 && code != 1006);
		FUZZ_CHECK(str_utf8_valid((const char *)p + 2, n - 2));
		again = mem_alloc(n);
		memcpy(again, p, n);
		FUZZ_CHECK(wire_close(again, n) == 0 && memcmp(again, p, n) == 0);
		free(again);
	}
	free(p);
}

static void
check_upgrade(struct slice rest)
{
	char	*version = fuzz_text(fuzz_line(&rest)), *key = fuzz_text(fuzz_line(&rest));

	if (wire_upgrade(true, version, key) == NULL)
		FUZZ_CHECK(strcmp(version, "13") == 0 && strlen(key) == 24);
	FUZZ_CHECK(wire_upgrade(false, version, key) != NULL);
	free(version);
	free(key);
}
