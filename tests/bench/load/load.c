/*
 * load: the load generator of `make bench`: WebSocket clients that meet in rooms, and check all that they hear.
 *
 * It is its own client (epoll, RFC 6455, no library), so that no server is measured by its own relative. It prints
 * one line of JSON, and ends with status 1 and a sentence if the server loses, doubles, misorders or misroutes
 * anything, or breaks the protocol.
 *
 * Read it in this order: stamp.h, wire.h, client.h, crowd.h, traffic.h, joins.h.
 */
#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "joins.h"
#include "traffic.h"

struct options {
	const char	*clients;
	const char	*address;
	const char	*what;		/* candidates, offers or joins */
	double		 seconds;
	uint32_t	 window;
	double		 rate;
	size_t		 size;
	struct watch	 server;
};

static void	parse(int, char **, struct options *);
static void	run_joins(struct crowd *, const struct options *);
static void	run_traffic(struct crowd *, const struct options *);
static void	print(const char *, uint64_t, double, double, const struct histogram *);
static void	listen_and_run(const char *, char **);
static void	usage(void);

int
main(int argc, char **argv)
{
	struct options	options = { .seconds = 2, .size = 250 };
	struct crowd	*crowd;
	int64_t		 memory;
	bool		 joins;

	parse(argc, argv, &options);
	joins = strcmp(options.what, "joins") == 0;
	crowd = crowd_new(options.clients, options.address);
	memory = watch_memory(&options.server);
	crowd_enter(crowd, joins ? 1 : 0);
	memory = watch_memory(&options.server) - memory;
	printf("{\"clients\":%u,\"rooms\":%u,\"bytes_per_client\":%" PRId64, crowd->clients, crowd->rooms,
	    memory / crowd->present);
	if (joins)
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

	while ((opt = getopt(argc, argv, "+c:l:p:r:s:t:w:")) != -1) {
		switch (opt) {
		case 'c':
			options->clients = optarg;
			break;
		case 'l':
			listen_and_run(optarg, argv + optind);
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

static void
run_joins(struct crowd *crowd, const struct options *options)
{
	static struct joins_result result;

	joins_run(crowd, options->seconds / 4, options->seconds, &options->server, &result);
	print("joins", result.joins, result.seconds, result.cpu, &result.latency);
}

/* First as much as it can carry, then at a given rate, with the same crowd. */
static void
run_traffic(struct crowd *crowd, const struct options *options)
{
	static struct traffic_result	 closed, open;
	bool				 offers = strcmp(options->what, "offers") == 0;
	struct traffic_plan		 plan = {
		.text = text_new(offers ? TEXT_OFFER : TEXT_CANDIDATE, options->size),
		.warm_up = options->seconds / 4,
		.seconds = options->seconds,
		.window = options->window,
	};

	if (!offers && strcmp(options->what, "candidates") != 0)
		usage();
	if (plan.window > 0) {
		traffic_run(crowd, &plan, &options->server, &closed);
		print("closed", closed.delivered, closed.seconds, closed.cpu, &closed.latency);
	}
	plan.window = 0;
	plan.rate = options->rate;
	if (plan.rate > 0) {
		traffic_run(crowd, &plan, &options->server, &open);
		print("open", open.delivered, open.seconds, open.cpu, &open.latency);
	}
	free(plan.text.p);
}

static void
print(const char *what, uint64_t count, double seconds, double cpu, const struct histogram *latency)
{
	printf(",\"%s\":{\"count\":%" PRIu64 ",\"seconds\":%.3f,\"cpu\":%.2f", what, count, seconds, cpu);
	printf(",\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f}",
	    (double)histogram_at(latency, .5) / 1e3, (double)histogram_at(latency, .99) / 1e3,
	    (double)histogram_at(latency, .999) / 1e3, (double)latency->max / 1e3);
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
	fputs("usage: load -c CLIENTS [-p PID,...] [-t SECONDS] [-s BYTES] [-w WINDOW] [-r RATE]\n"
	    "            ADDRESS candidates|offers\n"
	    "       load -c CLIENTS [-p PID,...] [-t SECONDS] ADDRESS joins\n"
	    "       load -l ADDRESS COMMAND [ARGUMENT]...\n"
	    "  CLIENTS   a file with a line \"ROOM TOKEN\" for each client, those of a room together\n"
	    "  ADDRESS   tcp:HOST:PORT or unix:PATH\n"
	    "  -p        the server's processes, whose CPU time and memory are told\n"
	    "  -t        how long it is measured, after a quarter of that as warm-up\n"
	    "  -s        the size of a message\n"
	    "  -w        closed loop: messages on their way from each client\n"
	    "  -r        open loop, after the other: messages sent a second, by all together\n"
	    "  -l        listens there and runs the command with that socket as its standard input\n", stderr);
	exit(2);
}
