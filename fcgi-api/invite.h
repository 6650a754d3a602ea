/*
 * invite.h: people named in a request, by id or by e-mail address.
 */
#ifndef UNIO_INVITE_H
#define UNIO_INVITE_H

#include "handle.h"

/*
 * The field "participants", ids and addresses in one list; absent is empty.  Arena ids, without
 * doubles and without the caller; false after a 400.
 */
NODISCARD bool	invite_read(const struct context *c, struct reply *r, int64_t **ids_r, size_t *n_r);
/* The user named by "user_id" or else by "email"; false after a 400 or a 404. */
NODISCARD bool	invite_read_one(const struct context *c, struct reply *r, struct user *user_r);

#endif
