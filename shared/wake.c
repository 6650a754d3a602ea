#include <stdlib.h>

#include "shard.h"
#include "wake.h"

struct bus *
wake_open(const struct conf *conf)
{
	struct bus *bus = bus_sender_open(conf->wake_endpoint);
	char *endpoint;

	for (int daemon = 2; bus != NULL && daemon <= conf->daemons; daemon++) {
		endpoint = shard_name(conf->wake_endpoint, daemon);
		bus_sender_add(bus, endpoint);
		free(endpoint);
	}
	return bus;
}

void
wake_events(struct bus *bus, const struct conf *conf, const struct event *first)
{
	bool concerned[SHARD_MAX] = { false };

	for (const struct event *event = first; event != NULL; event = event->next) {
		if (event->meeting_id == 0) {
			bus_wake(bus);
			return;
		}
		concerned[shard_of(event->meeting_id, conf->daemons) - 1] = true;
	}
	for (int daemon = 1; daemon <= SHARD_MAX; daemon++)
		if (concerned[daemon - 1])
			bus_wake_one(bus, (size_t)daemon - 1);
}
