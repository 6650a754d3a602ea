/*
 * room: the whole core of the daemon, without its sockets and its database: some connections in two meetings, and
 * whatever they, the database and the clock may do in any order.  Input: lines, of which the first byte is the
 * operation, the second whose it is (a digit) and the rest what is said.  Every frame that goes out is well-formed.
 */
#include "../../ws-daemon/hub.h"
#include "../../ws-daemon/session.h"
#include "fuzz.h"
#include "log.h"
#include "scan.h"
#include "str.h"

#define SLOTS	6
#define PONG_MAX 125	/* RFC 6455 5.5 */
#define LINES	200	/* of an input; each may cost a few milliseconds */

struct world {
	struct hub	*hub;
	struct conn	*conn[SLOTS];
	char		 token[SLOTS][BOUND_RESUME_TOKEN + 1];	/* the last one of each */
	uint64_t	 pinged[SLOTS];				/* what the last ping of each carried */
	int64_t		 event_id;
};

static const struct conf conf = {
	.base_path = (char[]){ "" },
	.allow_query_token = true,
	.handshake_timeout = 10 * US_PER_S,
	.ping_interval = 25 * US_PER_S,
	.idle_timeout = 60 * US_PER_S,
	.max_connections_per_address = 200,
	.connection_rate = 20,
	.max_sessions_per_room = 4,
	.max_sessions_per_user = 2,
	.message_rate = 50,
	.message_burst = 20,
	.outbound_queue_bytes = 16 * 1024,
	.outbound_queue_frames = 32,
	.resume_ttl = 30 * US_PER_S,
	.resume_memory = 256 * 1024,
	.drain_timeout = 10 * US_PER_S,
	.call_grace = 30 * US_PER_S,
	.call_empty_timeout = 300 * US_PER_S,
	.call_max_duration = 3600 * US_PER_S,
};

static void	act(struct world *w, char what, unsigned slot, struct slice rest);
static void	open_conn(struct world *w, unsigned slot, struct slice rest);
static void	resume_conn(struct world *w, unsigned slot, struct slice rest);
static void	answer(struct world *w, struct slice rest);
static void	grant(struct job *job, int64_t user_id, bool relay);
static void	tell(struct world *w, unsigned slot, char what);
static void	pong(struct world *w, unsigned slot, struct slice rest);
static void	serve(struct world *w);
static bool	take_output(struct world *w, unsigned slot);
static void	check_frame(struct world *w, unsigned slot, const struct message *message);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice	rest = { .p = (const char *)data, .n = size };
	struct world	w = { .event_id = 10 };

	log_set_level(LOG_LEVEL_ERROR);
	w.hub = hub_new(&conf, 1000 * US_PER_S, INT64_C(1700000000) * US_PER_S);
	hub_start(w.hub, "epoch", w.event_id);
	for (unsigned i = 0; i < LINES && rest.n > 0; i++) {
		struct slice	line = fuzz_line(&rest);
		char		what = (char)fuzz_byte(&line);

		act(&w, what, fuzz_byte(&line) % SLOTS, line);
		serve(&w);
	}
	for (unsigned i = 0; i < SLOTS; i++)
		if (w.conn[i] != NULL)
			hub_lost(w.hub, &w.conn[i]);
	hub_free(&w.hub);
	return 0;
}

static void
act(struct world *w, char what, unsigned slot, struct slice rest)
{
	struct conn	*conn = w->conn[slot];
	int64_t		 step = rest.n > 0 ? (rest.p[0] & 0x3f) * US_PER_S : US_PER_S / 20;

	if (what == 'o' && conn == NULL)
		open_conn(w, slot, rest);
	else if (what == 'R' && conn == NULL)
		resume_conn(w, slot, rest);
	else if (what == 'f' && conn != NULL && !conn->paused && conn->state != CONN_CLOSING)
		hub_input(w->hub, conn, rest.p, rest.n);
	else if (what == 'a')
		answer(w, rest);
	else if (what == 'l' && conn != NULL)
		hub_lost(w->hub, &w->conn[slot]);
	else if (what == 'c' && conn != NULL)
		hub_leave(w->hub, conn,
		    closing_by_client(rest.n > 1 ? (uint8_t)rest.p[0] << 8 | (uint8_t)rest.p[1] : 0));
	else if (what == 'v' && conn != NULL)
		hub_alive(w->hub, conn);
	else if (what == 'p' && conn != NULL)
		pong(w, slot, rest);
	else if (what == 'w' && conn != NULL)
		(void)take_output(w, slot);
	else if (what == 'e')
		tell(w, slot, rest.n > 0 ? *rest.p : 's');
	else if (what == 'D')
		hub_drain(w->hub, slot % 2 == 0 ? CLOSING_RESTARTING : CLOSING_DRAINING);
	else if (what == 't')
		hub_clock(w->hub, w->hub->now_us + step, w->hub->wall_us + step);
	hub_tick(w->hub);
}

/* rest: a subprotocol 1, then what stands in the path and in the query */
static void
open_conn(struct world *w, unsigned slot, struct slice rest)
{
	struct hello	 hello;
	char		*argument;

	hello_init(&hello);
	hello.meeting_id = 1 + slot / 4;
	hello.v1 = fuzz_byte(&rest) == '1';
	argument = fuzz_text(rest);
	hello_argument(&hello, argument, true);
	free(argument);
	if (!hello.v1 || fuzz_byte(&rest) != '-')
		hello_authorization(&hello, "Bearer token");
	w->conn[slot] = hub_open(w->hub, &hello, "192.0.2.1", NULL);
}

/* With the token of a slot, its own or another's. */
static void
resume_conn(struct world *w, unsigned slot, struct slice rest)
{
	struct hello	hello;
	unsigned	whose = fuzz_byte(&rest) % SLOTS;
	char		text[sizeof("unio.v1,unio.resume.") + BOUND_RESUME_TOKEN];

	hello_init(&hello);
	hello.meeting_id = 1 + slot / 4;
	snprintf(text, sizeof(text), "unio.v1,unio.resume.%s", w->token[whose]);
	hello_protocols(&hello, text);
	hello.seq = fuzz_byte(&rest) & 0x1f;
	if (fuzz_byte(&rest) == '+')
		hello_authorization(&hello, "Bearer token");
	w->conn[slot] = hub_open(w->hub, &hello, "192.0.2.1", NULL);
}

/* The database answers the oldest question: yes, no, or that it cannot say. */
static void
answer(struct world *w, struct slice rest)
{
	struct job	*job = hub_next_job(w->hub);
	char		 how = (char)fuzz_byte(&rest);
	int		 refusal = how == 'n' ? CLOSING_FORBIDDEN : how == 'u' ? CLOSING_UNAUTHORIZED : 0;

	if (job == NULL)
		return;
	if (how == 'b') {
		job->result = JOB_BUSY;
		job_refuse(job);
	} else if (job->type == JOB_ACCESS) {
		grant(job, 1 + (fuzz_byte(&rest) & 3), how == 'r');
		job->access.refusal = refusal;
		job->access.call_id = how == 'c' ? 5 : 0;
		job->access.call_started_us = w->hub->wall_us;
	} else if (job->type == JOB_TICKET) {
		job->ticket.user_id = 1 + (fuzz_byte(&rest) & 3);
		job->ticket.refusal = refusal;
	} else if (job->type == JOB_RESUME) {
		job->resume.refusal = refusal;
	}
	hub_answer(w->hub, job);
}

static void
grant(struct job *job, int64_t user_id, bool relay)
{
	struct access *access = &job->access.access;

	job->access.login_id = 100 + user_id;
	access->role = user_id == 1 ? ACCESS_ROLE_HOST : ACCESS_ROLE_PARTICIPANT;
	access->person.id = user_id;
	access->person.email = arena_printf(job->arena, "u%d@x.org", (int)user_id);
	access->person.full_name = "A \"name\" \\ with \xc3\xbc";
	access->title = "A title";
	access->ice_policy = relay ? "relay" : "all";
	job->access.highest_id = 10;
}

/* An event of the slot's meeting, or about its user. */
static void
tell(struct world *w, unsigned slot, char what)
{
	static const struct { char letter; enum event_type type; } types[] = {
		{ 's', EVENT_MEETING_STATUS }, { 'c', EVENT_CALL_STARTED }, { 'C', EVENT_CALL_ENDED },
		{ 'r', EVENT_PARTICIPANT_REMOVED }, { 'd', EVENT_MEETING_DELETED }, { 'l', EVENT_LOGIN_REVOKED },
		{ 'u', EVENT_USER_DISABLED },
	};
	struct job	*job = job_new(JOB_EVENTS);
	struct event	*event = arena_alloc(job->arena, sizeof(*event));
	int64_t		 user_id = 1 + slot % 4;

	*event = (struct event){ .id = ++w->event_id, .type = EVENT_MEETING_UPDATED, .meeting_id = 1 + slot / 4 };
	event->user_id = user_id;
	event->login_id = 100 + user_id;
	event->created_at = w->hub->wall_us;
	event->body = "{\"call\":{\"id\":5,\"meeting\":1,\"started_at\":\"2024-01-15T10:30:45.123456Z\"}}";
	for (size_t i = 0; i < COUNTOF(types); i++)
		if (types[i].letter == what)
			event->type = types[i].type;
	job->events.page = (struct event_page){ .first = event, .count = 1 };
	hub_answer(w->hub, job);
}

/* With what the last ping carried, or with whatever is said. */
static void
pong(struct world *w, unsigned slot, struct slice rest)
{
	if (rest.n > 0)
		hub_pong(w->hub, w->conn[slot], rest.p, MIN(rest.n, PONG_MAX));
	else
		hub_pong(w->hub, w->conn[slot], &w->pinged[slot], sizeof(w->pinged[slot]));
}

/* What the edge does each turn; a connection that is to end ends when its last frames are written. */
static void
serve(struct world *w)
{
	struct conn	*conn;
	unsigned	 i;

	while ((conn = hub_next_dirty(w->hub)) != NULL) {
		for (i = 0; i < SLOTS && w->conn[i] != conn; i++)
			;
		FUZZ_CHECK(i < SLOTS);
		if (conn->cut || (conn->state == CONN_CLOSING && take_output(w, i)))
			hub_lost(w->hub, &w->conn[i]);
	}
	FUZZ_CHECK(w->hub->sessions <= 2 * 4);
}

/* Reads all that waits; true. */
static bool
take_output(struct world *w, unsigned slot)
{
	struct message *message;

	while ((message = outq_pop(&w->conn[slot]->out)) != NULL) {
		check_frame(w, slot, message);
		message_unref(&w->hub->pool, &message);
	}
	return true;
}

/* RFC 6455 5.2: one whole frame, unmasked, with the shortest length; its text is a JSON object with a type. */
static void
check_frame(struct world *w, unsigned slot, const struct message *message)
{
	const unsigned char		*p = message->data;
	size_t				 head = p[1] < 126 ? 2 : p[1] == 126 ? 4 : 10, n = message->len - head, copied;
	struct scan_object		 object;
	const struct scan_member	*token;

	FUZZ_CHECK(p[1] < 128 && message->len >= head);
	FUZZ_CHECK(head == 2 ? n == p[1] : head == 4 ? n == (size_t)(p[2] << 8 | p[3]) && n > 125 : n > 65535);
	if (p[0] == 0x89) {
		FUZZ_CHECK(n == 0 || n == sizeof(w->pinged[slot]));	/* ws-daemon/resume.h: a frame's number */
		memcpy(&w->pinged[slot], p + head, n);
		return;
	}
	FUZZ_CHECK(p[0] == 0x81 && scan_object((const char *)p + head, n, 0, &object) == SCAN_OK);
	FUZZ_CHECK(scan_find(&object, "type") != NULL);
	if ((token = scan_find(&object, "resume_token")) != NULL)
		FUZZ_CHECK(scan_string(token->value, w->token[slot], sizeof(w->token[slot]), &copied));
}
