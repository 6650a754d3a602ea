/*
 * client.h: one connection of the load generator: connects, asks for the upgrade, cuts what comes into frames.
 *
 * A client belongs to the crowd (crowd.h). Whatever the server does wrong ends the program with status 1.
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

enum client_state { CLIENT_IDLE, CLIENT_UPGRADING, CLIENT_ENTERING, CLIENT_IN, CLIENT_LEAVING };

struct crowd;
struct room;

struct client {
	enum client_state	 state;
	int			 fd;
	struct room		*room;
	uint32_t		 self;		/* which of the room's */
	char			*token;
	char			*rest;		/* the beginning of a frame that is not whole yet */
	size_t			 rest_n;
	unsigned char		*out;		/* what the socket would not take */
	size_t			 out_n;
	bool			 waiting;	/* for the socket to take it */
	uint32_t		 sent;		/* messages; the next one's number */
	uint64_t		 arrived;	/* how often one of them arrived somewhere */
	uint32_t		*next;		/* the number expected from each of the room */
	unsigned char		*pong;		/* a frame that answers the last ping, to go with what is sent next */
	size_t			 pong_n;
	bool			 ponging;	/* on the crowd's list of those who owe one */
	struct client		*next_pong;
	bool			 credited;	/* on the crowd's list of those who may send more */
	struct client		*next_credited;
	uint64_t		 seen_joined, seen_left;	/* what it was told of others' coming and going */
	uint64_t		 entries;	/* how often it has entered */
};

/* Connects and asks for the upgrade. */
void	client_start(struct crowd *crowd, struct client *client);
/* A frame's payload, whole; goes at once, or as soon as the socket takes it. */
void	client_send(struct crowd *crowd, struct client *client, enum wire_opcode opcode, const char *payload, size_t n);
/* Frames that are made already. */
void	client_send_raw(struct crowd *crowd, struct client *client, const unsigned char *p, size_t n);
/* Takes the pong that it owes, to be sent before anything else; its length, 0 if it owes none. */
size_t	client_take_pong(struct client *client, unsigned char *dst);
/* Its socket is ready. */
void	client_ready(struct crowd *crowd, struct client *client, uint32_t events);
/* Says goodbye; CLIENT_IDLE when the server has answered. */
void	client_leave(struct crowd *crowd, struct client *client);

/* Whether a frame says that it is of this type. */
bool	client_type_is(const char *p, size_t n, const char *type);

#endif
