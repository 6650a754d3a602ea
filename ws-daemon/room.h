/*
 * room.h: the sessions that are in one meeting.
 *
 * A room is there while somebody is in it; the hub finds it by its meeting's id.
 * Sending to a room may close connections (slow consumers), but changes no list:
 * leaving is deferred, so a walk over the sessions is always safe.
 */
#ifndef UNIO_ROOM_H
#define UNIO_ROOM_H

#include <uthash.h>

#include "session.h"

struct hub;

struct room {
	int64_t		 meeting_id;
	bool		 relay_only;	/* ice_policy relay */
	struct session	*first, *last;
	size_t		 count;
	size_t		 in_call;
	UT_hash_handle	 hh;
};

/* NULL if nobody is in it. */
struct room	*room_find(const struct hub *hub, int64_t meeting_id);
/* Makes the room if need be; the session belongs to it from now on. */
void		 room_add(struct hub *hub, int64_t meeting_id, struct session *session);
/* Frees the session, and the room with its last one. */
void		 room_remove(struct hub *hub, struct session *session);
/* To everyone but one (NULL: to all). */
void		 room_send(struct room *room, struct message *message, const struct session *but);
/* To every other session of a user; how many there are. */
size_t		 room_send_to_user(struct room *room, struct message *message, const struct session *but,
    int64_t user_id);
struct session	*room_session(const struct room *room, const char *session_id);
size_t		 room_devices(const struct room *room, int64_t user_id);

#endif
