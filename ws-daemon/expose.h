/*
 * expose.h: tells the tally to Prometheus, at the address signald_metrics, from the loop (scrape_at.h).
 */
#ifndef UNIO_EXPOSE_H
#define UNIO_EXPOSE_H

#include "hub.h"
#include "loop.h"

struct expose;

struct expose	*expose_new(struct loop *loop, struct hub *hub);
void		 expose_free(struct expose **expose);
/* The hub has another configuration. */
void		 expose_reload(struct expose *expose);

#endif
