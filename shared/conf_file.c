#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "conf_file.h"
#include "str.h"

struct reading {
	const struct conf_file_sink	*sink;
	unsigned			 line;
	bool				 found;		/* the line held a pair */
};

static void	read_line(struct reading *reading, struct slice line);
static int	on_pair(void *arg, const char *section, const char *name, const char *value);

void
conf_file_read(const char *path, const struct conf_file_sink *sink)
{
	struct reading reading = { .sink = sink };
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	if (file == NULL) {
		sink->mistake(sink->arg, 0, strerror(errno));
		return;
	}
	while (errno = 0, (n = getline(&line, &size, file)) != -1) {
		reading.line++;
		read_line(&reading, str_trim((struct slice){ .p = line, .n = (size_t)n }));
	}
	if (ferror(file))
		sink->mistake(sink->arg, 0, strerror(errno));
	free(line);
	fclose(file);
}

/*
 * libinih gets each line by itself: then the number is known, every mistake is found
 * and not only the first, and no line is taken for the continuation of another.
 */
static void
read_line(struct reading *reading, struct slice line)
{
	const struct conf_file_sink *sink = reading->sink;
	char text[CONF_FILE_LINE_MAX + 1];

	if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
		return;
	if (line.n > CONF_FILE_LINE_MAX) {
		sink->mistake(sink->arg, reading->line,
		    "the line is too long (at most 198 bytes; the environment takes more)");
		return;
	}
	memcpy(text, line.p, line.n);
	text[line.n] = '\0';
	reading->found = false;
	if (strlen(text) != line.n || text[0] == '[' || ini_parse_string(text, on_pair, reading) != 0 ||
	    !reading->found)
		sink->mistake(sink->arg, reading->line, "not a line of the form \"key = value\"");
}

/* Nonzero is libinih's success. */
static int
on_pair(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *reading = arg;

	(void)section;
	reading->found = true;
	reading->sink->pair(reading->sink->arg, reading->line, name, value);
	return 1;
}
