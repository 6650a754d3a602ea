/* conf: a file, the environment, the mistakes in both, and the documentation's copy of the key table. */
#include "conf_key.h"
#include "conf_text.h"
#include "log.h"

static void
an_empty_file_gives_the_defaults(void **state)
{
	struct conf *conf = expect_loaded("");

	(void)state;
	assert_string_equal(conf->database, "/var/lib/unio/unio.db");
	assert_string_equal(conf->base_path, "");
	assert_string_equal(conf->issuer, "unio");
	assert_int_equal(conf->log_level, LOG_LEVEL_INFO);
	assert_int_equal(conf->log_format, LOG_FORMAT_KV);
	assert_int_equal(conf->log_target, LOG_TARGET_STDERR);
	assert_int_equal(conf->synchronous, CONF_SYNCHRONOUS_FULL);
	assert_int_equal(conf->registration, CONF_REGISTRATION_CLOSED);
	assert_true(conf->allow_query_token);
	assert_int_equal(conf->token_ttl, 3600 * US_PER_S);
	assert_true(conf->refresh_ttl == 30 * 24 * 3600 * US_PER_S);
	assert_int_equal(conf->event_poll_interval, 50 * US_PER_MS);
	assert_int_equal(conf->password_memory, 19 * 1024 * 1024);
	assert_int_equal(conf->max_frame_bytes, 65536);
	assert_int_equal(conf->workers, 4);
	conf_free(&conf);
	assert_null(conf);
	conf_free(&conf);
}

static void
a_file_is_pairs_comments_and_blank_lines(void **state)
{
	struct conf *conf = expect_loaded(
	    "# a comment\n; another\n\n   \nworkers=0\n  issuer =  my server  \nlog_level: debug\r\n"
	    "base_path = /unio ; behind a value\ntrusted_proxies = 10.0.0.0/8, ::1\n"
	    "public_url = https://a.example:8443\nlog_format = json\nlog_target = syslog\nregistration = open\n"
	    "synchronous = normal\nallow_query_token = no\nice_urls =");

	(void)state;
	assert_int_equal(conf->workers, 0);
	assert_string_equal(conf->issuer, "my server");
	assert_int_equal(conf->log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(conf->log_format, LOG_FORMAT_JSON);
	assert_int_equal(conf->log_target, LOG_TARGET_SYSLOG);
	assert_int_equal(conf->registration, CONF_REGISTRATION_OPEN);
	assert_int_equal(conf->synchronous, CONF_SYNCHRONOUS_NORMAL);
	assert_string_equal(conf->base_path, "/unio");
	assert_string_equal(conf->trusted_proxies, "10.0.0.0/8, ::1");
	assert_string_equal(conf->public_url, "https://a.example:8443");
	assert_string_equal(conf->ice_urls, "");
	assert_false(conf->allow_query_token);
	conf_free(&conf);
}

static void
every_mistake_is_said_with_its_line(void **state)
{
	(void)state;
	expect_mistake("\n# fine\nworker = 4\nworkers = many\nworkers = 5\nissuer =\n",
	    "FILE:3: there is no key \"worker\"\n"
	    "FILE:4: workers must be a number\n"
	    "FILE:5: workers is given twice\n"
	    "FILE:6: issuer must not be empty\n");
}

static void
what_is_no_pair_is_said_with_its_line(void **state)
{
	(void)state;
	expect_mistake("workers\n[section]\n= 4\nworkers = 3\n",
	    "FILE:1: not a line of the form \"key = value\"\n"
	    "FILE:2: not a line of the form \"key = value\"\n"
	    "FILE:3: there is no key \"\"\n");
}

static void
a_line_that_begins_with_a_space_is_a_line_of_its_own(void **state)
{
	struct conf *conf = expect_loaded("issuer = a\n  workers = 7\n");

	(void)state;
	assert_string_equal(conf->issuer, "a");
	assert_int_equal(conf->workers, 7);
	conf_free(&conf);
}

static void
a_line_is_taken_whole_or_refused(void **state)
{
	char text[400] = "issuer = ";

	(void)state;
	memset(text + 9, 'x', 189);
	struct conf *conf = expect_loaded(text);
	assert_int_equal(strlen(conf->issuer), 189);
	conf_free(&conf);
	memset(text + 9, 'x', 190);
	expect_mistake(text, "FILE:1: the line is too long (at most 198 bytes; the environment takes more)\n");
	text[0] = '#';
	memset(text + 9, 'x', 380);
	conf = expect_loaded(text);
	conf_free(&conf);
}

#define SLASHES_10	"//////////"
#define SLASHES_100	SLASHES_10 SLASHES_10 SLASHES_10 SLASHES_10 SLASHES_10 SLASHES_10 SLASHES_10 SLASHES_10 \
			SLASHES_10 SLASHES_10

static void
keys_that_contradict_each_other_are_refused(void **state)
{
	(void)state;
	expect_mistake("ping_interval = 60\n",
	    "FILE: ping_interval must be less than idle_timeout, or healthy connections are dropped\n");
	expect_mistake("max_frame_bytes = 2m\n",
	    "FILE: outbound_queue_bytes must be at least max_frame_bytes\n");
	expect_mistake("ws_socket = /a\ncontrol_socket = /a\n",
	    "FILE: api_socket, ws_socket and control_socket must be three different paths\n");
	expect_mistake("daemons = 2\nws_socket = /a.sock\ncontrol_socket = /a-2.sock\n",
	    "FILE: with so many daemons the paths of two sockets are the same\n");
	expect_mistake("daemons = 10\nws_socket = /" SLASHES_100 "a.sock\n",
	    "FILE: with so many daemons the path of a socket has more than 107 bytes\n");
	expect_mistake("ice_urls = stun:turn:3478, turns:b.example\n",
	    "FILE: turn: and turns: URLs in ice_urls need a turn_secret_file\n");
	expect_mistake("registration = open\njwks_link_email = yes\n",
	    "FILE: jwks_link_email needs registration = closed: anybody could make an account with a stranger's "
	    "address, and keep its password\n");
}

static void
the_environment_overrides_the_file(void **state)
{
	struct conf *conf;

	(void)state;
	setenv("UNIO_WORKERS", "9", 1);
	setenv("UNIO_IDLE_TIMEOUT", "2m", 1);
	setenv("UNIO_NO_SUCH_KEY", "x", 1);
	conf = expect_loaded("workers = 3\n");
	assert_int_equal(conf->workers, 9);
	assert_int_equal(conf->idle_timeout, 120 * US_PER_S);
	conf_free(&conf);
	setenv("UNIO_WORKERS", "x", 1);
	expect_mistake("", "UNIO_WORKERS in the environment must be a number\n");
	unsetenv("UNIO_WORKERS");
	unsetenv("UNIO_IDLE_TIMEOUT");
	unsetenv("UNIO_NO_SUCH_KEY");
}

static void
a_file_that_cannot_be_read_is_a_mistake(void **state)
{
	struct buf mistakes = { 0 };

	(void)state;
	assert_null(conf_load("/nonexistent/unio.conf", conf_text_collect, &mistakes));
	assert_string_equal(mistakes.data, "/nonexistent/unio.conf: No such file or directory\n");
	buf_clear(&mistakes);
	assert_null(conf_load("/tmp", conf_text_collect, &mistakes));
	assert_string_equal(mistakes.data, "/tmp: Is a directory\n");
	buf_clear(&mistakes);
	setenv("UNIO_CONF", "/nonexistent/named.conf", 1);
	assert_null(conf_load(NULL, conf_text_collect, &mistakes));
	assert_string_equal(mistakes.data, "/nonexistent/named.conf: No such file or directory\n");
	unsetenv("UNIO_CONF");
	buf_free(&mistakes);
}

/* A line of the file may be full without a space in it; what is longer came from the environment. */
static void
what_is_printed_fits_into_lines(void **state)
{
	char line[199] = "issuer=", long_value[400] = "", *text;
	struct conf *conf;
	size_t n;
	FILE *out;

	(void)state;
	memset(line + 7, 'a', 191);
	memset(long_value, 'b', sizeof(long_value) - 1);
	setenv("UNIO_JWKS_AUDIENCE", long_value, 1);
	conf = expect_loaded(line);
	unsetenv("UNIO_JWKS_AUDIENCE");
	out = open_memstream(&text, &n);
	conf_dump(conf, out);
	fclose(out);
	conf_free(&conf);
	assert_non_null(strstr(text, line));
	assert_non_null(strstr(text, long_value));
	conf = expect_loaded(text);
	conf_free(&conf);
	free(text);
}

static void
what_is_printed_reads_back_the_same(void **state)
{
	struct conf *conf = expect_loaded(
	    "workers = 3\nissuer = a b\nevent_poll_interval = 1500ms\nrefresh_ttl = 25\nlogin_window = 90\n"
	    "password_memory = 8193\ntrusted_proxies = ::1\nlog_level = warn\nallow_query_token = no\n"
	    "refresh_grace = 0\n");
	char *text, *again;
	size_t n;
	FILE *out;

	(void)state;
	out = open_memstream(&text, &n);
	conf_dump(conf, out);
	fclose(out);
	conf_free(&conf);
	conf = expect_loaded(text);
	out = open_memstream(&again, &n);
	conf_dump(conf, out);
	fclose(out);
	conf_free(&conf);
	assert_string_equal(text, again);
	assert_non_null(strstr(text, "\nevent_poll_interval = 1500ms\n"));
	assert_non_null(strstr(text, "\nlogin_window = 90s\n"));
	assert_non_null(strstr(text, "\npassword_memory = 8193\n"));
	assert_non_null(strstr(text, "\nrefresh_grace = 0\n"));
	assert_non_null(strstr(text, "\nallow_query_token = no\n"));
	assert_non_null(strstr(text, "\nlog_level = warn\n"));
	free(text);
	free(again);
}

static void
every_key_has_its_words_and_its_field(void **state)
{
	const char *name, *fallback, *help;
	size_t i;

	(void)state;
	for (i = 0; conf_key(i, &name, &fallback, &help); i++) {
		assert_true(strlen(name) > 0 && strlen(help) > 0);
		assert_non_null(fallback);
		assert_int_equal(name[strspn(name, "abcdefghijklmnopqrstuvwxyz_")], '\0');
		assert_int_equal(help[strlen(help) - 1], '.');
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(conf_key_at(k)->name, name);
			assert_int_not_equal(conf_key_at(k)->offset, conf_key_at(i)->offset);
		}
	}
	assert_true(i > 40);
	assert_false(conf_key(i, &name, &fallback, &help));
}

#define NOT_LOCAL \
	"must be empty, a loopback address and a port (127.0.0.1:9465, [::1]:9465), or the path of a socket\n"

static void
metrics_are_told_on_this_machine_alone(void **state)
{
	static const char *const same[] = {
		"api_metrics = [::1]:1\nsignald_metrics = [::1]:1\n",
		"api_metrics = /run/unio/ctl.sock\n",
		"signald_metrics = 127.0.0.1:9\nhookd_metrics = 127.0.0.1:9\n",
		"hookd_metrics = /run/unio/api.sock\n",
		"daemons = 2\nsignald_metrics = 127.0.0.1:9\nhookd_metrics = 127.0.0.1:10\n",
		"api_metrics = 127.0.0.1:9\nhookd_metrics = 127.0.0.1:9\n",
		"api_metrics = [::1]:9\nhookd_metrics = [0:0::1]:9\n",
		"daemons = 3\nws_socket = /run/w.sock\napi_metrics = /run/w-3.sock\n",
		"daemons = 2\ncontrol_socket = /run/c.sock\nhookd_metrics = /run/c-2.sock\n",
		"daemons = 3\nws_socket = /run/w.sock\nsignald_metrics = /run/w-2.sock\n",
		"daemons = 2\nwake_endpoint = ipc:///run/k\napi_metrics = /run/k-2\n",
		"daemons = 2\nwake_endpoint = tcp://127.0.0.1:70\nsignald_metrics = 127.0.0.1:69\n",
	};
	struct conf *conf = expect_loaded("api_metrics = 127.0.0.1:9464\nsignald_metrics = /run/unio/m.sock\n"
					  "hookd_metrics = 127.0.0.1:9466\n");

	(void)state;
	assert_string_equal(conf->api_metrics, "127.0.0.1:9464");
	conf_free(&conf);
	expect_mistake("api_metrics = 0.0.0.0:9464\nsignald_metrics = 9465\n",
	    "FILE:1: api_metrics " NOT_LOCAL "FILE:2: signald_metrics " NOT_LOCAL);
	for (size_t i = 0; i < COUNTOF(same); i++)
		expect_mistake(same[i],
		    "FILE: api_metrics, signald_metrics and hookd_metrics must differ, also from every socket\n");
	expect_mistake("api_metrics = [::1]:1\nworkers = 0\n",
	    "FILE: api_metrics needs workers: processes that another program starts know only their own figures\n");
}

/* etc/unio.conf shows each key once, in the table's order, as "# help" and "#key = default". */
static void
the_example_file_is_the_key_table(void **state)
{
	const char *name, *fallback, *help;
	FILE *file = fopen("etc/unio.conf", "r");
	struct buf want = { 0 }, text = { 0 };
	char line[512], *at;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		buf_adds(&text, line);
	fclose(file);
	at = text.data;
	for (size_t i = 0; conf_key(i, &name, &fallback, &help); i++) {
		buf_clear(&want);
		buf_addf(&want, "\n# %s\n#%s =%s%s\n", help, name, *fallback != '\0' ? " " : "", fallback);
		if ((at = strstr(at, want.data)) == NULL)
			fail_msg("not in etc/unio.conf, or not in its place:%s", want.data);
		at += want.len - 1;
	}
	buf_free(&want);
	buf_free(&text);
}

/* docs/unio.conf.5 names each key in the table's order, with its default in brackets: "Ic key Pq default". */
static void
the_manual_page_is_the_key_table(void **state)
{
	const char *name, *fallback, *help;
	FILE *file = fopen("docs/unio.conf.5", "r");
	struct buf item = { 0 }, items = { 0 };
	char line[512], *at;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, ".It Ic ", 7) == 0)
			buf_adds(&items, line);
	fclose(file);
	at = items.data;
	for (size_t i = 0; conf_key(i, &name, &fallback, &help); i++) {
		buf_clear(&item);
		buf_addf(&item, "Ic %s Pq ", name);
		if ((at = strstr(at, item.data)) == NULL)
			fail_msg("not in docs/unio.conf.5, or not in its place: %s", name);
		at += item.len;
		if (strncmp(at, "Pa ", 3) == 0 || strncmp(at, "Cm ", 3) == 0)
			at += 3;
		if (*fallback == '\0')
			fallback = "Qq";
		if (strncmp(at, fallback, strlen(fallback)) != 0 || strchr(" \n", at[strlen(fallback)]) == NULL)
			fail_msg("the default of %s is %s", name, fallback);
	}
	assert_null(strstr(at, "Ic "));
	buf_free(&item);
	buf_free(&items);
}

static void
the_check_of_n_says_what_is_wrong_and_fails(void **state)
{
	int saved_stderr = dup(STDERR_FILENO);

	(void)state;
	assert_int_equal(conf_check("etc/unio.conf", 1, NULL), 0);
	assert_non_null(freopen("/dev/null", "w", stderr));
	assert_int_equal(conf_check("/nonexistent/unio.conf", 1, NULL), 1);
	fflush(stderr);
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_gives_the_defaults),
		cmocka_unit_test(a_file_is_pairs_comments_and_blank_lines),
		cmocka_unit_test(every_mistake_is_said_with_its_line),
		cmocka_unit_test(metrics_are_told_on_this_machine_alone),
		cmocka_unit_test(what_is_no_pair_is_said_with_its_line),
		cmocka_unit_test(a_line_that_begins_with_a_space_is_a_line_of_its_own),
		cmocka_unit_test(a_line_is_taken_whole_or_refused),
		cmocka_unit_test(keys_that_contradict_each_other_are_refused),
		cmocka_unit_test(the_environment_overrides_the_file),
		cmocka_unit_test(a_file_that_cannot_be_read_is_a_mistake),
		cmocka_unit_test(what_is_printed_fits_into_lines),
		cmocka_unit_test(what_is_printed_reads_back_the_same),
		cmocka_unit_test(every_key_has_its_words_and_its_field),
		cmocka_unit_test(the_example_file_is_the_key_table),
		cmocka_unit_test(the_manual_page_is_the_key_table),
		cmocka_unit_test(the_check_of_n_says_what_is_wrong_and_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
