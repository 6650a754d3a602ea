/*
 * closing.h: every way in which the server ends a connection, as the
 * table of docs/PROTOCOL.md has it: the close code, the error code, what the client shall do.
 */
#ifndef UNIO_CLOSING_H
#define UNIO_CLOSING_H

#include "base.h"

enum {
	CLOSING_NORMAL		= 1000,	/* RFC 6455 7.4.1, from here */
	CLOSING_PROTOCOL	= 1002,
	CLOSING_BINARY		= 1003,
	CLOSING_CLIENT		= 1005,	/* never sent: the client's own close frame, which had no code */
	CLOSING_LOST		= 1006,	/* never sent: the connection was cut or silent */
	CLOSING_NO_TEXT		= 1007,
	CLOSING_TOO_BIG		= 1009,
	CLOSING_RESTARTING	= 1012,
	CLOSING_UNAVAILABLE	= 1013,	/* the database cannot say who may enter */
	CLOSING_DRAINING	= 4001,
	CLOSING_SLOW		= 4002,
	CLOSING_RATE		= 4003,
	CLOSING_TICKET		= 4004,
	CLOSING_MISDIRECTED	= 4005,	/* another daemon has that meeting: the front server's rules are wrong */
	CLOSING_UNAUTHORIZED	= 4401,
	CLOSING_FORBIDDEN	= 4403,
	CLOSING_NOT_FOUND	= 4404,
	CLOSING_KICKED		= 4405,	/* by the host or the operator; nothing keeps it from coming back */
	CLOSING_REVOKED		= 4406,
	CLOSING_BANNED		= 4407,	/* and may not come back */
	CLOSING_ELSEWHERE	= 4409,
	CLOSING_DELETED		= 4410,
	CLOSING_SESSIONS	= 4412,
	CLOSING_ROOM_FULL	= 4413
};

#define CLOSING_MAX	32	/* ways, at most: for who counts them */

struct closing {
	int		 close;
	const char	*code;		/* also the close frame's reason */
	const char	*action;	/* NULL: closed without an error frame */
	const char	*message;
	int64_t		 retry_after_ms; /* 0: says nothing */
};

/* Never NULL: any other code is one that a client chose. */
const struct closing	*closing_find(int close);
/* The i-th of all; NULL past the last. */
const struct closing	*closing_at(size_t i);
/* The code of a client's close frame, as far as it does not say what only the server can say. */
int			 closing_by_client(int close);

#endif
