/*
 * signaling.h: what the API asks of the daemons, over their control sockets (ctl.h): about
 * a meeting, the one that serves it (shard.h).
 *
 * Each question has a short deadline, since the daemon answers from its loop within
 * milliseconds or is not there; never asked inside a transaction.  One that ran out of
 * time is not repeated for SIGNALING_REST, whatever it was: nobody answers then, and no
 * worker waits, so that a daemon that hangs does not take the API with it.  (One that
 * is not there costs no time, and is asked anew.)
 */
#ifndef UNIO_SIGNALING_H
#define UNIO_SIGNALING_H

#include "base.h"
#include "buf.h"
#include "conf.h"
#include "shard.h"

#define SIGNALING_REST	US_PER_S

/* Of one process; zeroed at first. */
struct signaling {
	int64_t	late_us[SHARD_MAX];	/* monotonic: when a daemon's answer last failed to come in time; 0: never */
};

enum signaling_entry {
	SIGNALING_OPEN,		/* the room has a place for that user */
	SIGNALING_REFUSED,	/* it has none, for the reason given */
	SIGNALING_DOWN		/* nobody answers */
};

/* The refusal of a WebSocket, by the words of the daemon itself. */
struct signaling_refusal {
	char	code[32];
	char	message[128];
};

/* All daemons run and serve; bool. */
bool			signaling_ready(const struct conf *conf, struct signaling *signaling);
/* One of them, from 1; bool. */
bool			signaling_daemon_ready(const struct conf *conf, struct signaling *signaling, int daemon);
/* The sessions in a room, as a JSON array; false if nobody answers. */
NODISCARD bool		signaling_presence(const struct conf *conf, struct signaling *signaling, int64_t meeting_id,
    struct buf *sessions_r);
/* Would a connection of this user from this address get in, as far as the limits go? */
enum signaling_entry	signaling_may_enter(const struct conf *conf, struct signaling *signaling, int64_t meeting_id,
    int64_t user_id, const char *address, struct signaling_refusal *refusal_r);

#endif
