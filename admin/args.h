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
	ARGS_WAIT = 1 << 5
};

struct args {
	const char	 *conf_path;	/* NULL: the default */
	bool		  json, quiet, help, version;
	int		  check;	/* how many -n */
	unsigned	  given;	/* ARGS_* */
	const char	 *name, *host, *title;
	const char	**participants;
	size_t		  participant_count;
	char		**operands;	/* the command's words first, until command_find() takes them */
	size_t		  operand_count;
};

/* bool; false after a message on stderr.  args_free() in either case. */
NODISCARD bool	args_parse(struct args *args, int argc, char **argv);
void		args_free(struct args *args);
/* "name" for ARGS_NAME, and so on. */
const char	*args_option_name(unsigned option);

#endif
