/* turn: ICE servers and their time-limited credentials. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "directory.h"
#include "turn.h"

#define NOW	INT64_C(1705314645123456)
#define TTL	(12 * 3600 * US_PER_S)
#define FIRST	"the first secret of all"
#define SECOND	"the one before that"

struct fixture {
	char		 dir[DIRECTORY_SIZE];
	char		 file[DIRECTORY_SIZE + 16];
	char		 error[256];
	struct turn	*turn;
};

static int
setup(void **state)
{
	struct fixture *t = calloc(1, sizeof(*t));

	directory_make(t->dir);
	snprintf(t->file, sizeof(t->file), "%s/turn.secret", t->dir);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *t = *state;

	turn_free(&t->turn);
	directory_remove(t->dir);
	free(t);
	return 0;
}

/* secrets NULL: no file. */
static bool
try(struct fixture *t, const char *urls, const char *secrets)
{
	FILE *file;

	turn_free(&t->turn);
	if (secrets != NULL) {
		assert_non_null(file = fopen(t->file, "w"));
		fputs(secrets, file);
		fclose(file);
		assert_int_equal(chmod(t->file, 0600), 0);
	}
	t->turn = turn_open(urls, secrets != NULL ? t->file : "", TTL, t->error, sizeof(t->error));
	return t->turn != NULL;
}

static void
expect(const struct turn *turn, const char *wanted)
{
	struct buf out = { 0 };
	struct emit e = emit_into(&out);

	turn_emit(&e, NULL, turn, 42, NOW);
	assert_string_equal(out.data, wanted);
	buf_free(&out);
}

static void
without_urls_the_list_is_empty(void **state)
{
	struct fixture *t = *state;

	assert_true(try(t, "", NULL));
	expect(t->turn, "[]");
	assert_true(try(t, "", FIRST));
	expect(t->turn, "[]");
	expect(NULL, "[]");
}

static void
stun_comes_without_credentials(void **state)
{
	struct fixture *t = *state;

	assert_true(try(t, "stun:a.example, stuns:b.example:5349", NULL));
	expect(t->turn, "[{\"urls\":[\"stun:a.example\",\"stuns:b.example:5349\"]}]");
	assert_true(try(t, "stun:a.example", FIRST));
	expect(t->turn, "[{\"urls\":[\"stun:a.example\"]}]");
}

/* The credential: printf '1705357845:42' | openssl dgst -sha1 -hmac 'the first secret of all' -binary | base64 */
static void
turn_comes_with_what_the_first_secret_signs(void **state)
{
	static const char wanted[] = "[{\"urls\":[\"turn:a.example?transport=udp\",\"turns:a.example\"],"
	    "\"username\":\"1705357845:42\",\"credential\":\"JtTrUMz3ed531SyX+JHY6Cs2jMM=\"}]";
	static const char *const files[] = {
		FIRST, FIRST "\n", FIRST "\r\n" SECOND "\r\n", "\n  " FIRST "  \n\n" SECOND,
	};
	struct fixture *t = *state;

	for (size_t i = 0; i < COUNTOF(files); i++) {
		assert_true(try(t, "turn:a.example?transport=udp,turns:a.example", files[i]));
		expect(t->turn, wanted);
	}
}

static void
stun_stands_before_turn_whatever_the_order(void **state)
{
	struct fixture *t = *state;

	assert_true(try(t, "turn:a.example ,stun:b.example", FIRST));
	expect(t->turn, "[{\"urls\":[\"stun:b.example\"]},{\"urls\":[\"turn:a.example\"],"
	    "\"username\":\"1705357845:42\",\"credential\":\"JtTrUMz3ed531SyX+JHY6Cs2jMM=\"}]");
}

static void
credentials_end_at_a_whole_second(void **state)
{
	struct fixture *t = *state;

	assert_true(try(t, "", NULL));
	assert_int_equal(turn_expiry_us(t->turn, NOW), INT64_C(1705357845) * US_PER_S);
}

static void
bad_secrets_are_refused_with_a_reason(void **state)
{
	static const struct {
		const char *file, *why;
	} cases[] = {
		{ "", "there is no secret in it" },
		{ " \n\n\t\n", "there is no secret in it" },
		{ "fifteen letters", "a secret is shorter than 16 bytes" },
		{ FIRST "\nshort\n", "a secret is shorter than 16 bytes" },
		{ FIRST "\n" SECOND "\n" FIRST "\n", "more than two secrets" },
	};
	struct fixture *t = *state;
	char wanted[256];

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		assert_false(try(t, "stun:a.example", cases[i].file));
		snprintf(wanted, sizeof(wanted), "secret file %s: %s", t->file, cases[i].why);
		assert_string_equal(t->error, wanted);
	}
	assert_true(try(t, "stun:a.example", "sixteen letters!"));
}

static void
turn_without_a_secret_is_refused(void **state)
{
	struct fixture *t = *state;

	assert_false(try(t, "stun:a.example, turn:a.example", NULL));
	assert_string_equal(t->error, "turn: URLs in ice_urls need a turn_secret_file");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_urls_the_list_is_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(stun_comes_without_credentials, setup, teardown),
		cmocka_unit_test_setup_teardown(turn_comes_with_what_the_first_secret_signs, setup, teardown),
		cmocka_unit_test_setup_teardown(stun_stands_before_turn_whatever_the_order, setup, teardown),
		cmocka_unit_test_setup_teardown(credentials_end_at_a_whole_second, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_secrets_are_refused_with_a_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(turn_without_a_secret_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests_name("turn", tests, NULL, NULL);
}
