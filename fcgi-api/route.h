/*
 * route.h: the whole API on one screen (route.c): method, path, handler, and what must
 * hold before the handler runs.
 */
#ifndef UNIO_ROUTE_H
#define UNIO_ROUTE_H

#include "base.h"
#include "handle.h"
#include "mem.h"
#include "request.h"

enum route_auth {
	ROUTE_PUBLIC,
	ROUTE_USER		/* a valid token of a live login session */
};

enum route_body {
	ROUTE_NO_BODY,		/* whatever comes is ignored */
	ROUTE_MAY_BODY,		/* nothing, or a JSON object */
	ROUTE_JSON		/* a JSON object */
};

enum route_data {
	ROUTE_NO_DATA,		/* no transaction: the handler asks for itself, or not at all */
	ROUTE_READS,		/* one snapshot */
	ROUTE_WRITES		/* IMMEDIATE */
};

struct route {
	const char	*method;
	const char	*pattern;	/* {id}: a positive integer, kept in context.id */
	handle_function	*handler;
	enum route_auth	 auth;
	enum route_body	 body;
	enum route_data	 data;
	bool		 idempotent;	/* honours Idempotency-Key */
	handle_preparer	*prepare;	/* NULL: none */
};

size_t			 route_count(void);
/* The i-th of the table; NULL past the last. */
const struct route	*route_at(size_t i);
/* The route and the numbers in its path; NULL if the path is unknown, or known and *allow_r then lists its methods. */
const struct route	*route_find(const struct request *request, struct arena *arena, int64_t id_r[HANDLE_IDS],
    const char **allow_r);

#endif
