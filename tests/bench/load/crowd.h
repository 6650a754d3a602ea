/*
 * crowd.h: all clients of a run and their rooms, the loop that serves them, and what is done with what arrives.
 *
 * One thread, one epoll set. A scenario (traffic.h, joins.h) drives it through crowd_turn() and is told of what
 * happens through the calls in `struct crowd`.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "address.h"
#include "client.h"

#define CROWD_IN	(1024 * 1024)	/* what is read at once */

struct room {
	uint32_t	 index;
	char		*name;		/* the meeting's id */
	uint32_t	 first;		/* of its clients, which stand together */
	uint32_t	 n;
};

struct crowd {
	struct address	 address;
	int		 epoll;
	struct room	*room;
	uint32_t	 rooms;
	struct client	*client;
	uint32_t	 clients;
	uint32_t	 present;	/* clients that are in their rooms */
	uint32_t	 mask;		/* state of the generator of masks */
	struct client	*ponging;	/* owe a pong */
	struct client	*credited;	/* may send more: something has arrived, or the socket takes more */
	char		*in;
	/* set by the scenario; called with `arg` */
	void		*arg;
	void		(*on_text)(void *arg, struct client *client, const char *p, size_t n);
	void		(*on_entered)(void *arg, struct client *client);
	void		(*on_left)(void *arg, struct client *client);
};

/* From a file with a line "ROOM TOKEN" for each client; exits if it makes no sense. */
struct crowd	*crowd_new(const char *path, const char *address);
/* Hangs up on the server as well. */
void		 crowd_free(struct crowd *crowd);
/* Lets everybody (or, for `each` > 0, that many of each room) enter, until `most` are there, and waits for them. */
void		 crowd_enter(struct crowd *crowd, uint32_t each, uint32_t most);
/* Serves what comes for so many seconds, sends nothing. */
void		 crowd_rest(struct crowd *crowd, double seconds);
/* Waits for something to happen, at most until `until_ns` (clock_now), and serves it. */
void		 crowd_turn(struct crowd *crowd, uint64_t until_ns);
struct client	*crowd_next_credited(struct crowd *crowd);

/* For client.c. */
void		 crowd_text(struct crowd *crowd, struct client *client, const char *p, size_t n);
void		 crowd_left(struct crowd *crowd, struct client *client);
void		 crowd_credit(struct crowd *crowd, struct client *client);
void		 crowd_pong(struct crowd *crowd, struct client *client);
uint32_t	 crowd_mask(struct crowd *crowd);

/* The monotonic clock, in ns. */
uint64_t	 crowd_now(void);

#endif
