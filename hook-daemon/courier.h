/*
 * courier.h: brings the messages: what is due goes out, what comes back is written down.
 *
 * Invariants:
 * - A message under way has its place in memory until its end is written in the database; so it is never sent twice at
 *   a time, and what cannot be written fills the places, and no more is sent.
 * - A webhook whose receiver hangs has its own places full, and no other's (bounds.h).
 */
#ifndef UNIO_COURIER_H
#define UNIO_COURIER_H

#include "conf.h"
#include "db.h"
#include "post.h"
#include "tally.h"

struct courier;

/* The database and the tally are lent. */
struct courier	*courier_new(const struct conf *conf, struct db *db, struct tally *tally);
void		 courier_free(struct courier **courier);
/* From now on by these keys. */
void		 courier_configure(struct courier *courier, const struct conf *conf);
/* Writes, takes up, sends; unless it is not yet time for it and nothing has come back. */
void		 courier_work(struct courier *courier);
/* Until something happens, a descriptor is readable, or it is time for courier_work(); at most that long. */
void		 courier_wait(struct courier *courier, const int watched[POST_WATCHED], int64_t at_most_us);
/* Nothing new is sent from now on. */
void		 courier_stop(struct courier *courier);
/* Messages under way, and those whose end is not written. */
size_t		 courier_count(const struct courier *courier);

#endif
