#include <err.h>
#include <stdlib.h>

#include "joins.h"

#define NS_PER_S	1000000000u
#define DRAIN_NS	(30ull * NS_PER_S)

struct joins {
	struct crowd		*crowd;
	struct result	*result;
	uint64_t		*started;	/* when each client began to connect, ns */
	uint64_t		 joins;
	bool			 measuring, ending;
};

static void	start(struct joins *, struct client *);
static void	on_text(void *, struct client *, const char *, size_t);
static void	on_entered(void *, struct client *);
static void	on_left(void *, struct client *);
static bool	busy(const struct crowd *);
static bool	told(const struct crowd *, const struct room *);

void
joins_run(struct crowd *crowd, double warm_up, double seconds, const struct watch *server,
    struct result *result_r)
{
	struct joins	joins = { .crowd = crowd, .result = result_r };
	uint64_t	began;
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
	crowd_rest(crowd, warm_up);
	result_begin(result_r, server, joins.joins);
	joins.measuring = true;
	crowd_rest(crowd, seconds);
	result_end(result_r, server, joins.joins);
	joins.measuring = false;
	joins.ending = true;
	for (began = crowd_now(); busy(crowd) && crowd_now() < began + DRAIN_NS;)
		crowd_turn(crowd, began + DRAIN_NS);
	for (i = 0; i < crowd->rooms; i++) {
		/* the last goings may still be on their way; one too many comes soon */
		for (began = crowd_now(); !told(crowd, &crowd->room[i]) && crowd_now() < began + DRAIN_NS;)
			crowd_turn(crowd, began + DRAIN_NS);
	}
	crowd_rest(crowd, .1);
	for (i = 0; i < crowd->rooms; i++) {
		if (!told(crowd, &crowd->room[i]))
			errx(1, "room %s: who is there was told too few or too many comings and goings",
			    crowd->room[i].name);
	}
	free(joins.started);
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

/* Somebody is still on the way in or out. */
static bool
busy(const struct crowd *crowd)
{
	uint32_t i;

	for (i = 0; i < crowd->clients; i++) {
		if (crowd->client[i].self != 0 && crowd->client[i].state != CLIENT_IDLE)
			return true;
	}
	return false;
}

/* Of each that has come and gone, whoever is there was told once, and of their own coming. */
static bool
told(const struct crowd *crowd, const struct room *room)
{
	const struct client	*client = &crowd->client[room->first];
	uint64_t		 entries = 0;
	uint32_t		 i;

	for (i = 1; i < room->n; i++)
		entries += client[i].entries;
	return client->seen_joined == entries + 1 && client->seen_left == entries;
}
