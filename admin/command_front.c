/* What a web server must know of several signaling daemons, in its own words: docs/HOSTING.md says where it goes. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "context.h"
#include "shard.h"

/* %1: the path before the meeting, %2: the pattern of the meetings, %3: the socket, %4: the daemon's number. */
static const struct {
	const char	*server;
	const char	*comment;	/* where it goes */
	const char	*rule;
} fronts[] = {
	{ "lighttpd", "after lighttpd.conf",
	  "$HTTP[\"url\"] =~ \"^%1/ws/meeting/%2/?$\" {\n"
	  "\tproxy.server = ( \"\" => ((\n"
	  "\t\t\"socket\"       => \"%3\",\n"
	  "\t\t\"disable-time\" => 0,\n"
	  "\t)))\n"
	  "}\n" },
	{ "nginx", "into the meetings' location of nginx.conf, which includes it",
	  "location ~ \"^%1/ws/meeting/%2/?$\" {\n"
	  "\tproxy_pass \"http://unix:%3\";\n"
	  "}\n" },
	{ "apache", "before apache.conf",
	  "ProxyPassMatch \"^%1/ws/meeting/%2/?$\" \"unix:%3|http://unio-ws-%4\" \\\n"
	  "\tupgrade=websocket nocanon retry=0 timeout=75 disablereuse=on\n" },
	{ "caddy", "before caddy.conf",
	  "@unio_ws_%4 path_regexp ^%1/ws/meeting/%2/?$\n"
	  "handle @unio_ws_%4 {\n"
	  "\treverse_proxy unix/%3 {\n"
	  "\t\ttrusted_proxies 0.0.0.0/0 ::/0\n"
	  "\t}\n"
	  "}\n" },
};

static void	add_rule(struct buf *, const char *, const struct conf *, int);
static void	add_value(struct buf *, char, const struct conf *, const struct shard *);
static void	add_literal(struct buf *, const char *);

enum outcome
command_front(struct context *ctx)
{
	const char *server = ctx->args->operands[0];
	const struct conf *conf = ctx->conf;
	struct buf text = { 0 };
	size_t i;

	for (i = 0; i < COUNTOF(fronts) && strcmp(fronts[i].server, server) != 0; i++)
		continue;
	if (i == COUNTOF(fronts))
		return context_fail(ctx, OUTCOME_USAGE, "%s: unknown; there are lighttpd, nginx, apache and caddy",
		    server);
	buf_addf(&text, "# The meetings of daemons 2 to %" PRId64 " of %" PRId64 ", %s. Made by unioctl front.\n",
	    conf->daemons, conf->daemons, fronts[i].comment);
	if (conf->daemons == 1) {
		buf_clear(&text);
		buf_adds(&text, "# There is one signaling daemon: nothing to add. Made by unioctl front.\n");
	}
	for (int daemon = 2; daemon <= conf->daemons; daemon++)
		add_rule(&text, fronts[i].rule, conf, daemon);
	buf_add(&ctx->text, text.data, text.len);
	emit_object(&ctx->json, NULL);
	emit_int(&ctx->json, "daemons", conf->daemons);
	emit_text(&ctx->json, "rules", text.data);
	emit_end(&ctx->json);
	buf_free(&text);
	return OUTCOME_DONE;
}

static void
add_rule(struct buf *out, const char *rule, const struct conf *conf, int daemon)
{
	const struct shard shard = { .daemons = (int)conf->daemons, .own = daemon };

	for (; *rule != '\0'; rule++)
		if (rule[0] == '%')
			add_value(out, *++rule, conf, &shard);
		else
			buf_addc(out, *rule);
}

static void
add_value(struct buf *out, char which, const struct conf *conf, const struct shard *shard)
{
	char *socket;

	switch (which) {
	case '1':
		add_literal(out, conf->base_path);
		break;
	case '2':
		shard_pattern(shard, out);
		break;
	case '3':
		socket = shard_name(conf->ws_socket, shard->own);
		buf_adds(out, socket);
		free(socket);
		break;
	default:
		buf_addf(out, "%d", shard->own);
	}
}

/* For a regular expression: a dot in the path is a dot. */
static void
add_literal(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		buf_addf(out, strchr(".+*?()[]{}|$", *text) != NULL ? "[%c]" : "%c", *text);
}
