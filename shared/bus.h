/*
 * bus.h: the wake-up from whoever writes events to the daemon, over ZeroMQ
 * (PUSH to PULL; bus.c is the only file that knows it).
 *
 * It carries no data: a lost wake-up costs a poll interval, never an event.  The
 * sender is opened after fork, never blocks and never fails its caller.
 */
#ifndef UNIO_BUS_H
#define UNIO_BUS_H

#include "base.h"

struct bus;

/* NULL is a bus that does nothing, after a line in the log. */
struct bus	*bus_sender_open(const char *endpoint);
/* One more receiver; if that cannot be, which the log says, its wake-ups go nowhere. */
void		 bus_sender_add(struct bus *bus, const char *endpoint);
/* All receivers, or the i-th from 0. */
void		 bus_wake(struct bus *bus);
void		 bus_wake_one(struct bus *bus, size_t i);

/*
 * Binds: an ipc path gets mode 0660 (the umask changes for that moment, so open it
 * before there are threads) and is taken over only if no living program holds the
 * lock beside it, PATH.lock, which stays.  To bind a path anew whose file was deleted,
 * close the old one first; until then connections that stand go on.  NULL with a sentence.
 */
struct bus	*bus_receiver_open(const char *endpoint, char *error_r, size_t error_size);
/* Readable when there may be something; edge-triggered: call bus_drain() until it has run once after each. */
int		 bus_fd(const struct bus *bus);
/* Takes all that is waiting; true if there was a wake-up. */
bool		 bus_drain(struct bus *bus);

void		 bus_close(struct bus **bus);

#endif
