/*
 * shard.h: which signaling daemon serves a meeting, where there are several (the key daemons).
 *
 * A meeting's bucket is what the last two decimal digits of its id say, because that is what every front server
 * decides alike from the path alone, by a regular expression; bucket b is served by daemon b % daemons + 1.  So
 * meetings that were made one after the other spread over all daemons.
 *
 * Daemon 1 has the names of the configuration (sockets, wake-ups); the name of daemon K > 1 has -K before its
 * ending: /run/unio/ws.sock, /run/unio/ws-2.sock.
 *
 * Pure.  A zeroed struct shard is the one daemon there is, which serves all meetings.
 */
#ifndef UNIO_SHARD_H
#define UNIO_SHARD_H

#include "buf.h"
#include "conf.h"

#define SHARD_BUCKETS	100
#define SHARD_MAX	32	/* daemons; more than that and buckets no longer share out evenly */
#define SHARD_LEASE	8	/* bytes of the name of a lease: "32/32" */

struct shard {
	int	daemons;	/* how many there are */
	int	own;		/* which this is, from 1 */
};

/* The daemon of a meeting, from 1; daemons: the key's value. */
int		 shard_of(int64_t meeting_id, int64_t daemons);
bool		 shard_owns(const struct shard *shard, int64_t meeting_id);
/* Is there a bucket that both serve?  They may be of different numbers of daemons. */
bool		 shard_overlaps(const struct shard *a, const struct shard *b);

/* The name of a daemon's own socket or ipc:// endpoint (tcp:// and HOST:PORT: its own port; "": none).  To be freed. */
char		*shard_name(const char *name, int64_t daemon);
/* Every key that names a place of the daemons' now names that daemon's own. */
void		 shard_adopt(struct conf *conf, int daemon);

/* A regular expression (of Perl's kind) for the ids, without leading zeros, of a daemon's meetings. */
void		 shard_pattern(const struct shard *shard, struct buf *out);

/* What its lease is called: "all" for the only one, else "2/3". */
void		 shard_lease(const struct shard *shard, char name_r[SHARD_LEASE]);
/* Whose lease that is; bool. */
NODISCARD bool	 shard_of_lease(const char *name, struct shard *shard_r);

#endif
