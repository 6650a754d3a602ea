#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "doctor.h"
#include "http.h"
#include "json.h"

#define CLOCK_WARN_S	2	/* a certificate or a token does not mind, whoever compares logs does */
#define CLOCK_FAIL_S	30	/* TURN credentials and tokens begin or end early */
#define DAY_S		(24 * 3600)
#define RENEW_DAYS	14	/* whoever renews by itself has done so long before */
#define STRANGER	"https://doctor.invalid"	/* RFC 2606 2: nobody has it */

static void	get(struct doctor *, const char *, const char *, struct http_reply *);
static bool	is_ours(const struct http_reply *);
static bool	is_origin_refused(const struct http_reply *);
static void	examine_api(struct doctor *);
static void	explain_api(struct doctor *, const struct http_reply *);
static void	examine_clock(struct doctor *, const struct http_reply *);
static void	examine_certificate(struct doctor *, const struct http_reply *);
static void	examine_ready(struct doctor *);
static void	examine_authorization(struct doctor *);
static void	examine_page(struct doctor *);
static void	examine_origins(struct doctor *);
static bool	is_local(const char *);

void
doctor_web_examine(struct doctor *d)
{
	examine_api(d);
	if (!d->reachable)
		return;
	examine_ready(d);
	examine_authorization(d);
	examine_page(d);
	examine_origins(d);
}

/* As the page there does it. */
static void
get(struct doctor *d, const char *path, const char *authorization, struct http_reply *reply_r)
{
	http_get(arena_printf(d->ctx->arena, "%s%s", d->base, path), d->page, authorization, d->verify, reply_r);
}

/* With a certificate that nobody trusts the rest can be examined all the same. */
static void
examine_api(struct doctor *d)
{
	struct http_reply reply;

	get(d, "/api/health", NULL, &reply);
	if (reply.untrusted) {
		doctor_say(d, DOCTOR_FAIL, "certificate",
		    "have one that is signed for this name, and send its whole chain",
		    "%s", reply.error);
		d->verify = false;
		http_reply_free(&reply);
		get(d, "/api/health", NULL, &reply);
	}
	d->reachable = reply.status != 0;
	explain_api(d, &reply);
	if (d->reachable) {
		examine_clock(d, &reply);
		examine_certificate(d, &reply);
	}
	http_reply_free(&reply);
}

/* Whatever unio-api says is JSON, be it good or bad. */
static bool
is_ours(const struct http_reply *reply)
{
	static const char json[] = "application/json";

	return strncasecmp(reply->type, json, sizeof(json) - 1) == 0;
}

static bool
is_origin_refused(const struct http_reply *reply)
{
	static const char code[] = "\"origin_refused\"";

	return reply->status == 403 && is_ours(reply) && reply->body.len > 0 &&
	    memmem(reply->body.data, reply->body.len, code, sizeof(code) - 1) != NULL;
}

static void
explain_api(struct doctor *d, const struct http_reply *reply)
{
	const struct conf *conf = d->ctx->conf;

	if (reply->status == 0)
		doctor_say(d, DOCTOR_FAIL, "api", "is the web server running, and is this its address?", "%s: %s",
		    d->origin,
		    reply->error);
	else if (reply->status == 200 && is_ours(reply))
		doctor_say(d, DOCTOR_OK, "api", NULL, "%s/api/health answers in %" PRId64 " ms", d->base,
		    (reply->came_us - reply->sent_us) / US_PER_MS);
	else if (is_origin_refused(reply))
		doctor_say_refused(d, "API");
	else if (is_ours(reply))
		doctor_say(d, DOCTOR_FAIL, "prefix",
		    "the web server's prefix and the key base_path must be the same, in every program",
		    "unio-api does not know the path of %s/api/health (HTTP %ld)", d->base, reply->status);
	else if (reply->status == 502 || reply->status == 503 || reply->status == 504 || reply->status == 500)
		doctor_say(d, DOCTOR_FAIL, "api",
		    doctor_remedy(d, "is unio-api running, and may the web server's user open %s?", conf->api_socket),
		    "the web server cannot reach unio-api (HTTP %ld)", reply->status);
	else
		doctor_say(d, DOCTOR_FAIL, "api",
		    doctor_remedy(d, "the web server must hand %s/api/ to unio-api: etc/*-site.conf show how",
		    conf->base_path),
		    "%s/api/health is answered by somebody else (HTTP %ld)", d->base, reply->status);
}

/* Against the middle of the request; a header tells whole seconds. */
static void
examine_clock(struct doctor *d, const struct http_reply *reply)
{
	int64_t middle_s = (reply->sent_us + reply->came_us) / 2 / US_PER_S, off_s = reply->date_s - middle_s;
	int64_t amount = off_s < 0 ? -off_s : off_s;

	if (reply->date_s == 0)
		doctor_say(d, DOCTOR_SKIP, "clock", NULL, "the web server does not say what time it is");
	else if (amount <= CLOCK_WARN_S)
		doctor_say(d, DOCTOR_OK, "clock", NULL, "the web server's clock and ours agree");
	else
		doctor_say(d, amount > CLOCK_FAIL_S ? DOCTOR_FAIL : DOCTOR_WARN, "clock",
		    "have both machines keep time: systemd-timesyncd or chrony",
		    "the web server's clock is %" PRId64 " s %s ours", amount, off_s > 0 ? "ahead of" : "behind");
}

static void
examine_certificate(struct doctor *d, const struct http_reply *reply)
{
	bool local = is_local(d->page);
	int64_t days = (reply->certificate_s - reply->came_us / US_PER_S) / DAY_S;

	if (strncmp(d->origin, "https://", 8) != 0)
		doctor_say(d, local ? DOCTOR_SKIP : DOCTOR_FAIL, "certificate", local ? NULL :
		    "have the web server speak TLS: browsers give camera and microphone to https pages alone",
		    "no TLS at %s", d->origin);
	else if (!d->verify)
		return;		/* was said */
	else if (reply->certificate_s == 0)
		doctor_say(d, DOCTOR_SKIP, "certificate", NULL, "the TLS library does not say until when it is good");
	else if (days < RENEW_DAYS)
		doctor_say(d, DOCTOR_WARN, "certificate", "renew it, and have the web server read it again",
		    "the certificate is good for %" PRId64 " more days", days);
	else
		doctor_say(d, DOCTOR_OK, "certificate", NULL, "trusted, and good for %" PRId64 " more days", days);
}

/* Browsers trust their own machine without TLS. */
static bool
is_local(const char *origin)
{
	static const char *const hosts[] = { "http://localhost", "http://127.", "http://[::1]" };

	for (size_t i = 0; i < COUNTOF(hosts); i++)
		if (strncmp(origin, hosts[i], strlen(hosts[i])) == 0)
			return true;
	return false;
}

static void
examine_ready(struct doctor *d)
{
	struct http_reply reply;

	get(d, "/api/health/ready", NULL, &reply);
	if (reply.status == 200 && is_ours(&reply))
		doctor_say(d, DOCTOR_OK, "ready", NULL, "the API reaches the database and the signaling daemon");
	else if (reply.status == 503 && is_ours(&reply))
		doctor_say(d, DOCTOR_FAIL, "ready", "unioctl check looks at the database, unioctl stats at the daemon",
		    "the API says: %.*s", (int)reply.body.len, reply.body.data);
	http_reply_free(&reply);
}

/* A token that is none: whether it is missed or found bad tells if it came through. */
static void
examine_authorization(struct doctor *d)
{
	const char *reason, *text = NULL;
	struct http_reply reply;
	struct json *json = NULL;

	get(d, "/api/auth/me", "Bearer doctor", &reply);
	if (reply.status == 401 && is_ours(&reply))
		json = json_parse_object(reply.body.data, reply.body.len, &reason);
	if (json != NULL && json_get_text(json, "error", &text) != 1)
		text = NULL;
	if (text != NULL && strstr(text, "malformed") != NULL)
		doctor_say(d, DOCTOR_OK, "authorization", NULL, "the web server passes the Authorization header on");
	else if (text != NULL)
		doctor_say(d, DOCTOR_FAIL, "authorization",
		    "Apache: CGIPassAuth On in the Location of /api/; elsewhere: pass HTTP_AUTHORIZATION on",
		    "the Authorization header does not reach unio-api");
	json_free(&json);
	http_reply_free(&reply);
}

/* A site may have a page of its own elsewhere. */
static void
examine_page(struct doctor *d)
{
	static const char html[] = "text/html";
	struct http_reply reply;

	get(d, "/", NULL, &reply);
	if (reply.status == 200 && strncasecmp(reply.type, html, sizeof(html) - 1) == 0)
		doctor_say(d, DOCTOR_OK, "page", NULL, "%s/ is a page", d->base);
	else
		doctor_say(d, DOCTOR_WARN, "page",
		    "have the web server serve the directory web/ there, if people shall use it",
		    "there is no page at %s/ (HTTP %ld)", d->base, reply.status);
	http_reply_free(&reply);
}

/* Where there is a list, a page that nobody has heard of must not get in: by it the server shows that it is asked. */
static void
examine_origins(struct doctor *d)
{
	const char *allowed = d->ctx->conf->allowed_origins;
	struct http_reply reply;

	if (*allowed == '\0' || strcmp(allowed, "*") == 0)
		return;
	http_get(arena_printf(d->ctx->arena, "%s/api/health", d->base), STRANGER, NULL, d->verify, &reply);
	if (is_origin_refused(&reply))
		doctor_say(d, DOCTOR_OK, "origin", NULL, "pages of other origins than ours and %s are refused",
		    allowed);
	else
		doctor_say(d, DOCTOR_WARN, "origin",
		    "have the web server pass the header Origin on, and every program read the configuration again",
		    "pages of any origin may use the API (HTTP %ld), though allowed_origins is %s", reply.status,
		    allowed);
	http_reply_free(&reply);
}
