/*
 * http: the HTTP load generator of `make bench`: keep-alive clients, each with one request on its way at a time.
 *
 *	http -c CLIENTS -p PID,... [-n N] [-t SECONDS] ADDRESS get PATH		the same GET, over and over
 *	http ... ADDRESS calls							start a call, end it, over and over
 *
 * CLIENTS has a line "MEETING TOKEN" for each client; the first N (8) are used, each with its meeting. A reply that is
 * not 200 or 201, or whose body has no id and is no list, ends the run with status 1. It prints one line of JSON; what
 * is counted is requests for get, and pairs of a start and an end for calls.
 */
#include <sys/epoll.h>

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../load/address.h"
#include "../load/histogram.h"
#include "../load/watch.h"

#define CLIENTS		64
#define REPLY		(64 * 1024)
#define NS_PER_S	1000000000u

struct client {
	int		 fd;
	char		 meeting[32], token[2048];
	char		 call[32];	/* the one to end; "": none */
	char		 in[REPLY];
	size_t		 n;
	uint64_t	 sent_ns;
};

struct load {
	int			 epoll, clients;
	struct address		 address;
	const char		*path;		/* NULL: calls */
	struct client		*client;
	bool			 measuring;
	uint64_t		 count;
	struct histogram	 latency;
	struct watch		 server;
};

static void	read_clients(struct load *, const char *, int);
static void	run(struct load *, double);
static void	start(struct load *, struct client *);
static void	request(struct load *, struct client *);
static void	reply(struct load *, struct client *);
static size_t	whole(const struct client *);
static void	take(struct load *, struct client *);
static uint64_t	now(void);
static void	usage(void);

int
main(int argc, char **argv)
{
	static struct load	 load;
	const char		*clients = NULL;
	double			 seconds = 2, cpu;
	uint64_t		 began, count;
	int			 opt, i, n = 8;

	while ((opt = getopt(argc, argv, "c:n:p:t:")) != -1) {
		if (opt == 'c')
			clients = optarg;
		else if (opt == 'n')
			n = atoi(optarg);
		else if (opt == 'p')
			watch_parse(&load.server, optarg);
		else if (opt == 't')
			seconds = strtod(optarg, NULL);
		else
			usage();
	}
	argv += optind;
	argc -= optind;
	if (clients == NULL || n < 1 || n > CLIENTS || argc < 2 || (argc == 3) != (strcmp(argv[1], "get") == 0))
		usage();
	address_parse(&load.address, argv[0]);
	load.path = argv[2];
	load.epoll = epoll_create1(0);
	read_clients(&load, clients, n);
	for (i = 0; i < load.clients; i++) {
		start(&load, &load.client[i]);
		request(&load, &load.client[i]);
	}
	run(&load, seconds / 4);
	cpu = watch_cpu(&load.server);
	count = load.count;
	began = now();
	load.measuring = true;
	run(&load, seconds);
	printf("{\"count\":%" PRIu64 ",\"seconds\":%.3f,\"cpu\":%.2f,"
	    "\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f}\n", load.count - count,
	    (double)(now() - began) / NS_PER_S, watch_cpu(&load.server) - cpu,
	    (double)histogram_at(&load.latency, .5) / 1e3, (double)histogram_at(&load.latency, .99) / 1e3,
	    (double)histogram_at(&load.latency, .999) / 1e3);
	return 0;
}

static void
read_clients(struct load *load, const char *path, int n)
{
	FILE *file = fopen(path, "r");

	load->client = calloc((size_t)n, sizeof(*load->client));
	if (file == NULL || load->client == NULL)
		err(2, "%s", path);
	while (load->clients < n && fscanf(file, "%31s %2047s", load->client[load->clients].meeting,
	    load->client[load->clients].token) == 2)
		load->clients++;
	fclose(file);
}

static void
run(struct load *load, double seconds)
{
	struct epoll_event	event[CLIENTS];
	uint64_t		end = now() + (uint64_t)(seconds * NS_PER_S);
	int			i, n;

	while (now() < end) {
		n = epoll_wait(load->epoll, event, CLIENTS, 100);
		for (i = 0; i < n; i++)
			reply(load, event[i].data.ptr);
	}
}

static void
start(struct load *load, struct client *client)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };

	client->fd = address_connect(&load->address);
	client->n = 0;
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->fd, &event) == -1)
		err(1, "epoll_ctl");
}

static void
request(struct load *load, struct client *client)
{
	char	text[4096], body[64] = "";
	bool	ending = client->call[0] != '\0';
	int	n;

	if (load->path != NULL) {
		n = snprintf(text, sizeof(text),
		    "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
		    load->path, client->token);
	} else {
		snprintf(body, sizeof(body), ending ? "{\"call_id\":%s}" : "{\"meeting_id\":%s}",
		    ending ? client->call : client->meeting);
		n = snprintf(text, sizeof(text), "POST /api/health/call/%s HTTP/1.1\r\nHost: localhost\r\n"
		    "Authorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
		    ending ? "end" : "start", client->token, strlen(body), body);
	}
	if (!ending)
		client->sent_ns = now();
	if (write(client->fd, text, (size_t)n) != n)
		err(1, "the server does not take what is sent");
}

static void
reply(struct load *load, struct client *client)
{
	ssize_t	got = read(client->fd, client->in + client->n, sizeof(client->in) - 1 - client->n);
	size_t	n;

	if (got == -1 && errno == EAGAIN)
		return;
	if (got <= 0 && client->n == 0) {
		/* the end of a keep-alive connection */
		close(client->fd);
		start(load, client);
		request(load, client);
		return;
	}
	if (got <= 0)
		errx(1, "the server has hung up within a reply");
	client->n += (size_t)got;
	client->in[client->n] = '\0';
	if ((n = whole(client)) == 0)
		return;
	take(load, client);
	client->n = 0;
	request(load, client);
}

/* The length of the reply, when it is all there; 0 before. */
static size_t
whole(const struct client *client)
{
	const char	*end = strstr(client->in, "\r\n\r\n"), *length;
	size_t		 n;

	if (end == NULL)
		return 0;
	length = strcasestr(client->in, "\r\nContent-Length:");
	if (length == NULL || length > end)
		errx(1, "a reply without Content-Length: %s", client->in);
	n = (size_t)(end - client->in) + 4 + strtoul(length + 17, NULL, 10);
	return client->n >= n ? n : 0;
}

static void
take(struct load *load, struct client *client)
{
	const char *body = strstr(client->in, "\r\n\r\n"), *id = strstr(body, "\"id\":");

	if ((strncmp(client->in, "HTTP/1.1 200", 12) != 0 && strncmp(client->in, "HTTP/1.1 201", 12) != 0) ||
	    (id == NULL && strncmp(body, "\r\n\r\n{\"results\":[", 16) != 0))
		errx(1, "not what was asked for: %s", client->in);
	if (load->path == NULL && client->call[0] == '\0') {
		snprintf(client->call, sizeof(client->call), "%lld", strtoll(id + 5, NULL, 10));
		return;
	}
	if (load->path == NULL && strstr(body, "\"ended\"") == NULL)
		errx(1, "the call has not ended: %s", body);
	client->call[0] = '\0';
	load->count++;
	if (load->measuring)
		histogram_add(&load->latency, now() - client->sent_ns);
}

static uint64_t
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

static void
usage(void)
{
	fputs("usage: http -c CLIENTS -p PID,... [-n N] [-t SECONDS] ADDRESS get PATH | calls\n", stderr);
	exit(2);
}
