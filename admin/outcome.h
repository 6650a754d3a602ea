/*
 * outcome.h: how a command ends: the exit codes of unioctl(8), which scripts rely on.
 */
#ifndef UNIO_OUTCOME_H
#define UNIO_OUTCOME_H

enum outcome {
	OUTCOME_DONE,
	OUTCOME_FAILED,		/* a message on stderr says why */
	OUTCOME_USAGE,		/* the command line or the input is not acceptable */
	OUTCOME_NOT_FOUND,	/* what the command names does not exist */
	OUTCOME_CONFLICT,	/* it exists already, or its state forbids the change */
	OUTCOME_BUSY		/* database locked, or the daemon does not answer: try later */
};

#endif
