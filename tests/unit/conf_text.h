/* conf_text.h: a configuration from a text, for the tests. */
#ifndef UNIO_CONF_TEXT_H
#define UNIO_CONF_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "buf.h"
#include "conf.h"

static inline void
conf_text_collect(void *arg, const char *mistake)
{
	buf_addf(arg, "%s\n", mistake);
}

/* A file of that text, loaded; mistakes_r gets the reports, with FILE for the file's name. */
static inline struct conf *
conf_text_loaded(const char *text, struct buf *mistakes_r)
{
	char path[] = "/tmp/unio-test-conf-XXXXXX";
	int fd = mkstemp(path);
	struct buf mistakes = { 0 };
	struct conf *conf;
	char *at;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	conf = conf_load(path, conf_text_collect, &mistakes);
	unlink(path);
	buf_clear(mistakes_r);
	for (char *p = mistakes.data; p != NULL && *p != '\0'; p = at + strlen(path)) {
		if ((at = strstr(p, path)) == NULL) {
			buf_adds(mistakes_r, p);
			break;
		}
		buf_add(mistakes_r, p, (size_t)(at - p));
		buf_adds(mistakes_r, "FILE");
	}
	buf_free(&mistakes);
	return conf;
}

static inline void
expect_mistake(const char *text, const char *want)
{
	struct buf mistakes = { 0 };

	assert_null(conf_text_loaded(text, &mistakes));
	assert_string_equal(mistakes.data, want);
	buf_free(&mistakes);
}

static inline struct conf *
expect_loaded(const char *text)
{
	struct buf mistakes = { 0 };
	struct conf *conf = conf_text_loaded(text, &mistakes);

	if (conf == NULL)
		fail_msg("%s", mistakes.data);
	buf_free(&mistakes);
	return conf;
}

#endif
