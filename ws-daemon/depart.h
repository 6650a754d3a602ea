/*
 * depart.h: the end of a session: it leaves the call and the room, the others are
 * told, its token is good for nothing any more.
 */
#ifndef UNIO_DEPART_H
#define UNIO_DEPART_H

struct hub;
struct session;

/* At once, and frees it; never within a walk over a room.  close says why (closing.h). */
void	depart_now(struct hub *hub, struct session *session, int close);
/* When the hub settles; a client that is connected is told. */
void	depart_later(struct session *session, int close);
/* Whoever had to go goes, until nobody is left to: lost connections leave their sessions behind, detached. */
void	depart_settle(struct hub *hub);

#endif
