#include <stddef.h>
#include <stdlib.h>

#include "ahead.h"
#include "bounds.h"
#include "conn.h"
#include "hub.h"
#include "log.h"
#include "mem.h"
#include "say.h"

/* Clients that are told to come back, each for a reason of its own, shall not all come at the same instant. */
#define SPREAD_MS	1000
#define SPREAD_STEP_MS	37

/* What the edge needs of a connection, and of its own for it: the library's struct begins with that. */
#define AHEAD_CONN	offsetof(struct conn, id)
#define AHEAD_EDGE	256

static void	expire(void *, void *);
static void	ping(struct conn *);
static void	mark_leaving(struct conn *);

struct conn *
conn_new(struct hub *hub, void *edge)
{
	struct conn *conn = mem_calloc(1, sizeof(*conn));

	conn->hub = hub;
	conn->id = ++hub->next_conn_id;
	conn->edge = edge;
	conn->waiting_us = conn->seen_us = hub->now_us;
	conn->ping_us = hub->now_us + hub->conf->ping_interval;
	conn->timer.fire = expire;
	conn->timer.owner = conn;
	HASH_ADD(hh, hub->conns, id, sizeof(conn->id), conn);
	return conn;
}

void
conn_free(struct conn **connp)
{
	struct conn *conn = *connp, **link;

	*connp = NULL;
	if (conn == NULL)
		return;
	for (link = &conn->hub->dirty; conn->dirty && *link != NULL; link = &(*link)->next_dirty) {
		if (*link == conn) {
			*link = conn->next_dirty;
			break;
		}
	}
	wheel_cancel(&conn->timer);
	HASH_DEL(conn->hub->conns, conn);
	hello_free(&conn->hello);
	outq_free(&conn->out, &conn->hub->pool);
	free(conn);
}

void
conn_push(struct conn *conn, struct message *message)
{
	if (conn->state == CONN_CLOSING)
		return;
	if (!outq_fits(&conn->out, message, &conn->hub->out_bound)) {
		/* what it has not taken by now would only delay the reason */
		outq_clear(&conn->out, &conn->hub->pool);
		conn_close(conn, CLOSING_SLOW);
		return;
	}
	outq_push(&conn->out, message);
	conn_touch(conn);
}

void
conn_close(struct conn *conn, int code)
{
	conn_close_later(conn, code, (int64_t)(conn->id * SPREAD_STEP_MS % SPREAD_MS));
}

void
conn_close_later(struct conn *conn, int code, int64_t wait_ms)
{
	const struct closing	*closing = closing_find(code);
	struct message		*message;

	if (conn->state == CONN_CLOSING)
		return;
	if (closing->action != NULL) {
		message = say_closing(conn->hub, closing, wait_ms);
		outq_push(&conn->out, message);
		message_unref(&conn->hub->pool, &message);
	}
	log_info(conn->session == NULL ? "refuse" : "close", LOG_INT("conn", (int64_t)conn->id),
	    LOG_TEXT("session", conn->session != NULL ? conn->session->id : NULL), LOG_ADDRESS(conn->address),
	    LOG_INT("code", code), LOG_TEXT("reason", closing->code));
	tally_closed(&conn->hub->tally, code, conn->session != NULL);
	conn->state = CONN_CLOSING;
	conn->close = code;
	if (conn->hello != NULL)
		hello_clear(conn->hello);
	wheel_set(&conn->hub->wheel, &conn->timer,
	    conn->hub->now_us + (conn->hub->draining ? BOUND_DRAIN_CLOSE_US : BOUND_CLOSE_US));
	conn_pause(conn, false);	/* what it still sends is thrown away, and its close frame is seen */
	mark_leaving(conn);
	conn_touch(conn);
}

void
conn_cut(struct conn *conn)
{
	if (conn->state != CONN_CLOSING)
		conn_close(conn, CLOSING_LOST);
	conn->cut = true;
	conn_touch(conn);
}

void
conn_check(struct conn *conn)
{
	conn->state = CONN_CHECKING;
	conn->waiting_us = conn->hub->now_us;
	conn_pause(conn, true);
}

void
conn_pause(struct conn *conn, bool paused)
{
	if (conn->paused == paused)
		return;
	conn->paused = paused;
	conn_touch(conn);
}

void
conn_watch(struct conn *conn)
{
	const struct conf	*conf = conn->hub->conf;
	int64_t			 due;

	if (conn->state == CONN_CLOSING)
		return;
	due = MIN(conn->ping_us, conn->seen_us + conf->idle_timeout);
	if (conn->state == CONN_WAITING)
		due = conn->waiting_us + conf->handshake_timeout;
	else if (conn->state == CONN_CHECKING)
		due = MIN(due, conn->waiting_us + conf->handshake_timeout);
	wheel_set(&conn->hub->wheel, &conn->timer, due);
}

void
conn_joined(struct conn *conn, struct session *session)
{
	conn->state = CONN_JOINED;
	conn->session = session;
	session->conn = conn;
	hello_free(&conn->hello);
}

const char *
conn_client_id(const struct conn *conn)
{
	if (conn->hello != NULL)
		return conn->hello->client_id;
	return conn->session != NULL ? conn->session->client_id : "";
}

void
conn_touch(struct conn *conn)
{
	if (conn->dirty)
		return;
	conn->dirty = true;
	conn->next_dirty = conn->hub->dirty;
	conn->hub->dirty = conn;
}

void
conn_ahead(const struct conn *conn)
{
	outq_ahead(&conn->out);
	ahead(conn->edge, AHEAD_EDGE);
	if (conn->session != NULL)
		ahead(&conn->session->resume, sizeof(conn->session->resume));
	ahead(conn->next_dirty, AHEAD_CONN);
}

/* While access is checked, silence is the database's, not the client's: the ping goes on, but not for ever. */
static void
expire(void *context, void *owner)
{
	struct hub	*hub = context;
	struct conn	*conn = owner;

	switch (conn->state) {
	case CONN_CLOSING:
		conn_cut(conn);
		return;
	case CONN_WAITING:
		conn_close(conn, CLOSING_UNAUTHORIZED);
		return;
	case CONN_CHECKING:
		if (hub->now_us >= conn->waiting_us + hub->conf->handshake_timeout) {
			conn_close(conn, CLOSING_UNAVAILABLE);
			return;
		}
		conn->seen_us = hub->now_us;
		break;
	case CONN_JOINED:
		break;
	}
	if (hub->now_us >= conn->seen_us + hub->conf->idle_timeout) {
		conn_cut(conn);
		return;
	}
	if (hub->now_us >= conn->ping_us) {
		ping(conn);
		conn->probed = true;
		conn->ping_us = hub->now_us + hub->conf->ping_interval;
	}
	conn_watch(conn);
}

/* One that also says what was received, if that is of use and no such is on its way. */
static void
ping(struct conn *conn)
{
	const struct resume *resume = conn->session != NULL ? &conn->session->resume : NULL;

	if (resume != NULL && resume->asked == 0 && resume->kept.count > 0)
		session_ask(conn->session);
	else
		conn_push(conn, conn->hub->ping);
}

static void
mark_leaving(struct conn *conn)
{
	if (conn->leaving)
		return;
	conn->leaving = true;
	conn->next_leaving = conn->hub->leaving;
	conn->hub->leaving = conn;
}
