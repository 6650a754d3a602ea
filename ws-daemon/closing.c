#include "closing.h"

static const char again[] = "reconnect";
static const char never[] = "disconnect";

static const struct closing table[] = {
	{ CLOSING_CLIENT,	"client",	    NULL,  NULL, 0 },
	{ CLOSING_LOST,		"lost",		    NULL,  NULL, 0 },
	{ CLOSING_NORMAL,	"normal",	    NULL,  NULL, 0 },
	{ CLOSING_PROTOCOL,	"protocol_error",   NULL,  NULL, 0 },
	{ CLOSING_BINARY,	"binary",	    NULL,  NULL, 0 },
	{ CLOSING_NO_TEXT,	"invalid_utf8",	    NULL,  NULL, 0 },
	{ CLOSING_TOO_BIG,	"too_big",	    NULL,  NULL, 0 },
	{ CLOSING_RESTARTING,	"restarting",	    again, "the server is restarting", 500 },
	{ CLOSING_UNAVAILABLE,	"unavailable",	    again, "the server cannot check access right now", 2000 },
	{ CLOSING_DRAINING,	"draining",	    again, "the server is being replaced", 500 },
	{ CLOSING_SLOW,		"slow_consumer",    again, "the connection does not keep up", 1000 },
	{ CLOSING_RATE,		"rate_limited",	    again, "too many messages", 10000 },
	{ CLOSING_TICKET,	"ticket_stale",	    again, "the ticket is used, expired or unknown", 0 },
	{ CLOSING_MISDIRECTED,	"misdirected",	    again, "the meeting is served by another daemon", 2000 },
	{ CLOSING_UNAUTHORIZED,	"unauthorized",	    never, "no valid credential", 0 },
	{ CLOSING_FORBIDDEN,	"forbidden",	    never, "only host and participants may enter", 0 },
	{ CLOSING_NOT_FOUND,	"not_found",	    never, "there is no such meeting", 0 },
	{ CLOSING_KICKED,	"kicked",	    never, "the host or the operator has ended this session", 0 },
	{ CLOSING_REVOKED,	"revoked",	    never, "the login session has ended", 0 },
	{ CLOSING_BANNED,	"banned",	    never, "this user is banned from the meeting", 0 },
	{ CLOSING_ELSEWHERE,	"resumed_elsewhere", never, "the session goes on on another connection", 0 },
	{ CLOSING_DELETED,	"meeting_deleted",  never, "the meeting was deleted", 0 },
	{ CLOSING_SESSIONS,	"too_many_sessions", never, "too many connections of this user", 0 },
	{ CLOSING_ROOM_FULL,	"room_full",	    never, "the meeting is full", 0 },
};

_Static_assert(COUNTOF(table) <= CLOSING_MAX, "CLOSING_MAX counts the ways");

const struct closing *
closing_at(size_t i)
{
	return i < COUNTOF(table) ? &table[i] : NULL;
}

const struct closing *
closing_find(int close)
{
	size_t i;

	for (i = 0; i < COUNTOF(table); i++) {
		if (table[i].close == close)
			return &table[i];
	}
	return &table[0];
}

int
closing_by_client(int close)
{
	return close == CLOSING_NORMAL || closing_find(close) == &table[0] ? close : CLOSING_CLIENT;
}
