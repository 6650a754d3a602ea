/*
 * store_call.h: calls and attendance.
 */
#ifndef UNIO_STORE_CALL_H
#define UNIO_STORE_CALL_H

#include "base.h"
#include "db.h"
#include "mem.h"
#include "shard.h"
#include "store_user.h"

struct call {
	int64_t		 id;
	int64_t		 meeting_id;
	struct person	 caller;
	bool		 active;
	int64_t		 started_at;
	int64_t		 ended_at;	/* 0 while active */
	const char	*ended_reason;	/* NULL while active */
};

struct attendance {
	struct person	user;
	int64_t		joined_at;
	int64_t		left_at;	/* 0: still in */
};

/* 1/0/-1. */
NODISCARD int	store_call_by_id(struct db *db, struct arena *arena, int64_t id, struct call *call_r);
NODISCARD int	store_call_active(struct db *db, struct arena *arena, int64_t meeting_id, struct call *call_r);
/* All active calls, for the daemon's start; 0/-1. */
NODISCARD int	store_call_all_active(struct db *db, struct arena *arena, struct call **calls_r, size_t *n_r);
/*
 * Newest first, ids below before_id (0: from the newest), of the meetings that user_id
 * is a member of (0: everybody's), or of one meeting (0: any); active 1, ended 0,
 * any -1.  0/-1.
 */
NODISCARD int	store_call_list(struct db *db, struct arena *arena, int64_t user_id, int64_t meeting_id, int active,
    int64_t before_id, size_t limit, struct call **calls_r, size_t *n_r);
/* 1 made, 0 one is active already (unique index), -1. */
NODISCARD int	store_call_create(struct db *db, int64_t meeting_id, int64_t caller_id, int64_t now_us,
    int64_t *id_r);
/* Ends it and closes its open attendance at ended_us; 1, 0 was not active, -1. */
NODISCARD int	store_call_end(struct db *db, int64_t id, const char *reason, int64_t ended_us);

/* With its attendance, unless it is active; 1, 0 none deleted, -1. */
NODISCARD int	store_call_delete(struct db *db, int64_t id);
/* Deletes at most limit rows of attendance, or if none is left calls, of those that ended before; how many, or -1. */
NODISCARD int64_t store_call_purge(struct db *db, int64_t before_us, size_t limit);

/*
 * Opens an interval unless that session has one open.  In a call that has ended since it is
 * closed with the call's end; nothing if that was before; 0/-1.
 */
NODISCARD int	store_call_attend(struct db *db, int64_t call_id, int64_t user_id, const char *session_id,
    int64_t joined_us);
/* Closes it, or says when it was left in a call that has ended since; 0/-1. */
NODISCARD int	store_call_unattend(struct db *db, int64_t call_id, const char *session_id, int64_t left_us);
/* Closes every open interval of every call in that daemon's meetings, for its start after a crash; 0/-1. */
NODISCARD int	store_call_unattend_all(struct db *db, const struct shard *shard, int64_t left_us);
/* In order of arrival; 0/-1. */
NODISCARD int	store_call_attendance(struct db *db, struct arena *arena, int64_t call_id,
    struct attendance **rows_r, size_t *n_r);

/* Whole seconds, cut; 0 while active. */
int64_t		store_call_duration_s(const struct call *call);
/*
 * {"id","meeting","caller","status","started_at","ended_at","duration","ended_reason"}
 * as in the report (plus the reason); emit_members writes them into an object that is open already.
 */
void		store_call_emit(struct emit *e, const char *key, const struct call *call);
void		store_call_emit_members(struct emit *e, const struct call *call);

#endif
