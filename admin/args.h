/*
 * args.h: the command line, read once.
 *
 * Options may stand anywhere, before and after the command's words.  Which of them
 * a command takes is a column of its table (command.h), checked there.  Everything
 * points into argv but the list of participants, which args_free() frees.
 */
#ifndef UNIO_ARGS_H
#define UNIO_ARGS_H

#include "base.h"

/* Options that belong to single commands. */
enum {
	ARGS_NAME = 1 << 0,
	ARGS_ADMIN = 1 << 1,
	ARGS_HOST = 1 << 2,
	ARGS_TITLE = 1 << 3,
	ARGS_PARTICIPANT = 1 << 4,
	ARGS_WAIT = 1 << 5,
	ARGS_TSV = 1 << 6,
	ARGS_LIMIT = 1 << 7,
	ARGS_OFFSET = 1 << 8,
	ARGS_STATUS = 1 << 9,
	ARGS_MEETING = 1 << 10,
	ARGS_OLDER_THAN = 1 << 11,
	ARGS_FOLLOW = 1 << 12,
	ARGS_AFTER = 1 << 13,
	ARGS_ALL = 1 << 14,
	ARGS_URL = 1 << 15,
	ARGS_COMMANDS = 1 << 16,
	ARGS_EVENTS = 1 << 17,
	ARGS_SECRET_FILE = 1 << 18,
	ARGS_WEBHOOK = 1 << 19,
	ARGS_USER = 1 << 20,
	ARGS_ACTION = 1 << 21,
	ARGS_SINCE = 1 << 22,
	ARGS_UNTIL = 1 << 23,
	ARGS_BAN = 1 << 24,
	ARGS_ONCE = 1 << 25,
	ARGS_COUNT = 26
};

/* What every list takes. */
#define ARGS_LIST	(ARGS_TSV | ARGS_LIMIT | ARGS_OFFSET)

struct args {
	const char	 *conf_path;	/* NULL: the default */
	bool		  json, quiet, help, version;
	int		  check;	/* how many -n */
	unsigned	  given;	/* ARGS_* */
	const char	 *value[ARGS_COUNT];
	const char	**participants;
	size_t		  participant_count;
	char		**operands;	/* the command's words first, until command_find() takes them */
	size_t		  operand_count;
};

/* bool; false after a message on stderr.  args_free() in either case. */
NODISCARD bool	args_parse(struct args *args, int argc, char **argv);
void		args_free(struct args *args);
bool		args_given(const struct args *args, unsigned option);
/* The option's value (the last one, if it was given more than once), or NULL. */
const char	*args_value(const struct args *args, unsigned option);
/* "name" for ARGS_NAME, and so on. */
const char	*args_option_name(unsigned option);
/* Does it take a value? */
bool		args_option_takes_value(unsigned option);

#endif
