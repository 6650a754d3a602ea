/*
 * permit.h: may the caller do this to that meeting?  Who sees what, as
 * one table.
 */
#ifndef UNIO_PERMIT_H
#define UNIO_PERMIT_H

#include "access.h"
#include "handle.h"

enum permit {
	PERMIT_READ,	/* host, participants, administrators; outsiders see no meeting */
	PERMIT_CHANGE,	/* host, administrators */
	PERMIT_START,	/* host, participants; outsiders are told so */
	PERMIT_ENTER,	/* the room: the same */
	PERMIT_END	/* host, participants, administrators; outsiders are told so */
};

/*
 * True and the access; otherwise false, and the reply says 404, 403 or why the database did not
 * answer.  what: "meeting" or "call", whichever was asked for.
 */
NODISCARD bool	permit_meeting(const struct context *c, struct reply *r, int64_t meeting_id, enum permit permit,
    const char *what, struct access *access_r);

#endif
