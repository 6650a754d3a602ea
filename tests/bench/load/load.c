/*
 * load: the load generator of `make bench`: WebSocket clients that meet in rooms, and check all that they hear.
 *
 * It is its own client (epoll, RFC 6455, no library), so that no server is measured by its own relative. It prints
 * one line of JSON, and ends with status 1 and a sentence if the server loses, doubles, misorders or misroutes
 * anything, or breaks the protocol.
 *
 * Read it in this order: stamp.h, wire.h, client.h, crowd.h, result.h, traffic.h, joins.h.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "joins.h"
#include "traffic.h"

#define FEW		100	/* sessions of a small site */
#define SETTLE_S	.3

struct options {
	const char	*clients;
	const char	*address;
	const char	*what;		/* candidates, offers, joins or stay */
	double		 seconds;
	uint32_t	 window;
	double		 rate;
	size_t		 size;
	bool		 memory;
	struct watch	 server;
};

static void	parse(int, char **, struct options *);
static void	stay(struct crowd *);
static void	run_joins(struct crowd *, const struct options *);
static void	run_traffic(struct crowd *, const struct options *);
static void	enter(struct crowd *, const struct options *, struct text);
static void	print_memory(struct crowd *, const struct options *, const char *);
static void	listen_and_run(const char *, char **);
static void	usage(void);

int
main(int argc, char **argv)
{
	struct options	 options = { .seconds = 2, .size = 250 };
	struct crowd	*crowd;
	bool		 joins;

	parse(argc, argv, &options);
	joins = strcmp(options.what, "joins") == 0;
	crowd = crowd_new(options.clients, options.address);
	printf("{\"clients\":%u,\"rooms\":%u", crowd->clients, crowd->rooms);
	if (strcmp(options.what, "stay") == 0)
		stay(crowd);
	else if (joins)
		run_joins(crowd, &options);
	else
		run_traffic(crowd, &options);
	printf("}\n");
	crowd_free(crowd);
	return 0;
}

static void
parse(int argc, char **argv, struct options *options)
{
	int opt;

	while ((opt = getopt(argc, argv, "+c:l:mp:r:s:t:w:")) != -1) {
		switch (opt) {
		case 'c':
			options->clients = optarg;
			break;
		case 'l':
			listen_and_run(optarg, argv + optind);
			break;
		case 'm':
			options->memory = true;
			break;
		case 'p':
			watch_parse(&options->server, optarg);
			break;
		case 'r':
			options->rate = strtod(optarg, NULL);
			break;
		case 's':
			options->size = strtoul(optarg, NULL, 10);
			break;
		case 't':
			options->seconds = strtod(optarg, NULL);
			break;
		case 'w':
			options->window = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		default:
			usage();
		}
	}
	if (optind + 2 != argc || options->clients == NULL || options->seconds <= 0)
		usage();
	options->address = argv[optind];
	options->what = argv[optind + 1];
}

/* They enter and stay until the standard input ends. */
static void
stay(struct crowd *crowd)
{
	char end;

	crowd_enter(crowd, 0, UINT32_MAX);
	fputs("in\n", stderr);
	if (fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) == -1)
		err(1, "standard input");
	while (read(STDIN_FILENO, &end, 1) == -1 && errno == EAGAIN)
		crowd_rest(crowd, .1);
}

static void
run_joins(struct crowd *crowd, const struct options *options)
{
	static struct result result;

	crowd_enter(crowd, 1, UINT32_MAX);
	joins_run(crowd, options->seconds / 4, options->seconds, &options->server, &result);
	result_print(&result, "joins");
}

/* First as much as it can carry, then at a given rate, with the same crowd. */
static void
run_traffic(struct crowd *crowd, const struct options *options)
{
	static struct result	closed, open;
	bool			offers = strcmp(options->what, "offers") == 0;
	struct traffic_plan	plan = {
		.text = text_new(offers ? TEXT_OFFER : TEXT_CANDIDATE, options->size),
		.warm_up = options->seconds / 4,
		.seconds = options->seconds,
		.window = options->window,
	};

	if (!offers && strcmp(options->what, "candidates") != 0)
		usage();
	enter(crowd, options, plan.text);
	if (plan.window > 0) {
		traffic_run(crowd, &plan, &options->server, &closed);
		result_print(&closed, "closed");
	}
	if (options->memory)
		print_memory(crowd, options, "traffic");
	plan.window = 0;
	plan.rate = options->rate;
	if (plan.rate > 0) {
		traffic_run(crowd, &plan, &options->server, &open);
		result_print(&open, "open");
	}
	free(plan.text.p);
}

/* With -m, the memory before anybody comes, with a few, with all, and when each of them has sent one message. */
static void
enter(struct crowd *crowd, const struct options *options, struct text text)
{
	if (!options->memory) {
		crowd_enter(crowd, 0, UINT32_MAX);
		return;
	}
	print_memory(crowd, options, "start");
	crowd_enter(crowd, 0, FEW);
	print_memory(crowd, options, "few");
	crowd_enter(crowd, 0, UINT32_MAX);
	print_memory(crowd, options, "idle");
	traffic_round(crowd, text);
	print_memory(crowd, options, "spoken");
}

/* When what comes and goes with a turn is over. */
static void
print_memory(struct crowd *crowd, const struct options *options, const char *when)
{
	crowd_rest(crowd, SETTLE_S);
	printf(",\"memory_%s\":%" PRId64, when, watch_memory(&options->server));
}

/* The socket as descriptor 0, for servers that are handed their listening socket. */
static void
listen_and_run(const char *where, char **argv)
{
	struct address address;

	if (argv[0] == NULL)
		usage();
	address_parse(&address, where);
	if (dup2(address_listen(&address), STDIN_FILENO) == -1)
		err(1, "dup2");
	execvp(argv[0], argv);
	err(1, "%s", argv[0]);
}

static void
usage(void)
{
	fputs("usage: load -c CLIENTS [-p PID,...] [-t SECONDS] [-s BYTES] [-m] [-w WINDOW] [-r RATE]\n"
	    "            ADDRESS candidates|offers\n"
	    "       load -c CLIENTS [-p PID,...] [-t SECONDS] ADDRESS joins\n"
	    "       load -c CLIENTS ADDRESS stay\n"
	    "       load -l ADDRESS COMMAND [ARGUMENT]...\n"
	    "  CLIENTS   a file with a line \"ROOM TOKEN\" for each client, those of a room together\n"
	    "  ADDRESS   tcp:HOST:PORT or unix:PATH\n"
	    "  -p        the server's processes, whose CPU time and memory are told\n"
	    "  -t        how long it is measured, after a quarter of that as warm-up\n"
	    "  -s        the size of a message\n"
	    "  -m        the memory as well: with 0, 100 and all clients, when each has spoken, and after traffic\n"
	    "  -w        closed loop: messages on their way from each client\n"
	    "  -r        open loop, after the other: messages sent a second, by all together\n"
	    "  -l        listens there and runs the command with that socket as its standard input\n", stderr);
	exit(2);
}
