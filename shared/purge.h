/*
 * purge.h: forgetting what is over, a little at a time.
 *
 * How long what is kept stands in the configuration.  A step deletes until its time is
 * up or it has deleted enough, in the caller's transaction, which then commits: so the
 * write lock is held for about PURGE_BUDGET_US and one fsync, however much there is to
 * forget.  The daemon takes a step now and then, and further ones after a pause while there
 * is more; `unioctl purge` does it where no daemon runs.
 */
#ifndef UNIO_PURGE_H
#define UNIO_PURGE_H

#include "base.h"
#include "conf.h"
#include "db.h"

#define PURGE_BUDGET_US	(5 * US_PER_MS)	/* of deleting in one transaction */
#define PURGE_STEP_ROWS	2000	/* deleted in one, or a few more: its commit is bounded; a tenth with bodies */
#define PURGE_PAUSE_US	(10 * US_PER_MS)	/* in which others have the lock */

enum purge_table {
	PURGE_TICKETS,		/* expired */
	PURGE_LOGINS,		/* expired login sessions and refresh tokens, old failed sign-ins */
	PURGE_SESSIONS,		/* ended ones, by session_keep */
	PURGE_REPLIES,		/* of idempotent requests, after 24 h */
	PURGE_EVENTS,		/* by event_keep */
	PURGE_CALLS,		/* and their attendance, by call_keep */
	PURGE_AUDIT,		/* by audit_keep */
	PURGE_DELIVERIES,	/* by webhook_keep, and what a deleted webhook has left */
	PURGE_TABLES
};

struct purge {
	int64_t	before_us[PURGE_TABLES];	/* what is older goes; 0: nothing does */
	int64_t	deleted[PURGE_TABLES];		/* rows so far */
	bool	more;				/* the last step has not seen the end */
};

/* What is to go at this time. */
void		purge_plan(struct purge *purge, const struct conf *conf, int64_t now_us);
/* 0/-1. */
NODISCARD int	purge_step(struct db *db, struct purge *purge, int64_t budget_us);
const char	*purge_table_name(enum purge_table table);

#endif
