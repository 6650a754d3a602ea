/*
 * store_meeting.h: meetings and who may enter them.
 */
#ifndef UNIO_STORE_MEETING_H
#define UNIO_STORE_MEETING_H

#include "base.h"
#include "db.h"
#include "mem.h"
#include "store_user.h"

enum meeting_status { MEETING_SCHEDULED, MEETING_ONGOING, MEETING_COMPLETED, MEETING_CANCELLED };

struct meeting {
	int64_t			 id;
	const char		*title;
	const char		*description;
	struct person		 host;
	enum meeting_status	 status;
	const char		*ice_policy;	/* "all" or "relay" */
	int64_t			 scheduled_at;	/* 0: none */
	int64_t			 created_at;
	int64_t			 updated_at;
	struct person		*participants;	/* the host is not among them; only where said */
	size_t			 participant_count;
};

/* What a PATCH may change; a NULL or -1 member stays as it is. */
struct meeting_change {
	const char	*title;
	const char	*description;
	const char	*ice_policy;
	int64_t		 scheduled_at;	/* -1: keep, 0: none */
	int		 status;	/* enum meeting_status, -1: keep */
};

const char	*store_meeting_status_name(enum meeting_status status);
NODISCARD bool	 store_meeting_status_parse(const char *name, enum meeting_status *status_r);

/* The meeting and its host, participants too if asked; 1/0/-1. */
NODISCARD int	store_meeting_by_id(struct db *db, struct arena *arena, int64_t id, bool participants,
    struct meeting *meeting_r);
/*
 * Newest first, ids below before_id (0: from the newest), at most limit: those that
 * user_id is a member of, or all with user_id 0; status -1: any.  With participants.  0/-1.
 */
NODISCARD int	store_meeting_list(struct db *db, struct arena *arena, int64_t user_id, int status,
    int64_t before_id, size_t limit, struct meeting **meetings_r, size_t *n_r);
/* Inserts the meeting and its host's membership; 0/-1. */
NODISCARD int	store_meeting_create(struct db *db, const struct meeting *meeting, int64_t now_us, int64_t *id_r);
NODISCARD int	store_meeting_update(struct db *db, int64_t id, const struct meeting_change *change, int64_t now_us);
NODISCARD int	store_meeting_set_status(struct db *db, int64_t id, enum meeting_status status, int64_t now_us);
/* With its members, calls and attendance; 1/0/-1. */
NODISCARD int	store_meeting_delete(struct db *db, int64_t id);
/* 1 added, 0 already a member, -1. */
NODISCARD int	store_meeting_add_participant(struct db *db, int64_t id, int64_t user_id, int64_t now_us);
/* 1 removed, 0 was none (the host is none), -1. */
NODISCARD int	store_meeting_remove_participant(struct db *db, int64_t id, int64_t user_id);
NODISCARD int	store_meeting_count_participants(struct db *db, int64_t id, int64_t *count_r);

struct call;
/*
 * {"id","title","description","host","participants","status","ice_policy","scheduled_at",
 * "created_at","updated_at","active_call"}; active NULL: null.
 */
void		 store_meeting_emit(struct emit *e, const char *key, const struct meeting *meeting,
    const struct call *active);

#endif
