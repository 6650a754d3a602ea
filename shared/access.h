/*
 * access.h: the one question that every part asks: may this user, signed in by this
 * login session, enter this meeting, and as what?
 *
 * One indexed query; the API, the daemon's handshake and its re-checks all call it,
 * so that they cannot disagree.
 */
#ifndef UNIO_ACCESS_H
#define UNIO_ACCESS_H

#include "base.h"
#include "db.h"
#include "mem.h"
#include "store_meeting.h"
#include "store_user.h"

enum access_verdict {
	ACCESS_GRANTED,
	ACCESS_UNAUTHORIZED,	/* no such user, disabled, or the login session is revoked */
	ACCESS_FORBIDDEN,	/* neither host nor participant */
	ACCESS_BANNED,		/* nor may the host make one of this user */
	ACCESS_NOT_FOUND	/* no such meeting */
};

enum access_role { ACCESS_ROLE_NONE, ACCESS_ROLE_PARTICIPANT, ACCESS_ROLE_HOST };

struct access {
	enum access_verdict	 verdict;
	enum access_role	 role;
	bool			 is_admin;
	struct person		 person;	/* unless UNAUTHORIZED */
	int64_t			 meeting_id;	/* the rest: if the meeting exists */
	const char		*title;
	enum meeting_status	 status;
	const char		*ice_policy;
};

/* login_id 0 skips the session check (unioctl).  0/-1. */
NODISCARD int	 access_check(struct db *db, struct arena *arena, int64_t user_id, int64_t login_id,
    int64_t meeting_id,
    struct access *access_r);
const char	*access_role_name(enum access_role role);

#endif
