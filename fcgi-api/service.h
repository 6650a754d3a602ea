/*
 * service.h: what serving requests needs, and the whole way of one request.
 *
 * Opened after fork, one per process; a database that cannot be opened is tried again
 * with every request that needs it, which is 503 until then.
 */
#ifndef UNIO_SERVICE_H
#define UNIO_SERVICE_H

#include "bus.h"
#include "conf.h"
#include "db.h"
#include "mem.h"
#include "rate.h"
#include "reply.h"
#include "request.h"
#include "signaling.h"
#include "tally.h"
#include "token.h"
#include "turn.h"

#define SERVICE_BUFFER	(256 * 1024)	/* kept from reply to reply; a page of large meetings takes many times that */

#define SERVICE_GROUP	8	/* requests that one commit is for, at most */

/* A request under way, and what is answered. */
struct answer {
	struct request		*request;
	struct buf		*out;		/* where the reply goes as CGI has it */
	struct reply		 reply;
	const struct route	*route;		/* NULL: none */
	int64_t			 user_id;	/* the caller's, 0 if unknown */
	int64_t			 begin_us;
};

struct service {
	const struct conf	*conf;
	struct rate		*rate;		/* shared by the workers; NULL: none */
	struct tally_worker	*tally;		/* where this one counts; NULL: nowhere */
	struct lane		*lane;		/* of the workers who write; NULL: none */
	struct db		*db;		/* NULL: not open (yet) */
	struct bus		*bus;		/* NULL: not needed yet */
	struct token_ring	*ring;
	struct turn		*turn;
	struct signaling	 signaling;
	struct arena		*arena;		/* of the requests under way */
	struct answer		 answer[SERVICE_GROUP];
	size_t			 group;		/* those of them whose commit is still to come */
	bool			 crowded;	/* the newest transaction had to wait for its turn to write */
};

void		service_log_open(const struct conf *conf);
/*
 * Once at start, before any service: makes the token secret or sees that it is fit, brings the
 * database up to date; 0, or -1 after a line in the log.
 */
NODISCARD int	service_prepare(const struct conf *conf);
/* 0, or -1 after a line in the log. */
NODISCARD int	service_open(struct service *service, const struct conf *conf, struct rate *rate,
    struct lane *lane);
/* service_prepare() and service_open() for a process that answers one request: the database is opened once. */
NODISCARD int	service_open_once(struct service *service, const struct conf *conf);
void		service_close(struct service *service);

/* The connection, opened now if need be; NULL after a line in the log. */
struct db	*service_database(struct service *service);
/* Where the daemons are woken: connects in the background, from the first call on; NULL, which does nothing. */
struct bus	*service_bus(struct service *service);
/* Answers one request: the reply as CGI has it goes to out, one line to the log. */
void		service_answer(struct service *service, struct request *request, struct buf *out);
/*
 * The same of requests that come together, so that a commit is for all of them (group commit).  What the first has
 * written may be left uncommitted, if others wait to write: true, and nothing may be sent before service_commit().
 */
NODISCARD bool	service_begin(struct service *service, struct request *request, struct buf *out);
/* Meanwhile: true, and this one is in the group as well; false, and it is to be answered after the commit. */
NODISCARD bool	service_join(struct service *service, struct request *request, struct buf *out);
/* Commits, and all are answered: if nothing could be kept, with that. */
void		service_commit(struct service *service);

#endif
