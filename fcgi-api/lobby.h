/*
 * lobby.h: connections of a front server whose request has not come whole yet.
 *
 * libfcgi waits for what it reads, and with it the worker, so that it is given a request only when it need not wait.
 * What has come is looked at where it lies (MSG_PEEK).  A connection that is not whole waits here, watched by the
 * worker's epoll, as many as LOBBY_PLACES; one more sends the one away that has waited longest.  Descriptors here
 * belong to the lobby.
 */
#ifndef UNIO_LOBBY_H
#define UNIO_LOBBY_H

#include "base.h"

#define LOBBY_PLACES	256	/* of a worker; front servers send a request in one piece, or nearly so */
#define LOBBY_LOOK	32768	/* bytes; more is not waited for here, since a socket might not hold it */

#define LOBBY_RECORDS	64	/* the same: each may be a piece by itself, which takes far more room than its bytes */

struct lobby;

enum lobby_look {
	LOBBY_WHOLE,		/* with its body */
	LOBBY_LARGE,		/* LOBBY_LOOK bytes, or more than LOBBY_RECORDS, and not whole */
	LOBBY_PART,
	LOBBY_GONE		/* closed, or no FastCGI of a front server's */
};

/* epoll_fd: where those that wait are watched, by their descriptors. */
struct lobby	*lobby_new(int epoll_fd, int64_t timeout_us);
/* Closes those that wait. */
void		 lobby_free(struct lobby **lobby);

/* How far a connection's request has come. */
enum lobby_look	 lobby_look(struct lobby *lobby, int fd);
/* One that is a part waits. */
void		 lobby_add(struct lobby *lobby, int fd);
/* After an event: it still waits here; bool. */
NODISCARD bool	 lobby_has(const struct lobby *lobby, int fd);
/* Hands one back, which is the caller's then. */
void		 lobby_remove(struct lobby *lobby, int fd);
/* Closes the one that has waited longest, so that there is a descriptor again; false: there is none. */
bool		 lobby_drop(struct lobby *lobby);

/* Hands back the next one whose time is up, or -1. */
int		 lobby_late(struct lobby *lobby);
/* Milliseconds until there is one, as for epoll_wait(2); -1: nobody waits. */
int		 lobby_patience(const struct lobby *lobby);

#endif
