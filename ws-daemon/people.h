/*
 * people.h: which sessions a user has, in whatever rooms: found without looking at everybody's.
 *
 * A hash by user_id whose chains go through the sessions themselves; the table doubles as sessions come, so that a
 * chain stays short.  A session is in it while it is in a room.
 */
#ifndef UNIO_PEOPLE_H
#define UNIO_PEOPLE_H

#include "base.h"

struct session;

struct people {
	struct session	**bucket;
	size_t		  buckets;	/* a power of two, or 0 */
	size_t		  sessions;
};

void		 people_add(struct people *people, struct session *session);
void		 people_remove(struct people *people, struct session *session);
/* The user's first session, and the one after it; NULL: no more.  depart_later() is safe meanwhile. */
struct session	*people_first(const struct people *people, int64_t user_id);
struct session	*people_next(const struct session *session);
/* The table, not the sessions. */
void		 people_free(struct people *people);

#endif
