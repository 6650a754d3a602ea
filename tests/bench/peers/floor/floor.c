/*
 * floor: the least that a server can do and still do the work: what the machine allows.
 *
 *	floor ADDRESS [lose | double | swap | misroute]	(unix:PATH or tcp:HOST:PORT)
 *
 * One thread, epoll, everything in place: frames are unmasked where they lie, copied once into each recipient's output,
 * and each recipient's output is written once a turn. It takes every token's claims at their word, looks nobody up in
 * any database, parses no JSON (the beginning of a message says what it is), limits nothing, logs nothing, and forgets
 * who has left. Nobody should run it; whoever is faster does less. With a second word it does that to every hundredth
 * message, to prove that the load generator notices.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include <err.h>
#include <errno.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../load/address.h"

#define ROOMS	4096
#define FRAME	(64 * 1024)
#define EVENTS	512
#define GUID	"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"	/* RFC 6455 1.3 */

struct conn {
	int		 fd, room;
	bool		 upgraded, closing, dirty, waiting;
	struct conn	*next;		/* in the room */
	struct conn	*next_dirty;
	char		*rest;		/* the beginning of a frame */
	size_t		 rest_n;
	char		*out;
	size_t		 out_n, out_cap;
	char		*who;		/* "user_id":1,"email":"…",…  without braces */
	char		 from[128];	/* ,"from_user":1,"from_session":"…"} */
	char		 from_email[384];
};

struct floor {
	int		 epoll, listener, sessions;
	struct conn	*room[ROOMS];
	struct conn	*dirty;
	char		 in[2 * FRAME];
	const char	*fault;		/* NULL: none */
	unsigned	 relayed;
	char		 held[FRAME];	/* to be swapped with the sender's next */
	size_t		 held_n;
	struct conn	*held_from;
};

static void	accept_some(struct floor *);
static void	serve(struct floor *, struct conn *, uint32_t);
static size_t	upgrade(struct floor *, struct conn *, char *, size_t);
static bool	read_claims(struct floor *, struct conn *, const char *);
static size_t	claim(const char *, const char *, char *, size_t);
static void	enter(struct floor *, struct conn *);
static size_t	take_frame(struct floor *, struct conn *, unsigned char *, size_t);
static void	relay(struct floor *, struct conn *, int, const char *, size_t);
static void	relay_badly(struct floor *, struct conn *, const char *, size_t);
static void	tell(struct floor *, struct conn *, const char *, const struct conn *);
static void	put(struct floor *, struct conn *, int, const char *, size_t, const char *, size_t, const char *,
    size_t);
static char	*reserve(struct floor *, struct conn *, size_t);
static void	flush(struct floor *, struct conn *);
static void	want(struct floor *, struct conn *, uint32_t);
static void	leave(struct floor *, struct conn *);

int
main(int argc, char **argv)
{
	static struct floor	 floor;
	struct epoll_event	 event[EVENTS] = { { .events = EPOLLIN } };
	struct address		 address;
	struct rlimit		 files;
	struct conn		*conn;
	int			 i, n, on = 1;

	if (argc != 2 && argc != 3)
		errx(2, "usage: floor ADDRESS [FAULT]");
	floor.fault = argv[2];
	signal(SIGPIPE, SIG_IGN);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	address_parse(&address, argv[1]);
	floor.listener = address_listen(&address);
	/* inherited; else most of its sending would be done in the load generator's time, when that acknowledges */
	(void)setsockopt(floor.listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	floor.epoll = epoll_create1(0);
	epoll_ctl(floor.epoll, EPOLL_CTL_ADD, floor.listener, event);
	for (;;) {
		n = epoll_wait(floor.epoll, event, EVENTS, -1);
		for (i = 0; i < n; i++) {
			if (event[i].data.ptr == NULL)
				accept_some(&floor);
			else
				serve(&floor, event[i].data.ptr, event[i].events);
		}
		while ((conn = floor.dirty) != NULL) {
			floor.dirty = conn->next_dirty;
			conn->dirty = false;
			flush(&floor, conn);
		}
	}
}

static void
accept_some(struct floor *floor)
{
	struct epoll_event	 event = { .events = EPOLLIN };
	struct conn		*conn;
	int			 fd = accept4(floor->listener, NULL, NULL, SOCK_NONBLOCK);

	if (fd == -1)
		return;
	conn = calloc(1, sizeof(*conn));
	if (conn == NULL)
		err(1, NULL);
	conn->fd = fd;
	event.data.ptr = conn;
	epoll_ctl(floor->epoll, EPOLL_CTL_ADD, fd, &event);
}

static void
serve(struct floor *floor, struct conn *conn, uint32_t events)
{
	size_t	n = conn->rest_n, used = 0, one;
	ssize_t	got;

	if ((events & EPOLLOUT) != 0)
		flush(floor, conn);
	if (n > 0)
		memcpy(floor->in, conn->rest, n);
	got = recv(conn->fd, floor->in + n, sizeof(floor->in) - n, 0);
	if (got == -1 && errno == EAGAIN)
		return;
	if (got <= 0) {
		conn->closing = true;
		flush(floor, conn);
		return;
	}
	n += (size_t)got;
	if (!conn->upgraded)
		used = upgrade(floor, conn, floor->in, n);
	while (conn->upgraded && !conn->closing &&
	    (one = take_frame(floor, conn, (unsigned char *)floor->in + used, n - used)) > 0)
		used += one;
	conn->rest_n = n - used;
	if (conn->rest_n == 0)
		return;
	conn->rest = realloc(conn->rest, conn->rest_n);
	memcpy(conn->rest, floor->in + used, conn->rest_n);
}

static size_t
upgrade(struct floor *floor, struct conn *conn, char *p, size_t n)
{
	unsigned char	 digest[EVP_MAX_MD_SIZE];
	char		 text[24 + sizeof(GUID)], accept[32], *end = memmem(p, n, "\r\n\r\n", 4), *key, *bearer;
	char		 reply[256];
	unsigned	 digest_n;

	if (end == NULL)
		return 0;
	*end = '\0';
	key = strcasestr(p, "\r\nSec-WebSocket-Key: ");
	bearer = strcasestr(p, "\r\nAuthorization: Bearer ");
	if (key == NULL || bearer == NULL || sscanf(p, "GET /ws/meeting/%d/", &conn->room) != 1 ||
	    conn->room < 0 || conn->room >= ROOMS || !read_claims(floor, conn, bearer + 24)) {
		conn->closing = true;
		return n;
	}
	snprintf(text, sizeof(text), "%.24s" GUID, key + 21);
	EVP_Digest(text, strlen(text), digest, &digest_n, EVP_sha1(), NULL);
	EVP_EncodeBlock((unsigned char *)accept, digest, (int)digest_n);
	snprintf(reply, sizeof(reply),
	    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: unio.v1\r\n\r\n", accept);
	memcpy(reserve(floor, conn, strlen(reply)), reply, strlen(reply));
	conn->upgraded = true;
	enter(floor, conn);
	return (size_t)(end - p) + 4;
}

/* The middle part of the token, base64url; whoever signed it. */
static bool
read_claims(struct floor *floor, struct conn *conn, const char *token)
{
	char	 text[4096], claims[4096] = "", user[32], email[256], name[256], who[768], *part, *p;
	size_t	 n;

	snprintf(text, sizeof(text) - 4, "%s", token);
	part = strchr(text, '.');
	if (part == NULL || (n = strcspn(++part, ".\r\n")) == 0)
		return false;
	for (p = part; p < part + n; p++)
		*p = *p == '-' ? '+' : *p == '_' ? '/' : *p;
	for (; n % 4 != 0; n++)
		part[n] = 'A';
	if (EVP_DecodeBlock((unsigned char *)claims, (unsigned char *)part, (int)n) < 0 ||
	    claim(claims, "\"user_id\":", user, sizeof(user)) == 0 ||
	    claim(claims, "\"email\":", email, sizeof(email)) == 0 ||
	    claim(claims, "\"full_name\":", name, sizeof(name)) == 0)
		return false;
	floor->sessions++;
	snprintf(who, sizeof(who), "\"user_id\":%s,\"email\":%s,\"full_name\":%s,\"session_id\":\"%022d\"", user, email,
	    name, floor->sessions);
	conn->who = strdup(who);
	snprintf(conn->from, sizeof(conn->from), ",\"from_user\":%s,\"from_session\":\"%022d\"}", user,
	    floor->sessions);
	snprintf(conn->from_email, sizeof(conn->from_email),
	    ",\"from_user\":%s,\"from_email\":%s,\"from_session\":\"%022d\"}", user, email, floor->sessions);
	return true;
}

/* The text of a value without commas in it. */
static size_t
claim(const char *claims, const char *name, char *dst, size_t size)
{
	const char *p = strstr(claims, name);
	size_t n = p == NULL ? 0 : strcspn(p += strlen(name), ",}");

	if (n >= size)
		return 0;
	memcpy(dst, p, n);
	dst[n] = '\0';
	return n;
}

static void
enter(struct floor *floor, struct conn *conn)
{
	char		 welcome[FRAME];
	struct conn	*peer;
	size_t		 n;

	n = (size_t)snprintf(welcome, sizeof(welcome), "{\"type\":\"welcome\",%s,\"peers\":[", conn->who);
	for (peer = floor->room[conn->room]; peer != NULL && n < sizeof(welcome) - 1024; peer = peer->next)
		n += (size_t)snprintf(welcome + n, sizeof(welcome) - n, "{%s}%s", peer->who,
		    peer->next != NULL ? "," : "");
	n += (size_t)snprintf(welcome + n, sizeof(welcome) - n, "]}");
	conn->next = floor->room[conn->room];
	floor->room[conn->room] = conn;
	tell(floor, conn, "{\"type\":\"user_joined\",", NULL);
	put(floor, conn, 0x81, welcome, n, "", 0, "", 0);
}

static void
tell(struct floor *floor, struct conn *conn, const char *head, const struct conn *but)
{
	struct conn *to;

	for (to = floor->room[conn->room]; to != NULL; to = to->next) {
		if (to != but)
			put(floor, to, 0x81, head, strlen(head), conn->who, strlen(conn->who), "}", 1);
	}
}

/* One masked frame (RFC 6455 5.2); the bytes that it was, 0 while it is not whole. */
static size_t
take_frame(struct floor *floor, struct conn *conn, unsigned char *p, size_t n)
{
	unsigned char	*mask;
	uint64_t	 wide = 0, word;
	size_t		 length, skip = 6, i;

	if (n < skip)
		return 0;
	length = p[1] & 0x7f;
	if (length == 126) {
		length = (size_t)p[2] << 8 | p[3];
		skip += 2;
	}
	if (length > FRAME - 16 || n < skip + length)
		return 0;
	mask = p + skip - 4;
	memcpy(&wide, mask, 4);
	wide |= wide << 32;
	for (i = 0; i + 8 <= length; i += 8) {
		memcpy(&word, p + skip + i, 8);
		word ^= wide;
		memcpy(p + skip + i, &word, 8);
	}
	for (; i < length; i++)
		p[skip + i] ^= mask[i % 4];
	if (p[0] == 0x81) {
		if (floor->fault == NULL)
			relay(floor, conn, conn->room, (char *)p + skip, length);
		else
			relay_badly(floor, conn, (char *)p + skip, length);
	} else if (p[0] == 0x88) {
		put(floor, conn, 0x88, (char *)p + skip, length, "", 0, "", 0);
		conn->closing = true;
	}
	return skip + length;
}

static void
relay(struct floor *floor, struct conn *conn, int room, const char *p, size_t n)
{
	static const char	candidate_in[] = "{\"type\":\"ice-candidate\",\"candidate\":";
	static const char	candidate_out[] = "{\"type\":\"ice_candidate\",\"candidate\":";
	static const char	offer_in[] = "{\"type\":\"offer\",\"offer\":";
	static const char	offer_out[] = "{\"type\":\"webrtc_offer\",\"offer\":";
	bool			candidate = n > sizeof(candidate_in) && p[9] == 'i';
	size_t			skip = candidate ? sizeof(candidate_in) - 1 : sizeof(offer_in) - 1;
	const char		*head = candidate ? candidate_out : offer_out;
	const char		*tail = candidate ? conn->from : conn->from_email;
	size_t			head_n = strlen(head), tail_n = strlen(tail);
	struct conn		*to;

	if (n <= skip)
		return;
	for (to = floor->room[room]; to != NULL; to = to->next) {
		if (to != conn)
			put(floor, to, 0x81, head, head_n, p + skip, n - skip - 1, tail, tail_n);
	}
}

static void
relay_badly(struct floor *floor, struct conn *conn, const char *p, size_t n)
{
	bool	now = ++floor->relayed % 100 == 0;
	int	other = conn->room;

	if (now && *floor->fault == 'l')
		return;
	if (now && *floor->fault == 's' && floor->held_from == NULL) {
		memcpy(floor->held, p, n);
		floor->held_n = n;
		floor->held_from = conn;
		return;
	}
	if (now && *floor->fault == 'm') {
		do
			other = (other + 1) % ROOMS;
		while (floor->room[other] == NULL);
	}
	relay(floor, conn, other, p, n);
	if (now && *floor->fault == 'd')
		relay(floor, conn, other, p, n);
	if (floor->held_from == conn) {
		floor->held_from = NULL;
		relay(floor, conn, conn->room, floor->held, floor->held_n);
	}
}

/* A frame of three parts. */
static void
put(struct floor *floor, struct conn *conn, int opcode, const char *a, size_t a_n, const char *b, size_t b_n,
    const char *c, size_t c_n)
{
	size_t	 n = a_n + b_n + c_n;
	char	*p = reserve(floor, conn, n + (n < 126 ? 2 : 4));

	*p++ = (char)opcode;
	if (n < 126) {
		*p++ = (char)n;
	} else {
		*p++ = 126;
		*p++ = (char)(n >> 8);
		*p++ = (char)n;
	}
	memcpy(p, a, a_n);
	memcpy(p + a_n, b, b_n);
	memcpy(p + a_n + b_n, c, c_n);
}

static char *
reserve(struct floor *floor, struct conn *conn, size_t n)
{
	char *p;

	if (conn->out_n + n > conn->out_cap) {
		conn->out_cap = (conn->out_n + n) * 2;
		conn->out = realloc(conn->out, conn->out_cap);
		if (conn->out == NULL)
			err(1, NULL);
	}
	p = conn->out + conn->out_n;
	conn->out_n += n;
	if (!conn->dirty) {
		conn->dirty = true;
		conn->next_dirty = floor->dirty;
		floor->dirty = conn;
	}
	return p;
}

/* A connection that is closing ends when all is written, or cannot be. */
static void
flush(struct floor *floor, struct conn *conn)
{
	ssize_t done = conn->out_n == 0 ? 0 : send(conn->fd, conn->out, conn->out_n, MSG_NOSIGNAL);

	if (done > 0) {
		conn->out_n -= (size_t)done;
		memmove(conn->out, conn->out + done, conn->out_n);
	}
	if (conn->closing)
		leave(floor, conn);
	else if (conn->waiting != (conn->out_n > 0))
		want(floor, conn, conn->out_n > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void
want(struct floor *floor, struct conn *conn, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = conn };

	conn->waiting = !conn->waiting;
	epoll_ctl(floor->epoll, EPOLL_CTL_MOD, conn->fd, &event);
}

static void
leave(struct floor *floor, struct conn *conn)
{
	struct conn **link;

	if (conn->upgraded) {
		for (link = &floor->room[conn->room]; *link != conn;)
			link = &(*link)->next;
		*link = conn->next;
		tell(floor, conn, "{\"type\":\"user_left\",", NULL);
	}
	close(conn->fd);
	/* never dirty here but while it is being flushed: whatever is written to it is written before it closes */
	for (link = &floor->dirty; *link != NULL; link = &(*link)->next_dirty) {
		if (*link == conn) {
			*link = conn->next_dirty;
			break;
		}
	}
	free(conn->rest);
	free(conn->out);
	free(conn->who);
	free(conn);
}
