/*
 * attend.h: who is in the call of a room, said to the room and written to the
 * database.
 *
 * in_call is a session's own; attendance is recorded only while a call is active.
 */
#ifndef UNIO_ATTEND_H
#define UNIO_ATTEND_H

#include "base.h"

struct hub;
struct session;

/* false: it was in already. */
bool	attend_join(struct hub *hub, struct session *session);
/* false: it was not in.  Told to all, the session included. */
bool	attend_leave(struct hub *hub, struct session *session);
/* Asks the writer to open its interval in the meeting's active call; nothing without one. */
void	attend_record(struct hub *hub, const struct session *session, int64_t at_us);

#endif
