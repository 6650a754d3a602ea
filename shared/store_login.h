/*
 * store_login.h: login sessions, their refresh tokens, and failed sign-ins.
 * A refresh token is known by its SHA-256 alone.
 */
#ifndef UNIO_STORE_LOGIN_H
#define UNIO_STORE_LOGIN_H

#include "base.h"
#include "db.h"
#include "mem.h"

struct login {
	int64_t		 id;
	int64_t		 user_id;
	const char	*address;
	const char	*user_agent;
	int64_t		 created_at;
	int64_t		 last_used_at;
	int64_t		 expires_at;
	int64_t		 revoked_at;	/* 0: live */
};

struct refresh {
	int64_t	login_id;
	int64_t	user_id;
	int64_t	expires_at;
	int64_t	used_at;		/* 0: never */
	int64_t	revoked_at;		/* of the login session; 0: live */
};

/* 0/-1; login->id is ignored. */
NODISCARD int	store_login_create(struct db *db, const struct login *login, int64_t *id_r);
/* The user's live and unexpired sessions, newest first, at most limit; 0/-1. */
NODISCARD int	store_login_list(struct db *db, struct arena *arena, int64_t user_id, int64_t now_us, size_t limit,
    struct login **logins_r, size_t *n_r);
/* The session exists, is this user's, is not revoked, and the user is not disabled: 1, else 0, -1. */
NODISCARD int	store_login_is_live(struct db *db, int64_t login_id, int64_t user_id);
/* 1 revoked now, 0 unknown, another user's, or revoked before, -1. */
NODISCARD int	store_login_revoke(struct db *db, int64_t login_id, int64_t user_id, int64_t now_us);
/* Ids of the live sessions of the user but keep_id (0: none kept), for revoking them one by one; 0/-1. */
NODISCARD int	store_login_others(struct db *db, struct arena *arena, int64_t user_id, int64_t keep_id,
    int64_t **ids_r, size_t *n_r);
/* Ids of the oldest live and unexpired sessions of the user, all but the newest keep, at most limit; 0/-1. */
NODISCARD int	store_login_beyond(struct db *db, struct arena *arena, int64_t user_id, int64_t now_us, size_t keep,
    size_t limit, int64_t **ids_r, size_t *n_r);
NODISCARD int	store_login_touch(struct db *db, int64_t login_id, int64_t now_us, int64_t expires_us);

NODISCARD int	store_login_add_refresh(struct db *db, const char *hash, int64_t login_id, int64_t now_us,
    int64_t expires_us);
/* 1/0/-1. */
NODISCARD int	store_login_find_refresh(struct db *db, const char *hash, struct refresh *refresh_r);
/* Marks the first use; 0/-1. */
NODISCARD int	store_login_use_refresh(struct db *db, const char *hash, int64_t now_us);

/* Failures of this account from this address in the window that has not passed; until_us_r is when it has.  0/-1. */
NODISCARD int	store_login_failures(struct db *db, const char *account, const char *address, int64_t now_us,
    int64_t window_us, int64_t *failures_r, int64_t *until_us_r);
NODISCARD int	store_login_failed(struct db *db, const char *account, const char *address, int64_t now_us,
    int64_t window_us);
NODISCARD int	store_login_succeeded(struct db *db, const char *account, const char *address);
/* Deletes the oldest expired sessions, tokens and failures, about limit rows of each; 0/-1. */
NODISCARD int	store_login_purge(struct db *db, int64_t now_us, int64_t window_us, size_t limit);
/*
 * The same for a timer, so that it happens where nobody signs in: about limit rows of one of them, those that expired
 * before (failures a day before, the longest login_window); how many, 0 when there are none of any, or -1.
 */
#define STORE_LOGIN_FAILURE_KEEP	(24 * 60 * 60 * US_PER_S)
NODISCARD int64_t store_login_purge_expired(struct db *db, int64_t before_us, size_t limit);
/* Deletes about limit tokens, or if none is left sessions, of those that were ended early, before; how many, or -1. */
NODISCARD int64_t store_login_purge_ended(struct db *db, int64_t before_us, size_t limit);

#endif
