/*
 * operator.h: what the operator does to a room from outside (`unioctl room`).
 *
 * Each leaves the hub settled.
 */
#ifndef UNIO_OPERATOR_H
#define UNIO_OPERATOR_H

#include "base.h"

struct hub;

/*
 * Ends one session, or all of a user, with CLOSING_KICKED: who is a session id or an e-mail address in any case.
 * Nothing keeps them from coming back.  How many there were.
 */
size_t	operator_kick(struct hub *hub, int64_t meeting_id, const char *who);
/* A notice to everybody in the room; how many they are. */
size_t	operator_message(struct hub *hub, int64_t meeting_id, const char *text);

#endif
