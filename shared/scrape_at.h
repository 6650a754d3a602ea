/*
 * scrape_at.h: the figures at an address that a key of the configuration names (scrape.h), and a reload may change.
 *
 * It is a help, not a part of the service: an address that cannot be had is said in the log, and the program goes on.
 * The next reload tries again.
 */
#ifndef UNIO_SCRAPE_AT_H
#define UNIO_SCRAPE_AT_H

#include "scrape.h"

struct scrape_at;

/* Nowhere yet.  The key's name, for the log, is lent. */
struct scrape_at *scrape_at_new(const char *key, scrape_text *text, void *arg);
void		  scrape_at_free(struct scrape_at **at);
/* The address is this one now; "": nobody is told.  The same one stays: who is being told is told to the end. */
void		  scrape_at_move(struct scrape_at *at, const char *address);
/* Readable when scrape_at_turn() has something to do; another one after a move; -1: nobody is told. */
int		  scrape_at_fd(const struct scrape_at *at);
/* Does what can be done without waiting. */
void		  scrape_at_turn(struct scrape_at *at);

#endif
