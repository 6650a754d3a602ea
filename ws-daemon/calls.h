/*
 * calls.h: the calls that are going on, and the clocks that end them.
 *
 * One entry for each active call of the database, with or without anybody in the
 * room: fed by events, and by the pictures that joining sessions bring.  An entry
 * that has been empty for call_empty_timeout, or lasts longer than
 * call_max_duration, asks the writer to end the call; so does one that went on when a
 * former daemon stopped, if nobody comes back to its room within call_grace.  The event of that
 * end then comes back as everybody's does, and takes the entry away.
 */
#ifndef UNIO_CALLS_H
#define UNIO_CALLS_H

#include <uthash.h>

#include "wheel.h"

struct hub;

struct calls_entry {
	struct hub		*hub;
	int64_t			 meeting_id;
	int64_t			 call_id;
	int64_t			 started_us;	/* wall */
	bool			 occupied;	/* somebody is in it */
	int64_t			 empty_us;	/* since when nobody is */
	int64_t			 alive_us;	/* wall: a former daemon's last sign of life; 0: it is ours */
	int64_t			 return_us;	/* else somebody has to come back to it by then */
	bool			 ending;	/* the writer has been asked */
	struct wheel_timer	 timer;
	UT_hash_handle		 hh;
};

/* A call is active: everybody who is in the call already attends it from its start. */
void			 calls_started(struct hub *hub, int64_t meeting_id, int64_t call_id, int64_t started_us);
/* It was active when this daemon started, and a former one was last alive at alive_us. */
void			 calls_survived(struct hub *hub, int64_t meeting_id, int64_t call_id, int64_t started_us,
    int64_t alive_us);
/* Somebody is in its room again: it goes on. */
void			 calls_returned(struct hub *hub, int64_t meeting_id);
/* It is no more: everybody is out of it, without a word.  Nothing, if that meeting's call is another. */
void			 calls_ended(struct hub *hub, int64_t meeting_id, int64_t call_id);
/* Somebody joined the empty call of a meeting; the last one left it. */
void			 calls_occupy(struct hub *hub, int64_t meeting_id);
void			 calls_vacate(struct hub *hub, int64_t meeting_id);
/* The writer has tried to end it. */
void			 calls_tried(struct hub *hub, int64_t meeting_id, int64_t call_id);
/* NULL: no call is active in that meeting. */
struct calls_entry	*calls_find(struct hub *hub, int64_t meeting_id);
void			 calls_free(struct hub *hub);

#endif
