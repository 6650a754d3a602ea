/*
 * detach.h: sessions whose connection was lost.  They stay in their room, the others
 * see nothing, and what is sent to them is kept (resume.h) until resume_ttl is over or
 * their client is back (rejoin.h).
 */
#ifndef UNIO_DETACH_H
#define UNIO_DETACH_H

#include "base.h"

struct hub;
struct room;
struct session;

/* Its connection is gone.  One that cannot be resumed departs. */
void		 detach_session(struct hub *hub, struct session *session);
/* It is connected again, or departs; nothing if it is not detached. */
void		 detach_end(struct session *session);
/* Nobody asks for it any more: if its time was over meanwhile, it ends. */
void		 detach_review(struct session *session);
/*
 * What is kept for all sessions together has its bound, resume_memory: past it those that
 * were lost first end, and then the connected ones keep less.
 */
void		 detach_relieve(struct hub *hub);
/* Of a user's detached sessions in the room the one lost first; NULL: none. */
struct session	*detach_oldest(const struct room *room, int64_t user_id);

#endif
