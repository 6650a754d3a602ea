#include "clock.h"
#include "dispatch.h"
#include "event.h"
#include "external.h"
#include "idem.h"
#include "origin.h"
#include "peer.h"
#include "route.h"
#include "store_login.h"
#include "wake.h"

#define CROWDED_US	100	/* a turn to write that comes later had to be waited for: others write */

static const struct route	*find_route(struct context *c, struct reply *r, struct request *request);
static bool	admit(struct service *s, const struct route *route, struct context *c, struct reply *r);
static bool	authenticate(struct service *s, const struct route *route, struct context *c, struct reply *r);
static bool	begin(struct service *s, const struct route *route, struct reply *r);
static bool	take_rate(struct service *s, const struct context *c, struct reply *r);
static bool	take_login_rate(struct service *s, const struct route *route, const struct context *c,
		    struct reply *r);
static bool	check_size(const struct request *request, struct reply *r);
static bool	read_body(const struct route *route, const struct request *request, struct json **body_r,
		    struct reply *r);
static bool	may_join(const struct service *s, const struct route *route, const struct request *request);
static bool	transact(struct service *s, enum dispatch_as as, const struct route *route, struct context *c,
		    struct reply *r);
static bool	join(struct service *s, struct reply *r);
static bool	still_signed_in(struct service *s, const struct context *c, struct reply *r);
static void	undo(struct service *s, bool joins);
static bool	finish(struct service *s, bool joins, bool hold, const struct context *c, struct reply *r);
static int	store_audit(struct service *s, const struct context *c, const struct reply *r);

enum dispatch_end
dispatch(struct service *s, enum dispatch_as as, struct answer *answer)
{
	struct request *request = answer->request;
	struct reply *r = &answer->reply;
	struct context c = {
		.conf = s->conf,
		.arena = s->arena,
		.ring = s->ring,
		.turn = s->turn,
		.signaling = &s->signaling,
		.request = request,
		.now_us = clock_wall_us(),
	};
	const struct route *route;
	struct json *body = NULL;
	bool open = as == DISPATCH_JOIN;

	peer_client(s->conf->trusted_proxies, request->remote_address != NULL ? request->remote_address : "",
	    request->forwarded_for, request->address);
	answer->route = route = find_route(&c, r, request);
	if (as == DISPATCH_JOIN && !may_join(s, route, request))
		return DISPATCH_UNFIT;
	if (origin_admit(s->conf, request, r) && route != NULL && admit(s, route, &c, r) &&
	    read_body(route, request, &body, r)) {
		c.body = body;
		if (route->prepare == NULL || route->prepare(&c, r))
			open = transact(s, as, route, &c, r);
	}
	if (!open && s->db != NULL && db_within(s->db))
		db_rollback(s->db);	/* a read that was refused on its way */
	json_free(&body);
	origin_mark(s->conf, request, r);
	answer->user_id = c.caller.person.id;
	return open ? DISPATCH_OPEN : DISPATCH_OVER;
}

void
dispatch_commit(struct service *s)
{
	bool kept = db_commit(s->db) == 0;

	for (size_t i = 0; i < s->group; i++) {
		struct answer *answer = &s->answer[i];

		if (!kept) {
			reply_database(&answer->reply, s->db);
			origin_mark(s->conf, answer->request, &answer->reply);
		} else if (answer->reply.events.first != NULL)
			wake_events(service_bus(s), s->conf, answer->reply.events.first);
	}
}

/* What takes no time but the database's, and needs no transaction of its own. */
static bool
may_join(const struct service *s, const struct route *route, const struct request *request)
{
	struct slice token;

	return route != NULL && route->data == ROUTE_WRITES && route->prepare == NULL &&
	    !(auth_bearer(request->authorization, &token) && external_is_meant(s, token));
}

static const struct route *
find_route(struct context *c, struct reply *r, struct request *request)
{
	const struct route *route = NULL;
	const char *allow = NULL;
	int below = request_target(request, c->arena, c->conf->base_path);

	if (below < 0) {
		reply_error(r, 400, "bad_path", NULL, "the path is badly encoded");
		return NULL;
	}
	if (below == 1)
		route = route_find(request, c->arena, c->id, &allow);
	if (route == NULL && allow != NULL) {
		reply_error(r, 405, "method_not_allowed", NULL, "this path does not know that method");
		r->allow = allow;
	} else if (route == NULL)
		reply_error(r, 404, "not_found", NULL, "there is nothing at this path");
	return route;
}

/* All that must hold before anybody looks at the body. */
static bool
admit(struct service *s, const struct route *route, struct context *c, struct reply *r)
{
	bool needs_database = route->auth != ROUTE_PUBLIC || route->data != ROUTE_NO_DATA;

	c->db = service_database(s);
	if (c->db == NULL && needs_database) {
		reply_unavailable(r, "database_unavailable", "the database cannot be opened at the moment");
		return false;
	}
	return check_size(c->request, r) &&
	    (route->auth == ROUTE_PUBLIC || (authenticate(s, route, c, r) && take_rate(s, c, r))) &&
	    take_login_rate(s, route, c, r);
}

static bool
authenticate(struct service *s, const struct route *route, struct context *c, struct reply *r)
{
	const char *reason;
	struct slice token;
	bool external;
	int known;

	if (!auth_bearer(c->request->authorization, &token)) {
		reply_unauthorized(r, "unauthorized", "a bearer token is required");
		return false;
	}
	external = external_is_meant(s, token);
	/* who is new is written down, and that is a transaction of its own */
	if (!external && route->data == ROUTE_READS && !begin(s, route, r))
		return false;
	known = external ? external_check(s, c, token, &reason) :
	    auth_check(s->ring, s->db, c->arena, token, c->now_us, &c->caller, &reason);
	if (known < 0)
		reply_database(r, s->db);
	else if (known == 0) {
		reply_unauthorized(r, "unauthorized", reason);
		r->authenticate = "Bearer realm=\"unio\", error=\"invalid_token\"";
	}
	return known == 1;
}

static bool
take_rate(struct service *s, const struct context *c, struct reply *r)
{
	if (rate_take(s->rate, c->caller.person.id, s->conf->api_rate, clock_mono_us()))
		return true;
	reply_error(r, 429, "rate_limited", NULL, "too many requests, please slow down");
	return false;
}

/* What is prepared, but for a kick, takes a password's hash: strangers shall not have all workers at that. */
static bool
take_login_rate(struct service *s, const struct route *route, const struct context *c, struct reply *r)
{
	if (route->prepare == NULL || route->prepare == handle_ban_kick_prepare ||
	    rate_take_address(s->rate, c->request->address, s->conf->login_rate, clock_mono_us()))
		return true;
	reply_error(r, 429, "rate_limited", NULL, "too many attempts from this address, please slow down");
	return false;
}

static bool
check_size(const struct request *request, struct reply *r)
{
	if (request->body_state == REQUEST_BODY_TOO_LARGE)
		reply_error(r, 413, "body_too_large", NULL, "a body may have at most %d bytes", LIMIT_BODY);
	else if (request->body_state == REQUEST_BODY_CUT)
		reply_error(r, 400, "body_incomplete", NULL, "the body ended early");
	else
		return true;
	return false;
}

static bool
read_body(const struct route *route, const struct request *request, struct json **body_r, struct reply *r)
{
	const char *reason;

	if (route->body == ROUTE_NO_BODY || (route->body == ROUTE_MAY_BODY && request->body.len == 0))
		return true;
	if (!request_is_json(request)) {
		reply_error(r, 415, "unsupported_media_type", NULL, "the body must be application/json");
		return false;
	}
	*body_r = json_parse_object(request->body.data != NULL ? request->body.data : "", request->body.len, &reason);
	if (*body_r == NULL)
		reply_error(r, 400, "invalid_json", NULL, "%s", reason);
	return *body_r != NULL;
}

/* True: the transaction is open. */
static bool
transact(struct service *s, enum dispatch_as as, const struct route *route, struct context *c, struct reply *r)
{
	bool joins = as == DISPATCH_JOIN;

	if (route->data == ROUTE_NO_DATA) {
		route->handler(c, r);
		return false;
	}
	if (!(joins ? join(s, r) : begin(s, route, r)))
		return joins;
	/* the lock may have been waited for: what is written now happens now */
	c->now_us = clock_wall_us();
	if (route->auth == ROUTE_USER && route->data == ROUTE_WRITES && !still_signed_in(s, c, r)) {
		undo(s, joins);
		return joins;
	}
	if (route->idempotent && c->request->idempotency_key != NULL)
		idem_run(route, c, r);
	else
		route->handler(c, r);
	return finish(s, joins, as == DISPATCH_FIRST && route->data == ROUTE_WRITES && s->crowded, c, r);
}

static bool
join(struct service *s, struct reply *r)
{
	if (db_savepoint(s->db) == 0)
		return true;
	reply_database(r, s->db);
	return false;
}

/*
 * A read begins before the caller is looked up: one snapshot for both, and SQLite takes
 * its lock once.  How long writers wait for each other is counted.
 */
static bool
begin(struct service *s, const struct route *route, struct reply *r)
{
	bool writes = route->data == ROUTE_WRITES;
	int64_t begin_us, took_us;
	int rc;

	if (writes)
		(void)service_bus(s);	/* it connects meanwhile */
	begin_us = clock_mono_us();
	rc = db_within(s->db) ? 0 : db_begin(s->db, writes);
	took_us = clock_mono_us() - begin_us;
	s->crowded = took_us > CROWDED_US;
	if (writes)
		tally_lock(s->tally, took_us);
	if (rc != 0)
		reply_database(r, s->db);
	return rc == 0;
}

/* While the lock was waited for, or a password hashed, the session may have been revoked: then nothing is changed. */
static bool
still_signed_in(struct service *s, const struct context *c, struct reply *r)
{
	int live = store_login_is_live(s->db, c->caller.login_id, c->caller.person.id);

	if (live < 0)
		reply_database(r, s->db);
	else if (live == 0)
		reply_unauthorized(r, "unauthorized", "the login session has ended");
	return live == 1;
}

static void
undo(struct service *s, bool joins)
{
	if (joins)
		db_savepoint_undo(s->db);
	else
		db_rollback(s->db);
}

/* hold: what is to be kept waits for others to join it.  True: the transaction is open. */
static bool
finish(struct service *s, bool joins, bool hold, const struct context *c, struct reply *r)
{
	if (!r->commit)
		undo(s, joins);
	else if (event_store(s->db, &r->events, c->now_us) != 0 || store_audit(s, c, r) != 0 ||
	    (joins && db_savepoint_keep(s->db) != 0) || (!joins && !hold && db_commit(s->db) != 0)) {
		reply_database(r, s->db);
		undo(s, joins);
	} else if (joins || hold)
		return true;
	else if (r->events.first != NULL)
		wake_events(service_bus(s), s->conf, r->events.first);
	return joins;
}

/* Who did what, in the same transaction as what was done; 0/-1. */
static int
store_audit(struct service *s, const struct context *c, const struct reply *r)
{
	char address[LIMIT_ADDRESS];
	const struct audit_from from = {
		.actor_id = c->caller.person.id, .origin = address, .request_id = c->request->id,
	};

	if (r->audit.first == NULL)
		return 0;
	peer_shown((enum conf_addresses)s->conf->log_addresses, c->request->address, address);
	return audit_store(s->db, &r->audit, &from, c->now_us);
}
