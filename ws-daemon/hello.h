/*
 * hello.h: what a connection says about itself before it is anybody: which meeting,
 * which credential, which subprotocol, and what it remembers of an earlier time.
 *
 * Pure text in, a struct out.  Of several credentials the first in docs/PROTOCOL.md's
 * order counts, wherever it stood; a resume token comes before them all.  Owns the
 * credential's text, which is wiped when it is cleared.
 */
#ifndef UNIO_HELLO_H
#define UNIO_HELLO_H

#include "base.h"
#include "bounds.h"
#include "sizes.h"

#define HELLO_EPOCH	64	/* bytes of an epoch that are kept; ours are shorter */

/* In the order in which they win. */
enum hello_source {
	HELLO_SUBPROTOCOL,
	HELLO_AUTHORIZATION,
	HELLO_QUERY_TICKET,
	HELLO_QUERY_TOKEN,
	HELLO_NOTHING
};

struct hello {
	int64_t			 meeting_id;	/* 0: no such path, and no such meeting */
	bool			 v1;		/* offered unio.v1 */
	bool			 resume;	/* came with a resume token, which has not failed yet */
	bool			 resumed;	/* one did fail: there is no second try */
	char			 resume_token[BOUND_RESUME_TOKEN + 1];	/* "": none that could be ours */
	int64_t			 seq;		/* the last frame received; -1: not named */
	enum hello_source	 source;
	bool			 ticket;	/* the credential is a ticket, not a token */
	char			*credential;	/* NULL: none */
	char			 client_id[LIMIT_CLIENT_ID + 1];	/* "": none */
	int64_t			 last_event_id;	/* -1: not named */
	char			 epoch[HELLO_EPOCH + 1];		/* "": not named */
};

void		 hello_init(struct hello *hello);
/* The same, in memory of its own. */
struct hello	*hello_copy(const struct hello *hello);
/* Wipes the credential. */
void		 hello_clear(struct hello *hello);
void		 hello_free(struct hello **hello);

/* The path of the upgrade, decoded, without its query. */
void		 hello_path(struct hello *hello, const char *base_path, const char *path);
/* The value of Sec-WebSocket-Protocol. */
void		 hello_protocols(struct hello *hello, const char *value);
/* The value of Authorization; any other scheme than Bearer is as none. */
void		 hello_authorization(struct hello *hello, const char *value);
/* One argument of the query, decoded: name=value. */
void		 hello_argument(struct hello *hello, const char *argument, bool allow_token);
/* The first frame of a connection that brought no credential: auth or resume; false: anything else. */
NODISCARD bool	 hello_frame(struct hello *hello, const char *p, size_t n);

#endif
