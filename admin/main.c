/*
 * unioctl: administration from the command line.  Every command works on the
 * database with the same code as the other two programs; `room list`, `drain` and
 * `reload` talk to those that run.
 */
#include <stdio.h>

#include "command.h"
#include "conf.h"
#include "context.h"
#include "provider.h"

static enum outcome	run(struct args *);
static enum outcome	run_command(const struct args *, const struct command *);

int
main(int argc, char **argv)
{
	struct args args;
	enum outcome outcome = OUTCOME_USAGE;

	if (args_parse(&args, argc, argv))
		outcome = run(&args);
	else
		fputs("try \"unioctl help\"\n", stderr);
	args_free(&args);
	return (int)outcome;
}

static enum outcome
run(struct args *args)
{
	const struct command *command;

	if (args->version) {
		puts("unioctl " UNIO_VERSION);
		return OUTCOME_DONE;
	}
	if (args->check > 0)
		return conf_check(args->conf_path, args->check, provider_warn) == 0 ? OUTCOME_DONE : OUTCOME_FAILED;
	if (args->help && args->operand_count == 0) {
		command_usage(NULL, stdout);
		return OUTCOME_DONE;
	}
	if ((command = command_find(args)) == NULL)
		return OUTCOME_USAGE;
	if (args->help) {
		command_usage(command, stdout);
		return OUTCOME_DONE;
	}
	return run_command(args, command);
}

static enum outcome
run_command(const struct args *args, const struct command *command)
{
	struct context ctx;
	enum outcome outcome;

	if ((outcome = context_open(&ctx, args, command)) == OUTCOME_DONE)
		outcome = context_run(&ctx);
	context_close(&ctx);
	return outcome;
}
