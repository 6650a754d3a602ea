#include <sys/socket.h>

#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "doctor.h"
#include "http.h"
#include "json.h"
#include "str.h"
#include "stun.h"
#include "turn.h"

#define DATAGRAM	1500	/* RFC 8489 6.1: no answer is larger */
#define UNAUTHORIZED	401
#define RTO_MS		500	/* RFC 8489 6.2.1, doubled at each of ... */
#define TRIES		3
#define ANSWER_US	(10 * US_PER_S)	/* in all, whatever else comes meanwhile */

enum transport { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS };

/* One URL of ice_urls, and the connection to it. */
struct relay {
	const char		*url;
	bool			 turn;
	enum transport		 transport;
	const char		*host, *port;	/* an IPv6 address in brackets */
	const char		*username, *password;
	int			 fd;		/* -1: stream */
	struct http_stream	*stream;
	struct buf		 out, in;
	char			 error[HTTP_ERROR];
};

static void	examine_server(struct doctor *, const struct json *);
static void	examine_url(struct doctor *, const char *, const char *, const char *);
static bool	read_url(struct arena *, const char *, struct relay *);
static bool	open_relay(struct arena *, struct relay *);
static int	open_datagram(struct arena *, const struct relay *);
static void	close_relay(struct relay *);
static bool	ask(struct relay *, enum stun_method, const struct stun_credential *, struct stun_reply *);
static bool	ask_datagram(struct relay *, const unsigned char *, struct stun_reply *);
static bool	ask_stream(struct relay *, const unsigned char *, struct stun_reply *);
static void	examine_stun(struct doctor *, struct relay *);
static void	examine_turn(struct doctor *, struct relay *);
static void	allocate(struct doctor *, struct relay *, const struct stun_reply *);
static void	say_silent(struct doctor *, const struct relay *);
static void	say_error(struct doctor *, const struct relay *, const struct stun_reply *, const char *);

/* With the credentials that a browser would get; for user 0, who is nobody. */
void
doctor_turn_examine(struct doctor *d)
{
	const struct conf *conf = d->ctx->conf;
	const struct json *servers = NULL;
	struct buf text = { 0 };
	struct emit e = emit_into(&text);
	struct json *json = NULL;
	char error[512];
	struct turn *turn = turn_open(conf->ice_urls, conf->turn_secret_file, conf->turn_ttl, error, sizeof(error));

	if (*conf->ice_urls == '\0') {
		doctor_say(d, DOCTOR_WARN, "turn",
		    "run coturn and name it in ice_urls and turn_secret_file: docs/TURN.md",
		    "no STUN or TURN server: people behind strict networks see and hear nobody");
	} else if (turn == NULL) {
		doctor_say(d, DOCTOR_FAIL, "turn", "mend ice_urls or turn_secret_file, then unioctl reload", "%s",
		    error);
	} else {
		emit_object(&e, NULL);
		turn_emit(&e, "servers", turn, 0, d->ctx->now_us);
		emit_end(&e);
		json = json_parse_object(text.data, text.len, &(const char *){ NULL });
	}
	if (json != NULL && json_get_array(json, "servers", &servers) == 1)
		for (size_t i = 0; i < json_array_length(servers); i++)
			examine_server(d, json_array_item(servers, i));
	json_free(&json);
	buf_free(&text);
	turn_free(&turn);
}

static void
examine_server(struct doctor *d, const struct json *server)
{
	const char *username = NULL, *password = NULL, *url;
	const struct json *urls = NULL;

	if (json_get_array(server, "urls", &urls) != 1)
		return;
	if (json_get_text(server, "username", &username) != 1 || json_get_text(server, "credential", &password) != 1)
		username = password = NULL;
	for (size_t i = 0; i < json_array_length(urls); i++)
		if (json_as_text(json_array_item(urls, i), &url) == 1)
			examine_url(d, url, username, password);
}

static void
examine_url(struct doctor *d, const char *url, const char *username, const char *password)
{
	struct relay relay = { .url = url, .username = username, .password = password, .fd = -1 };

	if (!read_url(d->ctx->arena, url, &relay))
		doctor_say(d, DOCTOR_SKIP, "turn", NULL, "%s: not something this can ask", url);
	else if (!open_relay(d->ctx->arena, &relay))
		doctor_say(d, DOCTOR_FAIL, "turn", "is the server running, and its port open?", "%s: %s", url,
		    relay.error);
	else if (relay.turn)
		examine_turn(d, &relay);
	else
		examine_stun(d, &relay);
	close_relay(&relay);
}

/* RFC 7064 3.1, RFC 7065 3.1; DTLS is what nobody asks for. */
static bool
read_url(struct arena *arena, const char *url, struct relay *relay)
{
	const char *host = strchr(url, ':') + 1, *query = strchrnul(host, '?'), *port;
	size_t scheme = (size_t)(host - 1 - url);
	bool secure = url[scheme - 1] == 's';

	relay->turn = *url == 't';
	relay->transport = secure ? TRANSPORT_TLS :
	    strcmp(query, "?transport=tcp") == 0 ? TRANSPORT_TCP : TRANSPORT_UDP;
	port = memrchr(host, ':', (size_t)(query - host));
	if (port != NULL && memchr(port, ']', (size_t)(query - port)) != NULL)
		port = NULL;
	relay->port = secure ? "5349" : "3478";
	if (port != NULL)
		relay->port = arena_strndup(arena, port + 1, (size_t)(query - port - 1));
	relay->host = arena_strndup(arena, host, (size_t)((port != NULL ? port : query) - host));
	return !secure || strcmp(query, "?transport=udp") != 0;
}

static bool
open_relay(struct arena *arena, struct relay *relay)
{
	const char *scheme = relay->transport == TRANSPORT_TLS ? "https" : "http";

	if (relay->transport == TRANSPORT_UDP) {
		if ((relay->fd = open_datagram(arena, relay)) == -1)
			str_copy(relay->error, sizeof(relay->error), "no such host");
		return relay->fd != -1;
	}
	relay->stream = http_connect(arena_printf(arena, "%s://%s:%s/", scheme, relay->host, relay->port), true,
	    relay->error);
	return relay->stream != NULL;
}

static int
open_datagram(struct arena *arena, const struct relay *relay)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	bool brackets = relay->host[0] == '[';
	const char *host = brackets ? arena_strndup(arena, relay->host + 1, strcspn(relay->host + 1, "]")) :
	    relay->host;
	struct addrinfo *list, *a;
	int fd = -1;

	if (getaddrinfo(host, relay->port, &hints, &list) != 0)
		return -1;
	for (a = list; a != NULL && fd == -1; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (fd != -1 && connect(fd, a->ai_addr, a->ai_addrlen) == -1) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(list);
	return fd;
}

static void
close_relay(struct relay *relay)
{
	if (relay->fd != -1)
		close(relay->fd);
	http_close(&relay->stream);
	buf_free(&relay->out);
	buf_free(&relay->in);
}

static bool
ask(struct relay *relay, enum stun_method method, const struct stun_credential *credential, struct stun_reply *reply_r)
{
	unsigned char id[STUN_ID];

	stun_request(&relay->out, method, credential, id);
	return relay->fd != -1 ? ask_datagram(relay, id, reply_r) : ask_stream(relay, id, reply_r);
}

/* Sent again when nothing comes back. */
static bool
ask_datagram(struct relay *relay, const unsigned char *id, struct stun_reply *reply_r)
{
	struct pollfd watch = { .fd = relay->fd, .events = POLLIN };
	const int64_t deadline_us = clock_mono_us() + ANSWER_US;
	ssize_t n;

	for (int i = 0; i < TRIES; i++) {
		if (send(relay->fd, relay->out.data, relay->out.len, 0) == -1)
			continue;
		while (clock_mono_us() < deadline_us && poll(&watch, 1, RTO_MS << i) == 1) {
			buf_clear(&relay->in);
			if ((n = recv(relay->fd, buf_reserve(&relay->in, DATAGRAM), DATAGRAM, 0)) == -1)
				break;
			relay->in.len = (size_t)n;
			if (stun_read((struct slice){ relay->in.data, relay->in.len }, id, reply_r))
				return true;
		}
	}
	return false;
}

static bool
ask_stream(struct relay *relay, const unsigned char *id, struct stun_reply *reply_r)
{
	const int64_t deadline_us = clock_mono_us() + ANSWER_US;

	buf_clear(&relay->in);
	if (!http_send(relay->stream, relay->out.data, relay->out.len))
		return false;
	while (stun_length((struct slice){ relay->in.data, relay->in.len }) == 0)
		if (clock_mono_us() > deadline_us || !http_receive(relay->stream, &relay->in))
			return false;
	return stun_read((struct slice){ relay->in.data, relay->in.len }, id, reply_r);
}

static void
examine_stun(struct doctor *d, struct relay *relay)
{
	struct stun_reply reply;

	if (!ask(relay, STUN_BINDING, NULL, &reply))
		say_silent(d, relay);
	else if (reply.success)
		doctor_say(d, DOCTOR_OK, "turn", NULL, "%s answers", relay->url);
	else
		say_error(d, relay, &reply, "have the server answer STUN to everybody");
}

/* Every server first asks for a credential, and says for which realm. */
static void
examine_turn(struct doctor *d, struct relay *relay)
{
	struct stun_reply reply;

	if (!ask(relay, STUN_ALLOCATE, NULL, &reply))
		say_silent(d, relay);
	else if (reply.success)
		doctor_say(d, DOCTOR_FAIL, "turn", "have it ask for credentials: use-auth-secret in coturn",
		    "%s relays for anybody who asks", relay->url);
	else if (reply.error == UNAUTHORIZED && relay->username != NULL)
		allocate(d, relay, &reply);
	else
		say_error(d, relay, &reply, "look into the TURN server's log");
}

static void
allocate(struct doctor *d, struct relay *relay, const struct stun_reply *challenge)
{
	struct arena *arena = d->ctx->arena;
	const struct stun_credential credential = {
		.username = relay->username, .password = relay->password,
		.realm = { arena_strndup(arena, challenge->realm.p, challenge->realm.n), challenge->realm.n },
		.nonce = { arena_strndup(arena, challenge->nonce.p, challenge->nonce.n), challenge->nonce.n },
	};
	struct stun_reply reply;

	if (!ask(relay, STUN_ALLOCATE, &credential, &reply))
		say_silent(d, relay);
	else if (reply.success) {
		doctor_say(d, DOCTOR_OK, "turn", NULL, "%s takes our credentials and gives a relay address",
		    relay->url);
		(void)!ask(relay, STUN_REFRESH, &credential, &reply);
	} else if (reply.error == UNAUTHORIZED)
		doctor_say(d, DOCTOR_FAIL, "turn",
		    "turn_secret_file must hold the TURN server's static-auth-secret, and the clocks must agree",
		    "%s does not take our credentials", relay->url);
	else
		say_error(d, relay, &reply, "look into the TURN server's log");
}

static void
say_silent(struct doctor *d, const struct relay *relay)
{
	doctor_say(d, DOCTOR_FAIL, "turn", "is the server running, and may its port be reached from here?",
	    "%s does not answer", relay->url);
}

static void
say_error(struct doctor *d, const struct relay *relay, const struct stun_reply *reply, const char *remedy)
{
	doctor_say(d, DOCTOR_FAIL, "turn", remedy, "%s: error %d %.*s", relay->url, reply->error, (int)reply->reason.n,
	    reply->reason.p);
}
