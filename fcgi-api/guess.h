/*
 * guess.h: wrong passwords, counted for each account and client address (an IPv6 /64
 * counts as one), wherever they are given: at a login and at a change of password.
 *
 * Called inside a transaction; whoever counts a wrong one commits, though the reply
 * is an error.
 */
#ifndef UNIO_GUESS_H
#define UNIO_GUESS_H

#include "handle.h"

/* Too many lately: true, and the reply says 429, or why the database did not answer. */
NODISCARD bool	guess_is_refused(const struct context *c, struct reply *r, const char *email);
/* One more wrong one; 0/-1. */
NODISCARD int	guess_failed(const struct context *c, const char *email);
/* The right one: what went before is forgotten; 0/-1. */
NODISCARD int	guess_succeeded(const struct context *c, const char *email);
/* Whatever adds rows takes the expired ones away: failures and refreshes may come for months without a login; 0/-1. */
NODISCARD int	guess_forget_old(const struct context *c);

#endif
