/*
 * store_audit.h: the rows of the audit trail (audit.h).  Texts that are handed out
 * belong to the arena.
 */
#ifndef UNIO_STORE_AUDIT_H
#define UNIO_STORE_AUDIT_H

#include "audit.h"
#include "base.h"
#include "db.h"
#include "emit.h"
#include "mem.h"

#define STORE_AUDIT_COUNTED	10	/* rows a minute of what strangers can repeat, and one for the rest */

struct audit_row {
	int64_t		 id;
	int64_t		 created_at;
	const char	*action;
	int64_t		 actor_id;	/* 0: origin says it */
	const char	*actor_email;	/* NULL: none, or it is gone; so user_email */
	const char	*origin;
	const char	*request_id;	/* NULL: none */
	int64_t		 meeting_id;	/* 0: none; so below */
	int64_t		 user_id;
	const char	*user_email;
	int64_t		 object_id;
	const char	*detail;	/* JSON; NULL: none */
	int64_t		 times;
};

/* What shall be seen; a zeroed struct with until_us INT64_MAX is everything. */
struct audit_filter {
	int64_t		 user_id;	/* did it, or it was done to; 0: any */
	int64_t		 meeting_id;	/* 0: any */
	const char	*action;	/* a name, or what stands before the point; NULL: any */
	int64_t		 since_us;
	int64_t		 until_us;	/* before */
};

/* 0/-1. */
NODISCARD int	store_audit_add(struct db *db, const struct audit *audit, const struct audit_from *from,
    int64_t now_us);
/*
 * The same for what strangers can repeat: the same again from the same place within a minute makes that row's count
 * grow, and beyond STORE_AUDIT_COUNTED places a minute all others share one row ("many"): so a flood has a size.
 */
NODISCARD int	store_audit_count(struct db *db, const struct audit *audit, const struct audit_from *from,
    int64_t now_us);
/* In order those after an id, or the newest ones with the last one first; at most limit; 0/-1. */
NODISCARD int	store_audit_after(struct db *db, struct arena *arena, const struct audit_filter *filter,
    int64_t after_id, size_t limit, struct audit_row **rows_r, size_t *n_r);
NODISCARD int	store_audit_newest(struct db *db, struct arena *arena, const struct audit_filter *filter,
    size_t limit, struct audit_row **rows_r, size_t *n_r);
/* Forgets from where an account did things, and from where its password was tried; 0/-1. */
NODISCARD int	store_audit_forget(struct db *db, int64_t user_id);
/* Deletes those made before, the oldest first, limit at most; how many, or -1. */
NODISCARD int64_t store_audit_purge(struct db *db, int64_t before_us, size_t limit);

void		store_audit_emit(struct emit *e, const struct audit_row *row);

#endif
