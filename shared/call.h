/*
 * call.h: what starting and ending a call means, for the API, the daemon's timers
 * and unioctl alike.
 *
 * Each changes rows and adds the events, inside the caller's transaction; none
 * commits.  A start gives call_started, then meeting_status; an end gives
 * call_ended, then meeting_status.
 */
#ifndef UNIO_CALL_H
#define UNIO_CALL_H

#include "base.h"
#include "db.h"
#include "event.h"
#include "mem.h"
#include "store_call.h"
#include "store_meeting.h"

enum call_result {
	CALL_DONE,		/* made, or ended, now */
	CALL_UNCHANGED,		/* one was active already, or it had ended already: call_r is that one */
	CALL_CANCELLED,		/* the meeting is cancelled */
	CALL_NONE,		/* no such meeting or call */
	CALL_FAILED		/* database: db_error() */
};

NODISCARD enum call_result call_start(struct db *db, struct event_list *events, int64_t meeting_id, int64_t caller_id,
    int64_t now_us, struct call *call_r);
/* reason: one of the schema's; ended_us may lie in the past (server_restart); before the start it is the start. */
NODISCARD enum call_result call_end(struct db *db, struct event_list *events, int64_t call_id, const char *reason,
    int64_t ended_us, struct call *call_r);
/* Ends the active call (meeting_deleted) if there is one, deletes the meeting, and says meeting_deleted last. */
NODISCARD enum call_result call_delete_meeting(struct db *db, struct event_list *events, int64_t meeting_id,
    int64_t now_us);

#endif
