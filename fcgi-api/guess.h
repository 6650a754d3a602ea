/*
 * guess.h: wrong passwords, counted for each account and client address (an IPv6 /64
 * counts as one), wherever they are given: at a login and at a change of password.
 *
 * Both together are locked for a while.  Beside that, each account from everywhere and
 * each address for every account get slower, by waits that double; but not where the
 * account was signed in to lately, so that its owner is not kept out by others.
 *
 * Called inside a transaction; whoever counts a wrong one commits, though the reply
 * is an error.
 */
#ifndef UNIO_GUESS_H
#define UNIO_GUESS_H

#include "handle.h"

/* Too many lately: true, and the reply says 429, or why the database did not answer.  user_id 0: no such account. */
NODISCARD bool	guess_is_refused(const struct context *c, struct reply *r, const char *email, int64_t user_id);
/* One more wrong one; 0/-1. */
NODISCARD int	guess_failed(const struct context *c, const char *email);
/* The right one: what went before here is forgotten, and the address is known as the user's; 0/-1. */
NODISCARD int	guess_succeeded(const struct context *c, const char *email, int64_t user_id);
/* Whatever adds rows takes the expired ones away: failures and refreshes may come for months without a login; 0/-1. */
NODISCARD int	guess_forget_old(const struct context *c);
/* Says in the audit trail that a password was wrong, and whether that was the last one that is looked at; 0/-1. */
NODISCARD int	guess_audit(const struct context *c, struct reply *r, const char *email, int64_t user_id);

#endif
