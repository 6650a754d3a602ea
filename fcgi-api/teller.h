/*
 * teller.h: a child of the master that tells the tally to Prometheus, at the address
 * api_metrics (scrape_at.h): so that neither the master nor a worker ever waits for who asks.
 */
#ifndef UNIO_TELLER_H
#define UNIO_TELLER_H

#include "conf.h"
#include "tally.h"

/* Until SIGTERM or SIGINT, which are blocked; the exit code: 1 if the address cannot be had. */
int	teller_run(const struct conf *conf, const struct tally *tally);

#endif
