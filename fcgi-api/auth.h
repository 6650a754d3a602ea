/*
 * auth.h: who is asking: the bearer token (RFC 6750 2.1), and that its login session
 * still lives in the database.
 */
#ifndef UNIO_AUTH_H
#define UNIO_AUTH_H

#include "base.h"
#include "db.h"
#include "mem.h"
#include "store_user.h"
#include "token.h"

struct caller {
	struct person	person;
	bool		is_admin;
	int64_t		created_at;
	int64_t		login_id;
};

/* The token of an Authorization header (the scheme's case does not matter); false if there is none. */
NODISCARD bool	 auth_bearer(const char *header, struct slice *token_r);
/* 1 with the caller, 0 with a sentence for a person in reason_r, -1 database. */
NODISCARD int	 auth_check(struct token_ring *ring, struct db *db, struct arena *arena, struct slice token,
    int64_t now_us, struct caller *caller_r, const char **reason_r);

#endif
