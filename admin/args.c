#include <getopt.h>
#include <stdlib.h>

#include "args.h"
#include "mem.h"

/* Long options without a letter of their own are known by this plus their ARGS_ bit. */
#define LONG_ONLY	256
#define JSON		(LONG_ONLY - 1)

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "json", no_argument, NULL, JSON },
	{ "quiet", no_argument, NULL, 'q' },
	{ "check", no_argument, NULL, 'n' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ "name", required_argument, NULL, LONG_ONLY + ARGS_NAME },
	{ "admin", no_argument, NULL, LONG_ONLY + ARGS_ADMIN },
	{ "host", required_argument, NULL, LONG_ONLY + ARGS_HOST },
	{ "title", required_argument, NULL, LONG_ONLY + ARGS_TITLE },
	{ "participant", required_argument, NULL, LONG_ONLY + ARGS_PARTICIPANT },
	{ "wait", no_argument, NULL, LONG_ONLY + ARGS_WAIT },
	{ "tsv", no_argument, NULL, LONG_ONLY + ARGS_TSV },
	{ "limit", required_argument, NULL, LONG_ONLY + ARGS_LIMIT },
	{ "offset", required_argument, NULL, LONG_ONLY + ARGS_OFFSET },
	{ "status", required_argument, NULL, LONG_ONLY + ARGS_STATUS },
	{ "meeting", required_argument, NULL, LONG_ONLY + ARGS_MEETING },
	{ "older-than", required_argument, NULL, LONG_ONLY + ARGS_OLDER_THAN },
	{ "follow", no_argument, NULL, LONG_ONLY + ARGS_FOLLOW },
	{ "after", required_argument, NULL, LONG_ONLY + ARGS_AFTER },
	{ "all", no_argument, NULL, LONG_ONLY + ARGS_ALL },
	{ "url", required_argument, NULL, LONG_ONLY + ARGS_URL },
	{ "commands", no_argument, NULL, LONG_ONLY + ARGS_COMMANDS },
	{ "events", required_argument, NULL, LONG_ONLY + ARGS_EVENTS },
	{ "secret-file", required_argument, NULL, LONG_ONLY + ARGS_SECRET_FILE },
	{ "webhook", required_argument, NULL, LONG_ONLY + ARGS_WEBHOOK },
	{ "user", required_argument, NULL, LONG_ONLY + ARGS_USER },
	{ "action", required_argument, NULL, LONG_ONLY + ARGS_ACTION },
	{ "since", required_argument, NULL, LONG_ONLY + ARGS_SINCE },
	{ "until", required_argument, NULL, LONG_ONLY + ARGS_UNTIL },
	{ "ban", no_argument, NULL, LONG_ONLY + ARGS_BAN },
	{ "once", no_argument, NULL, LONG_ONLY + ARGS_ONCE },
	{ NULL, 0, NULL, 0 },
};

static void	set_global(struct args *, int);
static void	set_own(struct args *, unsigned);
static const struct option *find(unsigned);

bool
args_parse(struct args *args, int argc, char **argv)
{
	int c;

	*args = (struct args){ 0 };
	args->participants = mem_calloc((size_t)argc + 1, sizeof(*args->participants));
	while ((c = getopt_long(argc, argv, "c:qnVh1", options, NULL)) != -1) {
		if (c == '?')
			return false;	/* getopt has said what is wrong */
		if (c == '1')
			set_own(args, ARGS_ONCE);
		else if (c < LONG_ONLY)
			set_global(args, c);
		else
			set_own(args, (unsigned)(c - LONG_ONLY));
	}
	args->operands = argv + optind;
	args->operand_count = (size_t)(argc - optind);
	return true;
}

static void
set_global(struct args *args, int c)
{
	if (c == 'c')
		args->conf_path = optarg;
	else if (c == 'n')
		args->check++;
	args->json |= c == JSON;
	args->quiet |= c == 'q';
	args->version |= c == 'V';
	args->help |= c == 'h';
}

static void
set_own(struct args *args, unsigned option)
{
	args->given |= option;
	args->value[__builtin_ctz(option)] = optarg;
	if (option == ARGS_PARTICIPANT)
		args->participants[args->participant_count++] = optarg;
}

void
args_free(struct args *args)
{
	free(args->participants);
	args->participants = NULL;
}

bool
args_given(const struct args *args, unsigned option)
{
	return (args->given & option) != 0;
}

const char *
args_value(const struct args *args, unsigned option)
{
	return args->value[__builtin_ctz(option)];
}

const char *
args_option_name(unsigned option)
{
	return find(option)->name;
}

bool
args_option_takes_value(unsigned option)
{
	return find(option)->has_arg == required_argument;
}

/* Every ARGS_ bit has its line. */
static const struct option *
find(unsigned option)
{
	const struct option *o = options;

	while (o->val != LONG_ONLY + (int)option)
		o++;
	return o;
}
