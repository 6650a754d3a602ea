#include <inttypes.h>
#include <string.h>

#include "doctor.h"
#include "remote.h"
#include "shard.h"
#include "str.h"
#include "upgrade.h"

#define MADE_UP		"203.0.113.77"	/* RFC 5737: nobody has it */
#define UNAUTHORIZED	4401
#define MARK		12		/* characters of our client_id's random end */
#define CLIENT_ID	(sizeof("doctor-") + MARK)
#define PROBE		100		/* a meeting of three digits that has the same daemon as number 0 */

static bool	knock(struct doctor *, struct upgrade *, int64_t, char[CLIENT_ID]);
static void	examine_rules(struct doctor *);
static bool	arrives(struct doctor *, int64_t);
static const char *seen(struct doctor *, int64_t, const char *);
static void	explain_upgrade(struct doctor *, const struct upgrade *);
static void	examine_address(struct doctor *, const struct upgrade *, const char *);
static void	explain_address(struct doctor *, const char *, const char *);
static void	examine_end(struct doctor *, struct upgrade *);

/* Through the web server, without a credential: the daemon waits for our first frame, and knows us by our client_id. */
void
doctor_socket_examine(struct doctor *d)
{
	char id[CLIENT_ID];
	struct upgrade upgrade;

	if (!d->reachable)
		return;
	if (!knock(d, &upgrade, 1, id)) {
		explain_upgrade(d, &upgrade);
	} else {
		examine_address(d, &upgrade, id);
		examine_end(d, &upgrade);
	}
	upgrade_free(&upgrade);
	if (d->ctx->conf->daemons > 1 && d->daemon)
		examine_rules(d);
}

static bool
knock(struct doctor *d, struct upgrade *upgrade, int64_t meeting_id, char id_r[CLIENT_ID])
{
	str_copy(id_r, CLIENT_ID, "doctor-");
	str_random(id_r + strlen(id_r), MARK);
	return upgrade_open(upgrade, d->origin, arena_printf(d->ctx->arena, "%s/ws/meeting/%" PRId64 "/?client_id=%s",
	    d->ctx->conf->base_path, meeting_id, id_r), d->page, MADE_UP, d->verify);
}

/* Whichever other number the web server's rules may be for, one of the first meetings is another daemon's by them. */
static void
examine_rules(struct doctor *d)
{
	int64_t daemons = d->ctx->conf->daemons;

	for (int64_t meeting_id = PROBE; meeting_id <= PROBE + daemons; meeting_id++)
		if (!arrives(d, meeting_id)) {
			doctor_say(d, DOCTOR_FAIL, "daemons",
			    "put what `unioctl front SERVER` prints where docs/HOSTING.md says; reload the web server",
			    "the web server does not send meetings that end in %02" PRId64 " to daemon %d of %"
			    PRId64,
			    meeting_id % SHARD_BUCKETS, shard_of(meeting_id, daemons), daemons);
			return;
		}
	doctor_say(d, DOCTOR_OK, "daemons", NULL, "the web server sends each meeting to its daemon of %" PRId64,
	    daemons);
}

/* At the daemon whose meeting it is. */
static bool
arrives(struct doctor *d, int64_t meeting_id)
{
	struct upgrade upgrade;
	char id[CLIENT_ID];
	bool there = knock(d, &upgrade, meeting_id, id) && seen(d, meeting_id, id) != NULL;

	upgrade_free(&upgrade);
	return there;
}

/* The address under which the meeting's daemon knows a client; arena text, NULL if it does not. */
static const char *
seen(struct doctor *d, int64_t meeting_id, const char *id)
{
	const char *line = arena_printf(d->ctx->arena, "{\"cmd\":\"seen\",\"client_id\":\"%s\"}", id), *address = NULL;
	struct remote remote;

	if (remote_try_daemon(d->ctx, &remote, shard_of(meeting_id, d->ctx->conf->daemons), line) &&
	    json_get_text(remote.json, "address", &address) == 1)
		address = arena_strdup(d->ctx->arena, address);
	remote_free(&remote);
	return address;
}

static void
explain_upgrade(struct doctor *d, const struct upgrade *upgrade)
{
	const struct conf *conf = d->ctx->conf;

	if (upgrade->status == 0)
		doctor_say(d, DOCTOR_FAIL, "websocket", "look into the web server's error log", "%s", upgrade->error);
	else if (upgrade->status == 429)
		doctor_say(d, DOCTOR_WARN, "websocket",
		    "try again; if it stays: does the daemon see the clients' addresses?",
		    "the daemon says there are too many connections from this address (HTTP 429)");
	else if (upgrade->status == 403)
		doctor_say_refused(d, "WebSocket");
	else if (upgrade->status >= 500)
		doctor_say(d, DOCTOR_FAIL, "websocket",
		    doctor_remedy(d, "is unio-signald running, and may the web server's user open %s?",
		    conf->ws_socket),
		    "the web server cannot reach unio-signald (HTTP %d)", upgrade->status);
	else
		doctor_say(d, DOCTOR_FAIL, "websocket",
		    doctor_remedy(d,
		    "the web server must hand %s/ws/ to unio-signald, upgrade included: etc/*-site.conf "
		    "show how", conf->base_path), "the web server does not upgrade (HTTP %d)", upgrade->status);
}

static void
examine_address(struct doctor *d, const struct upgrade *upgrade, const char *id)
{
	const char *found = seen(d, 1, id);
	char address[LIMIT_ADDRESS];

	http_address(upgrade->stream, address);
	if (found != NULL)
		explain_address(d, found, address);
	else if (d->daemon && d->ctx->conf->daemons <= 1)
		doctor_say(d, DOCTOR_FAIL, "address", "is it the right configuration (-c), and the right public_url?",
		    "the connection arrived at another daemon than that of %s", d->ctx->conf->control_socket);
}

static void
explain_address(struct doctor *d, const char *seen, const char *address)
{
	if (strcmp(seen, MADE_UP) == 0)
		doctor_say(d, DOCTOR_FAIL, "address",
		    "take the clients' networks out of trusted_proxies; the web server must append to X-Forwarded-For",
		    "clients can choose the address that they are seen under (X-Forwarded-For)");
	else if (strcmp(seen, "unix") == 0)
		doctor_say(d, DOCTOR_FAIL, "address", "have the web server set X-Forwarded-For for /ws/",
		    "the daemon does not see who connects: all clients share one address and its limits");
	else if (strcmp(seen, address) != 0)
		doctor_say(d, DOCTOR_WARN, "address",
		    "right if this machine goes out through NAT; else name the proxy's address in trusted_proxies",
		    "the daemon sees %s, we are %s", seen, address);
	else
		doctor_say(d, DOCTOR_OK, "address", NULL, "the daemon sees our own address, %s", seen);
}

/* What is no credential gets an error frame and a close code, which the web server must let through. */
static void
examine_end(struct doctor *d, struct upgrade *upgrade)
{
	bool ended = upgrade_end(upgrade, "{\"type\":\"auth\",\"token\":\"doctor\"}");

	if (ended && upgrade->close == UNAUTHORIZED && upgrade->subprotocol)
		doctor_say(d, DOCTOR_OK, "websocket", NULL, "upgrade, frames and close codes pass the web server");
	else
		doctor_say(d, DOCTOR_FAIL, "websocket",
		    "the web server must pass WebSockets on as they are: etc/*-site.conf show how",
		    "upgraded, but %s%s (close code %d)", upgrade->subprotocol ? "" : "without the subprotocol, and ",
		    ended ? "closed in another way" : "cut off", upgrade->close);
}
