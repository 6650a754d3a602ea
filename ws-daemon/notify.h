/*
 * notify.h: the traffic between the core and the database threads: jobs out,
 * answers and events in.
 *
 * Events are read by poll while anybody is connected, and sooner when a wake-up
 * comes (bus.h); one reading is under way at a time, so none is skipped and none
 * comes twice.  Without a wake-up socket the poll alone does it.
 */
#ifndef UNIO_NOTIFY_H
#define UNIO_NOTIFY_H

#include "hub.h"
#include "loop.h"
#include "token.h"

struct notify;

/*
 * Opens both database connections, does what is due once at the start (task_start()),
 * tells the hub where the database stands, and starts the threads.  NULL with a
 * sentence in error_r.  The ring is notify's in any case.
 */
struct notify	*notify_new(struct loop *loop, struct hub *hub, struct token_ring *ring, char *error_r,
    size_t error_size);
/* The hub has another configuration, and tokens are signed with other keys: the ring is notify's now. */
void		 notify_reload(struct notify *notify, struct token_ring *ring);
/* Carries the hub's jobs to their threads; once a turn. */
void		 notify_carry(struct notify *notify);
/* Finishes what is queued, ends the threads. */
void		 notify_free(struct notify **notify);

#endif
