/* pieces: a message of the client's, whole or in pieces. */
#include "../../ws-daemon/closing.h"
#include "../../ws-daemon/pieces.h"
#include "ws_support.h"

#define LIMIT	100

static int
take(struct pieces **pieces, const char *s, size_t rest, bool last, struct slice *text_r)
{
	*text_r = str_slice(s);
	return pieces_take(pieces, text_r, rest, last, LIMIT);
}

static void
one_that_comes_whole_is_left_where_it_lies(void **state)
{
	static const char	 text[] = "{\"a\":\"\xc3\xbc\"}";
	struct pieces		*pieces = NULL;
	struct slice		 whole;

	(void)state;
	assert_int_equal(take(&pieces, text, 0, true, &whole), 0);
	assert_ptr_equal(whole.p, text);
	assert_int_equal(whole.n, strlen(text));
	assert_null(pieces);
	assert_int_equal(take(&pieces, "", 0, true, &whole), 0);
	assert_int_equal(whole.n, 0);
}

static void
others_are_collected_also_where_a_character_is_cut(void **state)
{
	struct pieces	*pieces = NULL;
	struct slice	 whole;

	(void)state;
	assert_int_equal(take(&pieces, "a\xc3", 5, false, &whole), 0);
	assert_int_equal(take(&pieces, "\xbc", 4, false, &whole), 0);
	assert_int_equal(take(&pieces, "", 4, false, &whole), 0);
	assert_int_equal(take(&pieces, "bcde", 0, true, &whole), 0);
	assert_int_equal(whole.n, 7);
	assert_memory_equal(whole.p, "a\xc3\xbc" "bcde", 7);
	pieces_free(&pieces);
	assert_null(pieces);
	pieces_free(&pieces);
}

static void
what_is_no_text_is_seen_in_its_piece(void **state)
{
	struct pieces	*pieces = NULL;
	struct slice	 whole;

	(void)state;
	assert_int_equal(take(&pieces, "a\xff", 0, true, &whole), CLOSING_NO_TEXT);
	assert_int_equal(take(&pieces, "a\xc3", 0, true, &whole), CLOSING_NO_TEXT);
	assert_int_equal(take(&pieces, "a\xc3", 1, false, &whole), 0);
	assert_int_equal(take(&pieces, "z", 9, false, &whole), CLOSING_NO_TEXT);
	pieces_free(&pieces);
}

static void
too_much_is_seen_when_it_is_announced(void **state)
{
	struct pieces	*pieces = NULL;
	struct slice	 whole;

	(void)state;
	assert_int_equal(take(&pieces, "1234567890", LIMIT - 10, false, &whole), 0);
	assert_int_equal(take(&pieces, "1", LIMIT - 10, false, &whole), CLOSING_TOO_BIG);
	pieces_free(&pieces);
	assert_int_equal(take(&pieces, "1", LIMIT, false, &whole), CLOSING_TOO_BIG);
	assert_null(pieces);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_comes_whole_is_left_where_it_lies),
		cmocka_unit_test(others_are_collected_also_where_a_character_is_cut),
		cmocka_unit_test(what_is_no_text_is_seen_in_its_piece),
		cmocka_unit_test(too_much_is_seen_when_it_is_announced),
	};

	return cmocka_run_group_tests_name("pieces", tests, NULL, NULL);
}
