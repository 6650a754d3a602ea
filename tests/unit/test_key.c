/* key: the file of keys is read strictly, written in one step, and changed in few ways. */
#include <errno.h>

#include "buf.h"
#include "key.h"
#include "token_fixture.h"

#define NEW_SECRET	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"	/* the bytes 0 to 31 */

static struct key_set *
must_read(const struct fixture *f)
{
	char error[256] = "";
	struct key_set *set = key_read(f->secret_file, error, sizeof(error));

	if (set == NULL)
		fail_msg("%s", error);
	return set;
}

static void
must_write(const struct fixture *f, const struct key_set *set)
{
	char error[256] = "";

	if (!key_write(f->secret_file, set, error, sizeof(error)))
		fail_msg("%s", error);
}

static void
expect_wrong(struct fixture *f, const char *lines, const char *want)
{
	char error[256] = "";
	struct buf text = { 0 };
	struct key_set *set;

	buf_addf(&text, "unio-keys 1\n%s", lines);
	write_file(f->secret_file, text.data, text.len, 0600);
	set = key_read(f->secret_file, error, sizeof(error));
	if (set != NULL || strstr(error, want) == NULL)
		fail_msg("%s: \"%s\"", lines, error);
	buf_free(&text);
}

static void
one_secret_alone_is_one_key_without_a_name(void **state)
{
	struct fixture *f = *state;
	struct key_set *set = must_read(f);

	assert_int_equal(set->count, 1);
	assert_string_equal(key_active(set)->kid, "");
	assert_int_equal(key_active(set)->n, strlen(SECRET));
	assert_memory_equal(key_active(set)->secret, SECRET, strlen(SECRET));
	key_free(&set);
	assert_null(set);
}

static void
what_is_written_reads_the_same(void **state)
{
	static const char lines[] = "unio-keys 1\n- verify 17 " NEW_SECRET "\nold retired 18 -\n"
	    "new-_9 active 19 " NEW_SECRET "\n";
	struct fixture *f = *state;
	struct key_set *set;
	char text[512] = "";
	struct stat st;
	FILE *file;

	write_file(f->secret_file, lines, strlen(lines), 0640);
	set = must_read(f);
	assert_int_equal(set->count, 3);
	assert_string_equal(key_active(set)->kid, "new-_9");
	assert_int_equal(key_find(set, "")->n, 32);
	assert_int_equal(key_find(set, "")->secret[31], 31);
	assert_int_equal(key_find(set, "old")->state, KEY_RETIRED);
	assert_int_equal(key_find(set, "old")->since_s, 18);
	assert_null(key_find(set, "other"));
	must_write(f, set);
	assert_int_equal(stat(f->secret_file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_non_null(file = fopen(f->secret_file, "r"));
	assert_int_equal(fread(text, 1, sizeof(text), file), strlen(lines));
	fclose(file);
	assert_string_equal(text, lines);
	key_free(&set);
}

static void
a_file_with_a_mistake_is_refused_and_says_which(void **state)
{
	static const char shape[] = "KID STATE SINCE SECRET";
	struct fixture *f = *state;
	struct buf many = { 0 };

	expect_wrong(f, "", "one key must be active");
	expect_wrong(f, "a verify 1 " NEW_SECRET "\n", "one key must be active");
	expect_wrong(f, "a active 1 " NEW_SECRET "\nb active 1 " NEW_SECRET "\n", "one key must be active");
	expect_wrong(f, "a active 1 " NEW_SECRET "\na verify 1 " NEW_SECRET "\n", "the same name");
	expect_wrong(f, "a active 1 short\n", shape);
	expect_wrong(f, "a active 1 " NEW_SECRET "=\n", shape);
	expect_wrong(f, "a active 1 " NEW_SECRET " more\n", shape);
	expect_wrong(f, "a active x " NEW_SECRET "\n", shape);
	expect_wrong(f, "a alive 1 " NEW_SECRET "\n", shape);
	expect_wrong(f, "a active 1\n", shape);
	expect_wrong(f, "a active 1 " NEW_SECRET "\nb retired 1 " NEW_SECRET "\n", shape);
	expect_wrong(f, " active 1 " NEW_SECRET "\n", shape);
	expect_wrong(f, "seventeen-letters active 1 " NEW_SECRET "\n", shape);
	expect_wrong(f, "a/b active 1 " NEW_SECRET "\n", shape);
	expect_wrong(f, "\na active 1 " NEW_SECRET "\n", shape);
	for (int i = 0; i <= KEY_SET; i++)
		buf_addf(&many, "k%d retired 1 -\n", i);
	expect_wrong(f, many.data, "too many keys");
	buf_free(&many);
}

static void
a_new_key_signs_and_the_former_is_believed(void **state)
{
	struct fixture *f = *state;
	struct key_set *set = must_read(f);
	const struct key *key;

	assert_true(key_rotate(set, 100));
	must_write(f, set);
	key_free(&set);
	set = must_read(f);
	key = key_active(set);
	assert_int_equal(set->count, 2);
	assert_int_equal(strlen(key->kid), 8);
	assert_int_equal(key->n, 32);
	assert_int_equal(key->since_s, 100);
	assert_int_equal(key_find(set, "")->state, KEY_VERIFY);
	assert_memory_equal(key_find(set, "")->secret, SECRET, strlen(SECRET));
	assert_false(key_retire(key_find(set, key->kid), 200));
	assert_true(key_retire(key_find(set, ""), 200));
	assert_int_equal(key_find(set, "")->n, 0);
	must_write(f, set);
	key_free(&set);
	set = must_read(f);
	assert_int_equal(key_find(set, "")->state, KEY_RETIRED);
	key_free(&set);
}

static void
a_full_file_gives_up_its_oldest_retired_key_or_takes_no_more(void **state)
{
	struct fixture *f = *state;
	struct key_set *set = must_read(f);
	char second[KEY_KID + 1];

	assert_true(key_rotate(set, 1));
	str_copy(second, sizeof(second), key_active(set)->kid);
	for (int i = 2; i < KEY_SET; i++)
		assert_true(key_rotate(set, i));
	assert_int_equal(set->count, KEY_SET);
	assert_false(key_rotate(set, 50));
	assert_true(key_retire(key_find(set, second), 51));
	assert_true(key_rotate(set, 52));
	assert_int_equal(set->count, KEY_SET);
	assert_null(key_find(set, second));
	assert_non_null(key_find(set, ""));
	key_free(&set);
}

static void
what_cannot_be_written_leaves_the_file_as_it_was(void **state)
{
	struct fixture *f = *state;
	char error[256] = "", large[SECRET_FILE_MAX];
	struct key_set *set;

	set = must_read(f);
	assert_false(key_write("/nonexistent/secret.key", set, error, sizeof(error)));
	assert_non_null(strstr(error, strerror(ENOENT)));
	key_free(&set);
	memset(large, 'x', sizeof(large));
	write_file(f->secret_file, large, sizeof(large), 0600);
	set = must_read(f);
	assert_true(key_rotate(set, 1));
	assert_false(key_write(f->secret_file, set, error, sizeof(error)));
	assert_non_null(strstr(error, "too long for one file"));
	key_free(&set);
	set = must_read(f);
	assert_int_equal(set->count, 1);
	key_free(&set);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_secret_alone_is_one_key_without_a_name),
		TEST(what_is_written_reads_the_same),
		TEST(a_file_with_a_mistake_is_refused_and_says_which),
		TEST(a_new_key_signs_and_the_former_is_believed),
		TEST(a_full_file_gives_up_its_oldest_retired_key_or_takes_no_more),
		TEST(what_cannot_be_written_leaves_the_file_as_it_was),
	};

	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
