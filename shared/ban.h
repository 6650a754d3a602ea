/*
 * ban.h: keeping a user out of a meeting: the change, its event and its row in the
 * audit trail, alike for the API and unioctl.
 *
 * Who is banned is no participant any more and cannot be made one until the ban is
 * lifted; open connections are closed (4407).  The host cannot be banned.
 */
#ifndef UNIO_BAN_H
#define UNIO_BAN_H

#include "audit.h"
#include "base.h"
#include "event.h"
#include "store_meeting.h"

enum ban_result {
	BAN_DONE,
	BAN_UNCHANGED,	/* was banned already, or was not banned */
	BAN_HOST,	/* the host stays */
	BAN_FULL,	/* LIMIT_BANS */
	BAN_FAILED	/* db_error() tells */
};

/* by_user_id 0: the operator. */
NODISCARD enum ban_result	ban_user(struct db *db, struct event_list *events, struct audit_list *audit,
    const struct meeting *meeting, const struct person *user, int64_t by_user_id, int64_t now_us);
/* Lets somebody be a participant again, who is not made one by it. */
NODISCARD enum ban_result	ban_lift(struct db *db, struct audit_list *audit, int64_t meeting_id, int64_t user_id);
/* Ends the connections that somebody has in the room; nothing keeps them from coming back. */
void				ban_kick(struct event_list *events, struct audit_list *audit, int64_t meeting_id,
    int64_t user_id);

#endif
