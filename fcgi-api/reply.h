/*
 * reply.h: what is answered, and what becomes of the changes.
 *
 * A handler fills it once: a status, a body written with emit, at most a Location, the
 * events that the rooms must be told, and its word commit or roll back.  Success
 * commits and an error rolls back, unless the handler says otherwise afterwards (a
 * failed login commits its count).  Nothing is sent before the transaction is over,
 * so an error may replace a reply that was ready.
 *
 * The struct lives as long as the worker and keeps its buffer's memory; texts belong
 * to the request's arena.
 */
#ifndef UNIO_REPLY_H
#define UNIO_REPLY_H

#include "audit.h"
#include "base.h"
#include "buf.h"
#include "db.h"
#include "emit.h"
#include "event.h"
#include "mem.h"

struct reply {
	struct arena		*arena;
	const char		*request_id;
	int			 status;
	const char		*code;			/* of an error; NULL: none */
	bool			 commit;
	struct buf		 body;
	const char		*content_type;
	const char		*location;		/* NULL: none; so below */
	const char		*allow;
	const char		*authenticate;
	const char		*filename;		/* offered for saving */
	const char		*etag;
	const char		*cache_control;		/* NULL: no-store */
	const char		*allow_origin;		/* whose pages may read it, if they are of another origin */
	bool			 varies;		/* with the Origin */
	bool			 preflight;		/* it is the answer to one */
	int64_t			 retry_after_s;		/* 0: none */
	bool			 replayed;		/* by an Idempotency-Key */
	struct event_list	 events;
	struct audit_list	 audit;
};

void		reply_start(struct reply *reply, struct arena *arena, const char *request_id);
/* Success: commits; the body is whatever is emitted from now on. */
struct emit	reply_ok(struct reply *reply, int status);
void		reply_no_content(struct reply *reply);

/* An error as docs/PROTOCOL.md shapes it; takes back all that was said before.  field NULL: none is at fault. */
void		reply_error(struct reply *reply, int status, const char *code, const char *field, const char *fmt, ...)
		    PRINTF_LIKE(5, 6);
/* 400 invalid_field */
void		reply_bad_field(struct reply *reply, const char *field, const char *fmt, ...) PRINTF_LIKE(3, 4);
void		reply_not_found(struct reply *reply, const char *what);
void		reply_unauthorized(struct reply *reply, const char *code, const char *message);
/* Why the database did not do it, as 503 or 500, with a line in the log. */
void		reply_database(struct reply *reply, const struct db *db);
/* The same when there is no database to ask. */
void		reply_unavailable(struct reply *reply, const char *code, const char *message);

/* The reply as CGI has it (RFC 3875 6): headers, an empty line, the body unless it was a HEAD. */
void		reply_render(const struct reply *reply, bool head, struct buf *out);

#endif
