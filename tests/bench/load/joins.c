#include <err.h>
#include <inttypes.h>
#include <stdlib.h>

#include "joins.h"

#define NS_PER_S	1000000000u
#define DRAIN_NS	(10ull * NS_PER_S)

struct joins {
	struct crowd		*crowd;
	struct joins_result	*result;
	uint64_t		*started;	/* when each client began to connect, ns */
	uint64_t		 joins;
	bool			 measuring, ending;
};

static void	run_until(struct joins *, uint64_t);
static void	start(struct joins *, struct client *);
static void	on_text(void *, struct client *, const char *, size_t);
static void	on_entered(void *, struct client *);
static void	on_left(void *, struct client *);
static void	check_told(const struct joins *, const struct room *);

void
joins_run(struct crowd *crowd, double warm_up, double seconds, const struct watch *server,
    struct joins_result *result_r)
{
	struct joins	joins = { .crowd = crowd, .result = result_r };
	uint64_t	began, before;
	double		cpu;
	uint32_t	i;

	joins.started = calloc(crowd->clients, sizeof(*joins.started));
	if (joins.started == NULL)
		err(1, NULL);
	crowd->arg = &joins;
	crowd->on_text = on_text;
	crowd->on_entered = on_entered;
	crowd->on_left = on_left;
	for (i = 0; i < crowd->clients; i++) {
		if (crowd->client[i].self != 0)
			start(&joins, &crowd->client[i]);
	}
	run_until(&joins, crowd_now() + (uint64_t)(warm_up * NS_PER_S));
	cpu = watch_cpu(server);
	began = crowd_now();
	before = joins.joins;
	joins.measuring = true;
	run_until(&joins, began + (uint64_t)(seconds * NS_PER_S));
	result_r->cpu = watch_cpu(server) - cpu;
	result_r->seconds = (double)(crowd_now() - began) / NS_PER_S;
	result_r->joins = joins.joins - before;
	joins.measuring = false;
	joins.ending = true;
	for (began = crowd_now(); crowd->present > crowd->rooms && crowd_now() < began + DRAIN_NS;)
		crowd_turn(crowd, began + DRAIN_NS);
	/* the last goings may still be on their way */
	for (began = crowd_now(); crowd_now() < began + NS_PER_S / 5;)
		crowd_turn(crowd, began + NS_PER_S / 5);
	for (i = 0; i < crowd->rooms; i++)
		check_told(&joins, &crowd->room[i]);
	free(joins.started);
}

static void
run_until(struct joins *joins, uint64_t end)
{
	while (crowd_now() < end)
		crowd_turn(joins->crowd, end);
}

static void
start(struct joins *joins, struct client *client)
{
	joins->started[client - joins->crowd->client] = crowd_now();
	client_start(joins->crowd, client);
}

/* Nobody says anything here. */
static void
on_text(void *arg, struct client *client, const char *p, size_t n)
{
	(void)arg;
	errx(1, "room %s: unexpected: %.*s", client->room->name, (int)n, p);
}

static void
on_entered(void *arg, struct client *client)
{
	struct joins *joins = arg;

	joins->joins++;
	if (joins->measuring)
		histogram_add(&joins->result->latency, crowd_now() - joins->started[client - joins->crowd->client]);
	client_leave(joins->crowd, client);
}

static void
on_left(void *arg, struct client *client)
{
	struct joins *joins = arg;

	if (!joins->ending)
		start(joins, client);
}

static void
check_told(const struct joins *joins, const struct room *room)
{
	const struct client	*client = &joins->crowd->client[room->first];
	uint64_t		 joined = client->seen_joined - 1, entries = 0;	/* without its own coming */
	uint32_t		 i;

	for (i = 1; i < room->n; i++)
		entries += client[i].entries;
	if (joined != entries || client->seen_left != entries)
		errx(1, "room %s: %" PRIu64 " came and went, told were %" PRIu64 " and %" PRIu64, room->name, entries,
		    joined, client->seen_left);
}
