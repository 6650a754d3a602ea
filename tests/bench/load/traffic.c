#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "stamp.h"
#include "traffic.h"

#define NS_PER_S	1000000000u
#define GATHER		(64 * 1024)	/* what a sender sends at once */
#define SILENCE_NS	(40ull * NS_PER_S)	/* after which what is still missing is lost */
#define SLOW_NS		(60ull * NS_PER_S)	/* the longest that a closed loop waits for its first round */
#define STRIDE		7919	/* senders take turns in this order: neighbours are of different rooms */

struct traffic {
	struct crowd			*crowd;
	const struct traffic_plan	*plan;
	struct result		*result;
	bool				 measuring;
	uint64_t			 from_ns, to_ns;	/* the measured time */
	uint64_t			 sent, arrived;		/* arrived: each receiver's counting */
	uint64_t			 expected;
	uint64_t			 turn;			/* of the open loop */
	unsigned char			 gather[GATHER];
};

static void	run_for(struct traffic *, double);
static void	run_until(struct traffic *, uint64_t, bool);
static void	send_window(struct traffic *, struct client *);
static void	send_due(struct traffic *, uint64_t, uint64_t);
static size_t	put(struct traffic *, struct client *, unsigned char *, uint64_t);
static void	on_text(void *, struct client *, const char *, size_t);
static bool	counts(const struct traffic *, uint64_t);
static void	drain(struct traffic *);

void
traffic_run(struct crowd *crowd, const struct traffic_plan *plan, const struct watch *server,
    struct result *result_r)
{
	struct traffic	*traffic = calloc(1, sizeof(*traffic));
	uint32_t	 i;

	if (traffic == NULL)
		err(1, NULL);
	traffic->crowd = crowd;
	traffic->plan = plan;
	traffic->result = result_r;
	crowd->arg = traffic;
	crowd->on_text = on_text;
	for (i = 0; plan->window > 0 && i < crowd->clients; i++)
		crowd_credit(crowd, &crowd->client[i]);
	run_for(traffic, plan->warm_up);

	result_begin(result_r, server, traffic->arrived);
	traffic->measuring = true;
	traffic->from_ns = crowd_now();
	run_for(traffic, plan->seconds);
	traffic->to_ns = crowd_now();
	result_end(result_r, server, traffic->arrived);
	drain(traffic);
	free(traffic);
}

void
traffic_round(struct crowd *crowd, struct text text)
{
	struct traffic_plan	 plan = { .text = text };
	struct traffic		*traffic = calloc(1, sizeof(*traffic));
	uint32_t		 i;

	if (traffic == NULL)
		err(1, NULL);
	traffic->crowd = crowd;
	traffic->plan = &plan;
	crowd->arg = traffic;
	crowd->on_text = on_text;
	for (i = 0; i < crowd->clients; i++) {
		send_due(traffic, i, crowd_now());
		crowd_turn(crowd, crowd_now());
	}
	drain(traffic);
	free(traffic);
}

/* The closed loop until at least as many have arrived as are on their way at a time: some deliver in batches. */
static void
run_for(struct traffic *traffic, double seconds)
{
	const struct crowd	*crowd = traffic->crowd;
	uint64_t		 goal = traffic->arrived, began = crowd_now();
	uint32_t		 i;

	for (i = 0; i < crowd->clients; i++)
		goal += (uint64_t)traffic->plan->window * (crowd->client[i].room->n - 1);
	run_until(traffic, began + (uint64_t)(seconds * NS_PER_S), true);
	while (traffic->arrived < goal && crowd_now() < began + SLOW_NS)
		run_until(traffic, crowd_now() + NS_PER_S / 20, true);
}

static void
run_until(struct traffic *traffic, uint64_t end, bool sending)
{
	struct client	*client;
	uint64_t	 began = crowd_now(), now, due = end;
	double		 interval = traffic->plan->rate > 0 ? NS_PER_S / traffic->plan->rate : 0;

	traffic->turn = 0;
	while ((now = crowd_now()) < end && (sending || traffic->arrived < traffic->expected)) {
		while ((client = crowd_next_credited(traffic->crowd)) != NULL) {
			if (sending && traffic->plan->window > 0)
				send_window(traffic, client);
		}
		if (sending && traffic->plan->window == 0) {
			while ((due = began + (uint64_t)((double)traffic->turn * interval)) <= now)
				send_due(traffic, traffic->turn++, due);
		}
		crowd_turn(traffic->crowd, due < end ? due : end);
	}
}

/* As many as are missing in its window, in one write. */
static void
send_window(struct traffic *traffic, struct client *client)
{
	uint64_t	now = crowd_now(), others = client->room->n - 1;
	size_t		n = client_take_pong(client, traffic->gather);

	while (!client->waiting && client->sent - client->arrived / others < traffic->plan->window) {
		n += put(traffic, client, traffic->gather + n, now);
		if (n + traffic->plan->text.n + WIRE_HEADER > GATHER)
			break;
	}
	if (n > 0)
		client_send_raw(traffic->crowd, client, traffic->gather, n);
}

static void
send_due(struct traffic *traffic, uint64_t turn, uint64_t due)
{
	struct crowd	*crowd = traffic->crowd;
	struct client	*client = &crowd->client[turn * STRIDE % crowd->clients];
	size_t		 n = put(traffic, client, traffic->gather, due);

	client_send_raw(crowd, client, traffic->gather, n);
}

static size_t
put(struct traffic *traffic, struct client *client, unsigned char *dst, uint64_t due)
{
	const struct text	*text = &traffic->plan->text;
	struct stamp		 stamp = {
		.room = client->room->index, .sender = client->self, .number = client->sent++, .due_ns = due,
	};

	stamp_put(text->p + text->stamp, &stamp);
	traffic->sent++;
	traffic->expected += client->room->n - 1;
	return wire_put(dst, WIRE_TEXT, text->p, text->n, crowd_mask(traffic->crowd));
}

static void
on_text(void *arg, struct client *client, const char *p, size_t n)
{
	struct traffic		*traffic = arg;
	const struct room	*room = client->room;
	struct client		*sender;
	struct stamp		 stamp;
	const char		*wrong;

	if (!client_type_is(p, n, traffic->plan->text.relayed) || n < traffic->plan->text.least)
		errx(1, "room %s: not what was sent: %.*s", room->name, (int)(n < 200 ? n : 200), p);
	if ((wrong = stamp_find(p, n, &stamp)) != NULL ||
	    (wrong = stamp_check(&stamp, room->index, client->self, room->n, client->next)) != NULL)
		errx(1, "room %s: %s (sender %u, number %u)", room->name, wrong, stamp.sender, stamp.number);
	sender = &traffic->crowd->client[room->first + stamp.sender];
	sender->arrived++;
	traffic->arrived++;
	if (counts(traffic, stamp.due_ns))
		histogram_add(&traffic->result->latency, crowd_now() - stamp.due_ns);
	crowd_credit(traffic->crowd, sender);
}

/* Of the open loop every message that was due in the measured time, however late it comes. */
static bool
counts(const struct traffic *traffic, uint64_t due_ns)
{
	if (traffic->plan->window > 0)
		return traffic->measuring;
	return due_ns >= traffic->from_ns && (traffic->measuring || due_ns < traffic->to_ns);
}

/* What is on its way arrives; then each receiver must have all that was sent to it. */
static void
drain(struct traffic *traffic)
{
	struct crowd	*crowd = traffic->crowd;
	struct client	*client, *sender;
	uint64_t	 arrived;
	uint32_t	 i, k;

	traffic->measuring = false;
	do {
		arrived = traffic->arrived;
		run_until(traffic, crowd_now() + SILENCE_NS, false);
	} while (traffic->arrived > arrived && traffic->arrived < traffic->expected);
	for (i = 0; i < crowd->clients; i++) {
		client = &crowd->client[i];
		sender = &crowd->client[client->room->first];
		for (k = 0; k < client->room->n; k++) {
			if (k != client->self && client->next[k] != sender[k].sent)
				errx(1, "room %s: a lost message (sender %u, number %u and later)", client->room->name,
				    k, client->next[k]);
		}
	}
}
