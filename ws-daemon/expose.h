/*
 * expose.h: tells the tally to Prometheus, at the address signald_metrics (scrape.h).
 *
 * It is a help, not a part of the service: an address that cannot be had is said in the
 * log, and the daemon goes on.  A reload tries again, or takes another address.
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
