/*
 * session.h: login sessions as the API hands them out and ends them.
 */
#ifndef UNIO_SESSION_H
#define UNIO_SESSION_H

#include "handle.h"

/* Starts a login session for this user and replies with its first pair of tokens. */
void		session_open(const struct context *c, struct reply *r, int status, const struct person *user);
/* Replies 200 with another pair of the same login session, which lives on from now. */
void		session_renew(const struct context *c, struct reply *r, const struct person *user, int64_t login_id);
/*
 * Ends one, and has its sockets closed; the action is how the audit trail calls it.
 * 1 done, 0 it was not this user's or had ended, -1.
 */
NODISCARD int	session_revoke(const struct context *c, struct reply *r, int64_t user_id, int64_t login_id,
    enum audit_action action);

#endif
