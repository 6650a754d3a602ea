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

#define SESSION_ID	22	/* characters, see str_random() */

struct claim;
struct conn;
struct detach;
struct hub;
struct room;

/* What every frame needs stands first, and together. */
struct session {
	struct hub		*hub;
	struct room		*room;
	struct session		*next, *prev;	/* in the room, by joined_seq */
	struct conn		*conn;
	struct resume		 resume;	/* of unio.v1 alone, but counted for all */
	int64_t			 user_id;
	struct limit_bucket	 rate;
	struct limit_bucket	 byte_rate;
	uint64_t		 taken;		/* frames of its own */
	char			 id[SESSION_ID + 1];
	bool			 v1;		/* knows sessions, not users only */
	uint16_t		 from_user, from_email, from_session;	/* bytes of the three, in this order */
	bool			 in_call;
	bool			 ended;
	const char		*from;		/* ,"from_user":1,"from_email":"…","from_session":"…"} */
	int64_t			 seen_event;	/* it knows all events up to this one */
	const char		*email;
	const char		*full_name;
	const char		*client_id;	/* "": none */
	enum access_role	 role;
	unsigned		 returning;	/* connections whose return is being checked */
	int64_t			 login_id;
	uint64_t		 joined_seq;
	int64_t			 joined_us;	/* wall */
	struct buf		 state;		/* its own JSON; empty: none set */
	struct session		*next_person, **person_link;	/* people.h */
	int64_t			 rate_notice_us;	/* when it was last told */
	int64_t			 dropped_since_us;
	int64_t			 dropped;
	struct claim		*claim;		/* its resume token */
	struct detach		*detach;	/* NULL: it is not detached */
	int			 end_close;	/* why it ends, as a close code */
	struct session		*next_ending;
	char			 text[];	/* what its strings are in */
};

/* From a granted answer. */
struct session	*session_new(struct hub *hub, const struct job_access *access, const char *client_id);
void		 session_free(struct session **session);
/*
 * To its connection, counted and kept for its return; takes references of its own.  A detached
 * session that can keep no more ends when the hub settles.
 */
void		 session_send(struct session *session, struct message *message);
/* A ping whose pong says what its client has of what is kept; its connection's queue takes it. */
void		 session_ask(struct session *session);
/* That pong, or any other one. */
void		 session_answered(struct session *session, const void *payload, size_t n);

#endif
