/*
 * session.h: somebody in a room: who, on which connection, in which state.
 *
 * A session is not its connection: it is made when access is granted and outlives
 * nothing yet, but can (conn is then NULL).  It belongs to its room.
 */
#ifndef UNIO_SESSION_H
#define UNIO_SESSION_H

#include "buf.h"
#include "job.h"
#include "limit.h"
#include "message.h"

#define SESSION_ID	22	/* characters, see str_random() */

struct conn;
struct room;

struct session {
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
};

/* From a granted answer. */
struct session	*session_new(const struct job_access *access, const char *client_id);
void		 session_free(struct session **session);
/* To its connection; takes a reference of its own. */
void		 session_send(struct session *session, struct message *message);

#endif
