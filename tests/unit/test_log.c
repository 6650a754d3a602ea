/* log: one line per event, that no input can forge. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "json.h"
#include "log.h"

/* What the process writes to stderr between begin and end. */
struct capture {
	FILE	*file;
	int	 saved_stderr;
	char	 text[65536];
};

static void
capture_begin(struct capture *capture)
{
	assert_non_null(capture->file = tmpfile());
	fflush(stderr);
	capture->saved_stderr = dup(STDERR_FILENO);
	dup2(fileno(capture->file), STDERR_FILENO);
}

static const char *
capture_end(struct capture *capture)
{
	size_t n;

	fflush(stderr);
	dup2(capture->saved_stderr, STDERR_FILENO);
	close(capture->saved_stderr);
	rewind(capture->file);
	n = fread(capture->text, 1, sizeof(capture->text) - 1, capture->file);
	capture->text[n] = '\0';
	fclose(capture->file);
	return capture->text;
}

/* The line that log_info("event", field) writes, from "event=" on and without its newline. */
static const char *
logged(struct capture *capture, struct log_field field)
{
	const char *text;

	capture_begin(capture);
	log_info("event", field);
	text = capture_end(capture);
	capture->text[strcspn(text, "\n")] = '\0';
	return strstr(text, "event=event ") + strlen("event=event ");
}

static void
a_line_is_key_value_pairs_in_a_fixed_order(void **state)
{
	struct capture capture;
	char expected[128];
	const char *text;

	(void)state;
	log_open("unio-test", LOG_TARGET_STDERR, LOG_FORMAT_KV, LOG_LEVEL_INFO);
	capture_begin(&capture);
	log_info("join", LOG_TEXT("session", "s-1"), LOG_INT("user", -7), LOG_TEXT("none", NULL));
	text = capture_end(&capture);
	assert_memory_equal(text, "ts=2", 4);
	assert_int_equal(text[strlen("ts=2026-01-02T03:04:05.123456")], 'Z');
	snprintf(expected, sizeof(expected),
	    " level=info prog=unio-test pid=%d event=join session=s-1 user=-7 none=-\n", (int)getpid());
	assert_string_equal(strchr(text, ' '), expected);
}

static void
of_an_address_no_more_is_said_than_is_allowed(void **state)
{
	static const char *const said[] = {
		[CONF_ADDRESSES_FULL] = " address=192.0.2.7\n",
		[CONF_ADDRESSES_TRUNCATED] = " address=192.0.2.0/24\n",
		[CONF_ADDRESSES_NONE] = " address=hidden\n",
	};
	struct capture capture;

	(void)state;
	log_open("unio-test", LOG_TARGET_STDERR, LOG_FORMAT_KV, LOG_LEVEL_INFO);
	for (int mode = CONF_ADDRESSES_NONE; mode >= CONF_ADDRESSES_FULL; mode--) {
		log_set_addresses((enum conf_addresses)mode);
		capture_begin(&capture);
		log_info("open", LOG_ADDRESS("192.0.2.7"));
		assert_non_null(strstr(capture_end(&capture), said[mode]));
	}
}

static void
a_line_in_json_is_an_object(void **state)
{
	struct capture capture;
	const char *text, *reason, *value;
	struct json *json;
	int64_t number;

	(void)state;
	log_open("unio-test", LOG_TARGET_STDERR, LOG_FORMAT_JSON, LOG_LEVEL_INFO);
	capture_begin(&capture);
	log_warn("odd \"event\"", LOG_TEXT("path", "/a\n\x1b[0m\xff\xc3\xa9"), LOG_INT("n", INT64_C(1) << 40));
	text = capture_end(&capture);
	log_open("unio-test", LOG_TARGET_STDERR, LOG_FORMAT_KV, LOG_LEVEL_INFO);
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_non_null(json = json_parse_object(text, strlen(text), &reason));
	assert_int_equal(json_get_text(json, "level", &value), 1);
	assert_string_equal(value, "warn");
	assert_int_equal(json_get_text(json, "event", &value), 1);
	assert_string_equal(value, "odd \"event\"");
	assert_int_equal(json_get_text(json, "path", &value), 1);
	assert_string_equal(value, "/a\n\x1b[0m\xef\xbf\xbd\xc3\xa9");
	assert_int_equal(json_get_int(json, "pid", 1, INT32_MAX, &number), 1);
	assert_int_equal(number, getpid());
	assert_int_equal(json_get_int(json, "n", 0, INT64_MAX, &number), 1);
	assert_true(number == INT64_C(1) << 40);
	json_free(&json);
}

static void
no_value_can_forge_a_line_or_a_field(void **state)
{
	static const struct { const char *value, *text; } cases[] = {
		{ "plain/../x?y:1,2;[3]", "v=plain/../x?y:1,2;[3]" }, { "", "v=\"\"" }, { "a b", "v=\"a b\"" },
		{ "x level=error", "v=\"x level=error\"" }, { "a=b", "v=\"a=b\"" },
		{ "a\nts=1", "v=\"a\\x0ats=1\"" },
		{ "a\r\t\x1b[31m", "v=\"a\\x0d\\x09\\x1b[31m\"" }, { "say \"hi\"", "v=\"say \\\"hi\\\"\"" },
		{ "back\\slash", "v=\"back\\\\slash\"" },
		{ "\xc3\xa9\xf0\x9f\x98\x80", "v=\"\xc3\xa9\xf0\x9f\x98\x80\"" },
		{ "\xff\xc3", "v=\"\\xff\\xc3\"" }, { "\x7f", "v=\"\\x7f\"" },
		{ "\xc2\x9b" "31m", "v=\"\\xc2\\x9b31m\"" },
		{ "\xc2\xa0", "v=\"\xc2\xa0\"" },
	};
	struct capture capture;

	(void)state;
	for (size_t i = 0; i < COUNTOF(cases); i++)
		assert_string_equal(logged(&capture, LOG_TEXT("v", cases[i].value)), cases[i].text);
}

static void
a_long_value_is_cut_between_characters(void **state)
{
	struct capture capture;
	char value[2001];

	(void)state;
	memset(value, 'a', sizeof(value));
	value[sizeof(value) - 1] = '\0';
	assert_int_equal(strlen(logged(&capture, LOG_TEXT("v", value))), strlen("v=") + 512);
	for (size_t begin = 508; begin <= 512; begin++) {
		memset(value, 'a', sizeof(value) - 1);
		memcpy(value + begin, "\xf0\x9f\x98\x80", 4);
		assert_null(strstr(logged(&capture, LOG_TEXT("v", value)), "\\x"));
	}
}

static void
levels_below_the_chosen_one_are_silent(void **state)
{
	struct capture capture;
	const char *text;

	(void)state;
	log_set_level(LOG_LEVEL_WARN);
	capture_begin(&capture);
	log_error("one");
	log_warn("two");
	log_info("three");
	log_debug("four");
	text = capture_end(&capture);
	assert_non_null(strstr(text, "event=one"));
	assert_non_null(strstr(text, "level=warn"));
	assert_null(strstr(text, "three"));
	assert_null(strstr(text, "four"));
	assert_true(log_would(LOG_LEVEL_WARN));
	assert_false(log_would(LOG_LEVEL_INFO));
	log_set_level(LOG_LEVEL_INFO);
}

static void
the_level_goes_round(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_INFO);
	log_cycle_level();
	assert_int_equal(log_level(), LOG_LEVEL_DEBUG);
	log_cycle_level();
	assert_int_equal(log_level(), LOG_LEVEL_ERROR);
	log_cycle_level();
	log_cycle_level();
	assert_int_equal(log_level(), LOG_LEVEL_INFO);
}

static void
errno_is_said_and_preserved(void **state)
{
	struct capture capture;

	(void)state;
	errno = ENOENT;
	capture_begin(&capture);
	errno = ENOENT;
	log_error("open", LOG_ERRNO());
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(capture_end(&capture), "error=\"No such file or directory\""));
}

static void
a_log_that_cannot_be_written_stops_nothing(void **state)
{
	int saved_stderr = dup(STDERR_FILENO);

	(void)state;
	close(STDERR_FILENO);
	errno = 0;
	log_error("lost");
	assert_int_equal(errno, 0);
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
}

static void
a_fatal_mistake_is_said_and_ends_the_process(void **state)
{
	struct capture capture;
	int status;
	pid_t pid;

	(void)state;
	capture_begin(&capture);
	pid = fork();
	if (pid == 0) {
		log_fatal("cannot %s: %d", "start", 7);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_non_null(strstr(capture_end(&capture), "level=error"));
	assert_non_null(strstr(capture.text, "event=fatal message=\"cannot start: 7\""));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void
syslog_gets_the_lines_instead_of_stderr(void **state)
{
	struct capture capture;

	(void)state;
	log_open("unio-test", LOG_TARGET_SYSLOG, LOG_FORMAT_KV, LOG_LEVEL_INFO);
	capture_begin(&capture);
	log_info("to syslog");
	assert_string_equal(capture_end(&capture), "");
	log_open("unio-test", LOG_TARGET_STDERR, LOG_FORMAT_KV, LOG_LEVEL_INFO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_key_value_pairs_in_a_fixed_order),
		cmocka_unit_test(of_an_address_no_more_is_said_than_is_allowed),
		cmocka_unit_test(a_line_in_json_is_an_object),
		cmocka_unit_test(no_value_can_forge_a_line_or_a_field),
		cmocka_unit_test(a_long_value_is_cut_between_characters),
		cmocka_unit_test(levels_below_the_chosen_one_are_silent),
		cmocka_unit_test(the_level_goes_round),
		cmocka_unit_test(errno_is_said_and_preserved),
		cmocka_unit_test(a_log_that_cannot_be_written_stops_nothing),
		cmocka_unit_test(a_fatal_mistake_is_said_and_ends_the_process),
		cmocka_unit_test(syslog_gets_the_lines_instead_of_stderr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
