/*
 * store_ban.h: who may not take part in a meeting.  access_check() asks for it.
 */
#ifndef UNIO_STORE_BAN_H
#define UNIO_STORE_BAN_H

#include "base.h"
#include "db.h"
#include "mem.h"
#include "store_user.h"

struct ban {
	struct person	user;
	int64_t		banned_by;	/* 0: the operator, or an account that is gone */
	int64_t		banned_at;
};

/* 1 banned now, 0 was banned already, -1. */
NODISCARD int	store_ban_add(struct db *db, int64_t meeting_id, int64_t user_id, int64_t by_user_id, int64_t now_us);
/* 1 lifted, 0 was not banned, -1. */
NODISCARD int	store_ban_remove(struct db *db, int64_t meeting_id, int64_t user_id);
/* 1/0/-1. */
NODISCARD int	store_ban_find(struct db *db, int64_t meeting_id, int64_t user_id);
/* By user id; at most as many as have been banned; 0/-1. */
NODISCARD int	store_ban_list(struct db *db, struct arena *arena, int64_t meeting_id, struct ban **bans_r,
    size_t *n_r);
NODISCARD int	store_ban_count(struct db *db, int64_t meeting_id, int64_t *count_r);

void		store_ban_emit(struct emit *e, const struct ban *ban);

#endif
