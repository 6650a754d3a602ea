/*
 * expose.h: tells the tally to Prometheus, at the address hookd_metrics (scrape.h).
 *
 * It is a help, not a part of the service: an address that cannot be had is said in the log, and the daemon goes on.
 * A reload tries again, or takes another address.
 */
#ifndef UNIO_EXPOSE_H
#define UNIO_EXPOSE_H

#include "conf.h"
#include "db.h"
#include "tally.h"

struct expose;

/* The tally and the database are lent. */
struct expose	*expose_new(const struct conf *conf, struct tally *tally, struct db *db);
void		 expose_free(struct expose **expose);
/* The configuration is another one. */
void		 expose_reload(struct expose *expose, const struct conf *conf);
/* Readable when expose_turn() has something to do; -1: nobody is told anything. */
int		 expose_fd(const struct expose *expose);
/* Does what can be done without waiting. */
void		 expose_turn(struct expose *expose);

#endif
