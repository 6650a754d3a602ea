/*
 * conf_file.h: reads "key = value" lines (the only file that knows libinih); for
 * conf.c alone.
 */
#ifndef UNIO_CONF_FILE_H
#define UNIO_CONF_FILE_H

#include "base.h"

/* Bytes of a line, without the white space around it: libinih cuts longer ones without a word. */
#define CONF_FILE_LINE_MAX	198

struct conf_file_sink {
	void	(*pair)(void *arg, unsigned line, const char *name, const char *value);
	/* A line that is none; line 0: the file itself. */
	void	(*mistake)(void *arg, unsigned line, const char *what);
	void	*arg;
};

void	conf_file_read(const char *path, const struct conf_file_sink *sink);

#endif
