#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>

#include "bounds.h"
#include "cork.h"
#include "log.h"
#include "mem.h"
#include "newcomer.h"
#include "password.h"
#include "pieces.h"
#include "remote.h"
#include "str.h"
#include "upgrade.h"
#include "wire.h"
#include "ws.h"
#include "wsmem.h"

/* What the library keeps for us with each WebSocket. */
struct ws_link {
	struct conn	*conn;
	struct loop_io	*probe;		/* waits for any byte, also one that the library does not tell of */
	struct pieces	*pieces;	/* of a message that did not come in one */
	bool		 stopped;	/* reading is stopped */
	bool		 corked;	/* until its first frames */
	bool		 ended;		/* a close frame has been sent, or has come */
};

struct ws {
	struct loop		*loop;
	struct hub		*hub;
	struct lws_context	*context;
	struct lws_vhost	*vhost;
	size_t			 count;
	loop_call		*gone;
	void			*gone_arg;
	unsigned char		 gather[LWS_PRE + BOUND_GATHER];
	char			 header[BOUND_HEADERS + 1];	/* one of the upgrade's */
};

static int	callback(struct lws *, enum lws_callback_reasons, void *, void *, size_t);
static int	on_upgrade(struct ws *, struct lws *);
static int	on_established(struct ws *, struct lws *, struct ws_link *);
static int	on_receive(struct ws *, struct lws *, struct ws_link *, const char *, size_t);
static int	on_writeable(struct ws *, struct lws *, struct ws_link *);
static int	on_peer_close(struct ws *, struct lws *, struct ws_link *, unsigned char *, size_t);
static int	on_closed(struct ws *, struct ws_link *);
static void	read_hello(struct ws *, struct lws *, struct hello *);
static bool	read_header(struct ws *, struct lws *, enum lws_token_indexes);
static void	client_address(struct ws *, struct lws *, char[LIMIT_ADDRESS]);
static void	follow_pause(struct lws *, struct ws_link *);
static void	on_probe(void *, int);
static void	on_late(void *, void *);
static void	forget_newcomer(struct lws *);
static int	send_out(struct ws *, struct lws *, struct conn *);
static void	flush(struct ws *, struct conn *);
static int	send_close(struct lws *, struct ws_link *, int);
static void	hang_up(struct lws *);
static void	log_line(int, const char *);

/* Pings and the hanging up are the hub's: the library's timers cost too much per connection. */
static const lws_retry_bo_t no_timers = { .secs_since_valid_ping = 0, .secs_since_valid_hangup = 0 };

/* The first serves those who name no subprotocol, and HTTP; nobody can ask for its name. */
static const struct lws_protocols protocols[] = {
	{ "-", callback, sizeof(struct ws_link), BOUND_RECEIVE, 0, NULL, BOUND_GATHER },
	{ "unio.v1", callback, sizeof(struct ws_link), BOUND_RECEIVE, 0, NULL, BOUND_GATHER },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

struct ws *
ws_new(struct loop *loop, struct hub *hub, loop_call *gone, void *arg)
{
	struct ws				*ws = mem_calloc(1, sizeof(*ws));
	void					*native = loop_native(loop);
	struct lws_context_creation_info	 info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.vhost_name = "unio",
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_LIBEV,
		.foreign_loops = &native,
		.retry_and_idle_policy = &no_timers,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.user = ws,
		.server_string = "unio",
		.pt_serv_buf_size = BOUND_RECEIVE,
		.max_http_header_data = BOUND_HEADERS,
		.max_http_header_pool = BOUND_HEADER_POOL,
		.timeout_secs = (unsigned)MAX(hub->conf->handshake_timeout / US_PER_S, 1),
	};

	*ws = (struct ws){ .loop = loop, .hub = hub, .gone = gone, .gone_arg = arg };
	lws_set_log_level(LLL_ERR, log_line);
	if (strncmp(lws_get_library_version(), wsmem_version, strlen(wsmem_version)) == 0)
		lws_set_allocator(wsmem_realloc);
	ws->context = lws_create_context(&info);
	if (ws->context != NULL)
		ws->vhost = lws_get_vhost_by_name(ws->context, info.vhost_name);
	if (ws->vhost == NULL)
		ws_free(&ws);
	return ws;
}

void
ws_free(struct ws **wsp)
{
	struct ws *ws = *wsp;

	*wsp = NULL;
	if (ws == NULL)
		return;
	lws_context_destroy(ws->context);
	free(ws);
}

void
ws_adopt(struct ws *ws, int fd)
{
	struct lws *wsi = lws_adopt_socket_vhost(ws->vhost, fd);

	if (wsi != NULL)
		lws_set_opaque_user_data(wsi, newcomer_new(ws->hub, on_late, wsi));
}

void
ws_flush(struct ws *ws)
{
	struct conn *conn;

	ws->hub->pool.made = 0;
	while ((conn = hub_next_dirty(ws->hub)) != NULL)
		flush(ws, conn);
}

size_t
ws_count(const struct ws *ws)
{
	return ws->count;
}

static int
callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct ws	*ws = lws_context_user(lws_get_context(wsi));
	struct ws_link	*link = user;

	switch (reason) {
	case LWS_CALLBACK_WSI_CREATE:
		ws->count++;
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		ws->count--;
		forget_newcomer(wsi);
		ws->gone(ws->gone_arg);
		return 0;
	case LWS_CALLBACK_HTTP:
		/* a request that is no upgrade */
		return lws_return_http_status(wsi, 426, NULL) == 0 && lws_http_transaction_completed(wsi) == 0 ? 0 : -1;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		/* the library would speak HTTP/2 too (h2c), past all limits */
		return strcasecmp(in, "websocket") == 0 ? on_upgrade(ws, wsi) : -1;
	case LWS_CALLBACK_ESTABLISHED:
		return on_established(ws, wsi, link);
	case LWS_CALLBACK_RECEIVE:
		return on_receive(ws, wsi, link, in, len);
	case LWS_CALLBACK_RECEIVE_PONG:
		hub_pong(ws->hub, link->conn, in, len);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return on_writeable(ws, wsi, link);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		return on_peer_close(ws, wsi, link, in, len);
	case LWS_CALLBACK_CLOSED:
		return on_closed(ws, link);
	default:
		return 0;
	}
}

/* What HTTP says, it says in one piece, after which the connection is closed; the rest is said in a frame. */
static int
on_upgrade(struct ws *ws, struct lws *wsi)
{
	struct upgrade	 upgrade = { .get = lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0 };
	struct newcomer	*newcomer = lws_get_opaque_user_data(wsi);
	const char	*reply;

	(void)lws_hdr_copy(wsi, upgrade.version, sizeof(upgrade.version), WSI_TOKEN_VERSION);
	(void)lws_hdr_copy(wsi, upgrade.key, sizeof(upgrade.key), WSI_TOKEN_KEY);
	upgrade.named = lws_hdr_copy(wsi, upgrade.origin, sizeof(upgrade.origin), WSI_TOKEN_ORIGIN) != 0;
	(void)lws_hdr_copy(wsi, upgrade.host, sizeof(upgrade.host), WSI_TOKEN_HOST);
	client_address(ws, wsi, newcomer->address);
	str_copy(upgrade.address, sizeof(upgrade.address), newcomer->address);
	reply = upgrade_refusal(ws->hub, &upgrade);
	if (reply == NULL) {
		newcomer->corked = cork_put(lws_get_socket_fd(wsi));
		return 0;
	}
	memcpy(ws->gather + LWS_PRE, reply, strlen(reply));
	(void)lws_write(wsi, ws->gather + LWS_PRE, strlen(reply), LWS_WRITE_HTTP);
	return -1;
}

static int
on_established(struct ws *ws, struct lws *wsi, struct ws_link *link)
{
	const struct newcomer	*newcomer = lws_get_opaque_user_data(wsi);
	struct hello		 hello;

	*link = (struct ws_link){ .corked = newcomer->corked };
	hello_init(&hello);
	read_hello(ws, wsi, &hello);
	link->conn = hub_open(ws->hub, &hello, newcomer->address, wsi);
	forget_newcomer(wsi);
	follow_pause(wsi, link);
	conn_touch(link->conn);
	return 0;
}

static void
read_hello(struct ws *ws, struct lws *wsi, struct hello *hello)
{
	const struct conf	*conf = ws->hub->conf;
	const int		 size = sizeof(ws->header);
	int			 i;

	if (read_header(ws, wsi, WSI_TOKEN_GET_URI))
		hello_path(hello, conf->base_path, ws->header);
	if (read_header(ws, wsi, WSI_TOKEN_PROTOCOL))
		hello_protocols(hello, ws->header);
	if (read_header(ws, wsi, WSI_TOKEN_HTTP_AUTHORIZATION))
		hello_authorization(hello, ws->header);
	for (i = 0; lws_hdr_copy_fragment(wsi, ws->header, size, WSI_TOKEN_HTTP_URI_ARGS, i) >= 0; i++)
		hello_argument(hello, ws->header, conf->allow_query_token);
	password_wipe(ws->header, sizeof(ws->header));
}

static bool
read_header(struct ws *ws, struct lws *wsi, enum lws_token_indexes token)
{
	return lws_hdr_copy(wsi, ws->header, sizeof(ws->header), token) > 0;
}

static void
client_address(struct ws *ws, struct lws *wsi, char address_r[LIMIT_ADDRESS])
{
	const char *forwarded_for = read_header(ws, wsi, WSI_TOKEN_X_FORWARDED_FOR) ? ws->header : NULL;

	remote_client(lws_get_socket_fd(wsi), ws->hub->conf->trusted_proxies, forwarded_for, address_r);
}

static int
on_receive(struct ws *ws, struct lws *wsi, struct ws_link *link, const char *in, size_t len)
{
	size_t		rest = lws_remaining_packet_payload(wsi);
	bool		last = lws_is_final_fragment(wsi) && rest == 0;
	struct slice	text = { .p = in, .n = len };
	int		fault = CLOSING_BINARY;

	hub_alive(ws->hub, link->conn);
	if (link->conn->state == CONN_CLOSING)
		return 0;
	if (!lws_frame_is_binary(wsi))
		fault = pieces_take(&link->pieces, &text, rest, last, (size_t)ws->hub->conf->max_frame_bytes);
	if (fault != 0) {
		/* closed from on_writeable(): the library would hang up here, and the close frame be lost */
		hub_leave(ws->hub, link->conn, fault);
		return 0;
	}
	if (!last)
		return 0;
	hub_input(ws->hub, link->conn, text.p, text.n);
	pieces_free(&link->pieces);
	follow_pause(wsi, link);
	/* so much that it would leave the processor's cache before it is written */
	if (ws->hub->pool.made >= BOUND_MADE)
		ws_flush(ws);
	return 0;
}

static int
on_writeable(struct ws *ws, struct lws *wsi, struct ws_link *link)
{
	struct conn *conn = link->conn;

	if (conn->cut || send_out(ws, wsi, conn) == -1)
		return -1;
	if (conn->out.count > 0 || lws_partial_buffered(wsi))
		lws_callback_on_writable(wsi);
	else if (conn->state == CONN_CLOSING && !link->ended)
		return send_close(wsi, link, conn->close);
	return 0;
}

/* What was asked before is answered; then the library answers the close frame with what stands in it, and closes. */
static int
on_peer_close(struct ws *ws, struct lws *wsi, struct ws_link *link, unsigned char *in, size_t len)
{
	int fault = wire_close(in, len);

	if (send_out(ws, wsi, link->conn) == -1)
		return -1;
	if (fault != 0) {
		hub_leave(ws->hub, link->conn, fault);
		return send_close(wsi, link, fault);
	}
	link->ended = true;
	hub_leave(ws->hub, link->conn, len >= 2 ? closing_by_client(in[0] << 8 | in[1]) : CLOSING_CLIENT);
	return 0;
}

static int
on_closed(struct ws *ws, struct ws_link *link)
{
	loop_io_free(&link->probe);
	pieces_free(&link->pieces);
	if (link->conn != NULL)
		hub_lost(ws->hub, &link->conn);
	return 0;
}

/* Everything that is to be done for one connection outside of the library's callbacks. */
static void
flush(struct ws *ws, struct conn *conn)
{
	struct lws	*wsi = conn->edge;
	struct ws_link	*link = lws_wsi_user(wsi);
	bool		 resumed = link->stopped && !conn->paused;

	/* the library has found a fault: nothing may follow its close frame, which may be out */
	if (!link->ended && lws_get_close_length(wsi) > 0) {
		link->ended = true;
		hub_leave(ws->hub, conn, CLOSING_PROTOCOL);
	}
	follow_pause(wsi, link);
	if (conn->probed && link->probe == NULL)
		link->probe = loop_io_new(ws->loop, lws_get_socket_fd(wsi), LOOP_READ, on_probe, link);
	if (conn->cut || send_out(ws, wsi, conn) == -1)
		hang_up(wsi);
	else if (conn->out.count > 0 || conn->state == CONN_CLOSING || resumed)
		/* resumed: what the library has read already it looks at only after an event of this socket */
		lws_callback_on_writable(wsi);
	/* who is being checked is told something soon */
	if (link->corked && conn->state != CONN_CHECKING) {
		link->corked = false;
		cork_pull(lws_get_socket_fd(wsi));
	}
}

/* The library swallows empty pongs; but any byte is a sign of life. */
static void
on_probe(void *arg, int events)
{
	struct ws_link *link = arg;

	(void)events;
	loop_io_free(&link->probe);
	hub_alive(link->conn->hub, link->conn);
}

static void
on_late(void *context, void *owner)
{
	(void)context;
	hang_up(owner);
}

static void
forget_newcomer(struct lws *wsi)
{
	struct newcomer *newcomer = lws_get_opaque_user_data(wsi);

	lws_set_opaque_user_data(wsi, NULL);
	newcomer_free(&newcomer);
}

/* Within a callback, the library stops before the next frame of what it has read. */
static void
follow_pause(struct lws *wsi, struct ws_link *link)
{
	if (link->stopped == link->conn->paused)
		return;
	link->stopped = link->conn->paused;
	lws_rx_flow_control(wsi, !link->stopped);
}

/* While a partial write is buffered in the library, nothing else may be written.  -1: the socket is dead. */
static int
send_out(struct ws *ws, struct lws *wsi, struct conn *conn)
{
	unsigned char	*start = ws->gather + LWS_PRE;
	struct message	*message;
	size_t		 n, queued = conn->out.count, bytes = conn->out.bytes;
	int		 i, rc = 0;

	for (i = 0; i < BOUND_WRITES_A_TURN && rc >= 0; i++) {
		if (conn->out.count == 0 || lws_partial_buffered(wsi))
			break;
		n = outq_gather(&conn->out, &ws->hub->pool, start, BOUND_GATHER);
		if (n > 0) {
			rc = lws_write(wsi, start, n, LWS_WRITE_HTTP);
			continue;
		}
		/* larger than the gathering buffer */
		message = outq_pop(&conn->out);
		rc = lws_write(wsi, message->data, message->len, LWS_WRITE_HTTP);
		message_unref(&ws->hub->pool, &message);
	}
	tally_sent(&ws->hub->tally, queued - conn->out.count, bytes - conn->out.bytes);
	return rc < 0 ? -1 : 0;
}

/* -1 makes the library send it and close. */
static int
send_close(struct lws *wsi, struct ws_link *link, int code)
{
	const char	*text = closing_find(code)->code;
	unsigned char	 reason[64];
	size_t		 n = MIN(strlen(text), sizeof(reason));

	link->ended = true;
	memcpy(reason, text, n);	/* no string: NOLINT(bugprone-not-null-terminated-result) */
	lws_close_reason(wsi, (enum lws_close_status)code, reason, n);
	return -1;
}

/* The library notices at the next turn, and closes from its own callback. */
static void
hang_up(struct lws *wsi)
{
	shutdown(lws_get_socket_fd(wsi), SHUT_RDWR);
	lws_rx_flow_control(wsi, 1);
	lws_callback_on_writable(wsi);
}

static void
log_line(int level, const char *line)
{
	(void)level;
	log_warn("libwebsockets", LOG_TEXT("text", line));
}
