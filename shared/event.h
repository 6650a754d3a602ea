/*
 * event.h: the outbox: what the rooms must be told.
 *
 * Whoever changes something collects events in an event_list (arena memory) and
 * stores it with event_store() in the same transaction; after the commit it sends a
 * wake-up (bus.h).  The daemon reads the rows in id order and frames each one with
 * event_frame() as docs/PROTOCOL.md has it, once for all recipients.
 */
#ifndef UNIO_EVENT_H
#define UNIO_EVENT_H

#include "base.h"
#include "buf.h"
#include "db.h"
#include "emit.h"
#include "mem.h"

enum event_type {
	/* meeting events: sent to the room */
	EVENT_MEETING_STATUS,
	EVENT_CALL_STARTED,
	EVENT_CALL_ENDED,
	EVENT_MEETING_UPDATED,
	EVENT_PARTICIPANT_ADDED,
	EVENT_PARTICIPANT_REMOVED,	/* user_id: whose sockets are closed after it */
	EVENT_MEETING_DELETED,		/* the room is closed after it */
	/* for the daemon alone: never sent to a client */
	EVENT_LOGIN_REVOKED,		/* login_id: its sockets are closed */
	EVENT_USER_DISABLED,		/* user_id: all that user's sockets are closed */
	EVENT_USER_KICKED,		/* user_id: that user's sockets in the meeting's room are closed */
	EVENT_UNKNOWN			/* written by a newer program: skipped */
};

struct event {
	int64_t			 id;		/* 0 until stored */
	enum event_type		 type;
	int64_t			 meeting_id;	/* 0: none */
	int64_t			 user_id;	/* 0: none */
	int64_t			 login_id;	/* 0: none */
	int64_t			 created_at;
	const char		*body;		/* a JSON object's text: the frame's other members */
	struct event		*next;
};

struct event_list {
	struct arena	*arena;
	struct event	*first, **last;
};

const char	*event_type_name(enum event_type type);
bool		 event_is_public(enum event_type type);

void		 event_list_init(struct event_list *list, struct arena *arena);
/* body: emitted by the caller ({} if body.len is 0); copied.  The event returned may get user_id or login_id set. */
struct event	*event_add(struct event_list *list, enum event_type type, int64_t meeting_id, const struct buf *body);
/* Inserts them in order within the open transaction; 0/-1. */
NODISCARD int	 event_store(struct db *db, struct event_list *list, int64_t now_us);

/*
 * A reading ends after bound.count events, or with the one that takes their bodies
 * over bound.bytes (so that there is always one); more says that others follow.
 */
struct event_bound {
	size_t	count;
	size_t	bytes;
};

struct event_page {
	struct event	*first;
	size_t		 count;
	bool		 more;
};

/* Events with id > after_id, in order; 0/-1. */
NODISCARD int	 event_after(struct db *db, struct arena *arena, int64_t after_id, const struct event_bound *bound,
    struct event_page *page_r);
/* The same of one meeting, for a client that names the last it saw (public types alone). */
NODISCARD int	 event_of_meeting_after(struct db *db, struct arena *arena, int64_t meeting_id, int64_t after_id,
    const struct event_bound *bound, struct event_page *page_r);

/* The highest id ever given, 0 if none; the lowest that is kept, 1 if none was given (the newest stays); 0/-1. */
NODISCARD int	 event_bounds(struct db *db, int64_t *lowest_r, int64_t *highest_r);
/* The highest alone. */
NODISCARD int	 event_highest(struct db *db, int64_t *id_r);
/* The newest public event of one meeting, 0 if none; 0/-1. */
NODISCARD int	 event_newest_of_meeting(struct db *db, int64_t meeting_id, int64_t *id_r);
/* Deletes at most limit events made before, but never the newest, which remembers the highest id; how many, or -1. */
NODISCARD int64_t event_purge(struct db *db, int64_t before_us, size_t limit);
/* The database's history: arena text; 0/-1. */
NODISCARD int	 event_epoch(struct db *db, struct arena *arena, const char **epoch_r);

/* {"type":…,"event_id":…,"timestamp":…, and the members of body}. */
void		 event_frame(const struct event *event, struct buf *out);

#endif
