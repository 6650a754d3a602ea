/*
 * signaling.h: what the API asks of the daemon, over its control socket (ctl.h).
 *
 * Each question has a short deadline, since the daemon answers from its loop within
 * milliseconds or is not there; never asked inside a transaction.
 */
#ifndef UNIO_SIGNALING_H
#define UNIO_SIGNALING_H

#include "base.h"
#include "buf.h"
#include "conf.h"

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

/* It runs and serves; bool. */
bool			signaling_ready(const struct conf *conf);
/* The sessions in a room, as a JSON array; false if nobody answers. */
NODISCARD bool		signaling_presence(const struct conf *conf, int64_t meeting_id, struct buf *sessions_r);
/* Would a connection of this user from this address get in, as far as the limits go? */
enum signaling_entry	signaling_may_enter(const struct conf *conf, int64_t meeting_id, int64_t user_id,
    const char *address, struct signaling_refusal *refusal_r);

#endif
