/*
 * deliver.h: events of the database, brought to those whom they concern.
 */
#ifndef UNIO_DELIVER_H
#define UNIO_DELIVER_H

#include "event.h"

struct hub;

/* In order; those up to hub->event_id are skipped, the rest raises it. */
void	deliver_events(struct hub *hub, const struct event *first);

#endif
