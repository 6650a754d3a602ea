/*
 * session.h: somebody in a room: who, on which connection, in which state.
 *
 * A session is not its connection: it is made when access is granted, and if it knows
 * unio.v1 it stays for a while when its connection is lost (conn is then NULL,
 * detach.h).  It belongs to its room.
 */
#ifndef UNIO_SESSION_H
#define UNIO_SESSION_H

#include "buf.h"
#include "job.h"
#include "limit.h"
#include "message.h"
#include "resume.h"
#include "wheel.h"

#define SESSION_ID	22	/* characters, see str_random() */

struct claim;
struct conn;
struct hub;
struct room;

struct session {
	struct hub		*hub;
	char			 id[SESSION_ID + 1];
	struct room		*room;
	struct session		*next, *prev;	/* in the room, by joined_seq */
	struct conn		*conn;
	bool			 v1;		/* knows sessions, not users only */
	enum access_role	 role;
	int64_t			 user_id;
	int64_t			 login_id;
	char			*email;
	char			*full_name;
	char			 client_id[LIMIT_CLIENT_ID + 1];	/* "": none */
	uint64_t		 joined_seq;
	int64_t			 joined_us;	/* wall */
	int64_t			 seen_event;	/* it knows all events up to this one */
	bool			 in_call;
	struct buf		 state;		/* its own JSON; empty: none set */
	struct buf		 from;		/* ,"from_user":1,"from_session":"…"} */
	struct buf		 from_email;	/* ,"from_user":1,"from_email":"…","from_session":"…"} */
	struct limit_bucket	 rate;
	int64_t			 rate_notice_us;	/* when it was last told */
	int64_t			 dropped_since_us;
	int64_t			 dropped;
	/* of unio.v1 alone: */
	struct resume		 resume;
	struct claim		*claim;		/* its resume token */
	uint64_t		 taken;		/* frames of its own */
	unsigned		 returning;	/* connections whose return is being checked */
	/* while it is detached: */
	struct wheel_timer	 timer;
	struct session		*earlier, *later;	/* lost, in the hub's list */
	bool			 detached;
	/* its end */
	bool			 ended;
	int			 end_close;	/* why, as a close code */
	struct session		*next_ending;
};

/* From a granted answer. */
struct session	*session_new(struct hub *hub, const struct job_access *access, const char *client_id);
void		 session_free(struct session **session);
/*
 * To its connection, counted and kept for its return; takes references of its own.  A detached
 * session that can keep no more ends when the hub settles.
 */
void		 session_send(struct session *session, struct message *message);

#endif
