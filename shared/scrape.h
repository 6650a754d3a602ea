/*
 * scrape.h: tells the figures to who asks for them: a very small HTTP/1.1 server
 * (RFC 9112) that knows one resource, GET /metrics, and answers each connection once.
 *
 * It never waits.  All that it waits for hangs on one descriptor (an epoll instance),
 * which is readable when scrape_turn() has something to do, so that it fits into any
 * loop.  Bounded: few clients at a time, short requests, and each has a few seconds for all
 * of it; who is slow or silent delays nobody else.  The address is one that only this
 * machine can reach (local.h).
 */
#ifndef UNIO_SCRAPE_H
#define UNIO_SCRAPE_H

#include "base.h"
#include "buf.h"

#define SCRAPE_CLIENTS	16		/* at a time; a Prometheus or two, an operator, and some that hang */
#define SCRAPE_REQUEST	8192		/* bytes of a request's head */
#define SCRAPE_TIME	(5 * US_PER_S)	/* for request and reply together */

struct scrape;

/* Adds the figures. */
typedef void scrape_text(void *arg, struct buf *out);

/* NULL with a sentence in error_r. */
struct scrape	*scrape_new(const char *address, scrape_text *text, void *arg, char *error_r, size_t error_size);
void		 scrape_free(struct scrape **scrape);
int		 scrape_fd(const struct scrape *scrape);
/* Does what can be done without waiting. */
void		 scrape_turn(struct scrape *scrape);

/*
 * What is answered to the first n bytes of a request: 0: nothing yet, it goes on; else the
 * status: 200 (the figures), 400, 404 or 405.  Pure.
 */
int		 scrape_status(const char *p, size_t n);

#endif
