/*
 * conn.h: a connection: what is known of it, what is waiting to go out, how long it
 * may be silent.  It knows no socket: `edge` is the edge's own handle, which the
 * core never touches.
 *
 *	WAITING   offered unio.v1 and no credential: its first frame brings one
 *	CHECKING  the database is asked; what it sends stays unread
 *	JOINED    it has a session, which is in a room
 *	CLOSING   it was told why; the session has gone, or is about to
 *
 * A connection is freed by the edge alone, by hub_lost(), when its socket is gone.
 * To end one, the core calls conn_close(): the session leaves its room, or is detached,
 * when the hub settles, never in the middle of a fan-out.
 */
#ifndef UNIO_CONN_H
#define UNIO_CONN_H

#include <uthash.h>

#include "closing.h"
#include "hello.h"
#include "outq.h"
#include "wheel.h"

struct hub;
struct session;

enum conn_state { CONN_WAITING, CONN_CHECKING, CONN_JOINED, CONN_CLOSING };

/* What every frame needs stands first, and together. */
struct conn {
	struct hub		*hub;
	struct session		*session;	/* NULL unless JOINED */
	struct conn		*next_dirty;
	void			*edge;
	struct outq		 out;
	int64_t			 seen_us;	/* the last byte from it */
	enum conn_state		 state;
	int			 close;		/* the close code to send when all is sent; 0: open */
	bool			 v1;
	bool			 paused;	/* the edge shall not read from it */
	bool			 probed;	/* the edge shall report the next byte from it, whatever it is */
	bool			 cut;		/* the edge shall end it without waiting */
	bool			 leaving;	/* on the hub's list */
	bool			 dirty;		/* on the hub's list: the edge has something to do */
	uint64_t		 id;		/* for logs, and for answers that come late */
	UT_hash_handle		 hh;
	char			 address[LIMIT_ADDRESS];
	struct hello		*hello;		/* NULL once it has joined */
	struct wheel_timer	 timer;
	int64_t			 waiting_us;	/* since when its first frame, or the database, is awaited */
	int64_t			 ping_us;	/* the next ping */
	struct conn		*next_leaving;
};

struct conn	*conn_new(struct hub *hub, void *edge);
void		 conn_free(struct conn **conn);

/* Queues the message, taking a reference of its own; one too many makes it a slow consumer. */
void		 conn_push(struct conn *conn, struct message *message);
/* Tells it why, and ends it when that is sent, or after BOUND_CLOSE_US.  Nothing, if it is ending already. */
void		 conn_close(struct conn *conn, int close);
/* The same, for a client that shall come back only after so much more time. */
void		 conn_close_later(struct conn *conn, int close, int64_t wait_ms);
/* Ends it now, without a word: it is silent, or does not read. */
void		 conn_cut(struct conn *conn);
/* The database is asked about it; what it sends meanwhile stays in the kernel, unread. */
void		 conn_check(struct conn *conn);
/* Stops or resumes reading from it. */
void		 conn_pause(struct conn *conn, bool paused);
/* Sets its timer to the next thing that may be due. */
void		 conn_watch(struct conn *conn);
/* It has joined: what it said before is of no use any more. */
void		 conn_joined(struct conn *conn, struct session *session);
/* The client_id that it named; "": none. */
const char	*conn_client_id(const struct conn *conn);
/* The edge shall look at it before it sleeps. */
void		 conn_touch(struct conn *conn);
/* The edge will look at it next, and then at who is behind it. */
void		 conn_ahead(const struct conn *conn);

#endif
