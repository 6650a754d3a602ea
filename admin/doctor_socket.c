#include <inttypes.h>
#include <string.h>

#include "doctor.h"
#include "remote.h"
#include "str.h"
#include "upgrade.h"

#define MADE_UP		"203.0.113.77"	/* RFC 5737: nobody has it */
#define UNAUTHORIZED	4401
#define MARK		12		/* characters of our client_id's random end */

static void	explain_upgrade(struct doctor *, const struct upgrade *);
static void	examine_address(struct doctor *, const struct upgrade *, const char *);
static void	explain_address(struct doctor *, const char *, const char *);
static void	examine_end(struct doctor *, struct upgrade *);

/* Through the web server, without a credential: the daemon waits for our first frame, and knows us by our client_id. */
void
doctor_socket_examine(struct doctor *d)
{
	char id[sizeof("doctor-") + MARK] = "doctor-";
	struct upgrade upgrade;
	const char *path;

	if (!d->reachable)
		return;
	str_random(id + strlen(id), MARK);
	path = arena_printf(d->ctx->arena, "%s/ws/meeting/1/?client_id=%s", d->ctx->conf->base_path, id);
	if (!upgrade_open(&upgrade, d->origin, path, MADE_UP, d->verify)) {
		explain_upgrade(d, &upgrade);
	} else {
		examine_address(d, &upgrade, id);
		examine_end(d, &upgrade);
	}
	upgrade_free(&upgrade);
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
	const char *line = arena_printf(d->ctx->arena, "{\"cmd\":\"seen\",\"client_id\":\"%s\"}", id), *seen;
	char address[LIMIT_ADDRESS];
	struct remote remote;

	http_address(upgrade->stream, address);
	if (remote_try(d->ctx, &remote, line) && json_get_text(remote.json, "address", &seen) == 1)
		explain_address(d, seen, address);
	else if (remote.json != NULL)
		doctor_say(d, DOCTOR_FAIL, "address", "is it the right configuration (-c), and the right public_url?",
		    "the connection arrived at another daemon than that of %s", d->ctx->conf->control_socket);
	remote_free(&remote);
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
