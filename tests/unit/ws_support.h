/* What the tests of the daemon's core share: a hub without edge, people in it, and the frames that they got. */
#ifndef UNIO_TEST_WS_SUPPORT_H
#define UNIO_TEST_WS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../ws-daemon/bounds.h"
#include "../../ws-daemon/hub.h"
#include "str.h"

#define NOW_US	(1000 * US_PER_S)
#define WALL_US	(INT64_C(1700000000) * US_PER_S)
#define UNUSED	__attribute__((unused))

static struct conf support_conf = {
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
	.message_burst = 200,
	.outbound_queue_bytes = 1024 * 1024,
	.outbound_queue_frames = 1024,
	.resume_ttl = 30 * US_PER_S,
	.resume_memory = 256 * 1024 * 1024,
	.drain_timeout = 10 * US_PER_S,
	.call_grace = 30 * US_PER_S,
	.call_empty_timeout = 300 * US_PER_S,
	.call_max_duration = 12 * 3600 * US_PER_S,
};

UNUSED static int
support_setup(void **state)
{
	*state = hub_new(&support_conf, NOW_US, WALL_US);
	hub_start(*state, "epoch", 10);
	return 0;
}

UNUSED static int
support_teardown(void **state)
{
	struct hub *hub = *state;

	hub_free(&hub);
	return 0;
}

/* Lets the time pass, as the loop would. */
UNUSED static void
support_pass(struct hub *hub, int64_t us)
{
	hub_clock(hub, hub->now_us + us, hub->wall_us + us);
	hub_tick(hub);
}

/* A connection with a token, whose question is now in the queue. */
UNUSED static struct conn *
support_knock(struct hub *hub, int64_t meeting_id, bool v1)
{
	struct hello hello;

	hello_init(&hello);
	hello.meeting_id = meeting_id;
	hello.v1 = v1;
	hello_authorization(&hello, "Bearer token");
	return hub_open(hub, &hello, "192.0.2.1", NULL);
}

/* The next job, which must be of that type; the caller frees it. */
UNUSED static struct job *
support_job(struct hub *hub, enum job_type type)
{
	struct job *job = hub_next_job(hub);

	assert_non_null(job);
	assert_int_equal(job->type, type);
	return job;
}

UNUSED static void
support_no_job(struct hub *hub)
{
	assert_null(hub_next_job(hub));
}

/* Grants what was asked: user 1 is the host. */
UNUSED static void
support_grant(struct job *job, int64_t user_id)
{
	job->access.login_id = 100 + user_id;
	job->access.access.role = user_id == 1 ? ACCESS_ROLE_HOST : ACCESS_ROLE_PARTICIPANT;
	job->access.access.person.id = user_id;
	job->access.access.person.email = arena_printf(job->arena, "u%d@x.org", (int)user_id);
	job->access.access.person.full_name = arena_printf(job->arena, "User %d", (int)user_id);
	job->access.access.title = "A title";
	job->access.access.status = MEETING_SCHEDULED;
	job->access.access.ice_policy = "all";
	job->access.highest_id = 10;
}

UNUSED static struct conn *
support_enter_as(struct hub *hub, int64_t meeting_id, int64_t user_id, bool v1)
{
	struct conn	*conn = support_knock(hub, meeting_id, v1);
	struct job	*job = support_job(hub, JOB_ACCESS);

	support_grant(job, user_id);
	hub_answer(hub, job);
	return conn;
}

UNUSED static struct conn *
support_enter(struct hub *hub, int64_t meeting_id, int64_t user_id)
{
	return support_enter_as(hub, meeting_id, user_id, false);
}

UNUSED static void
support_say(struct hub *hub, struct conn *conn, const char *text)
{
	hub_input(hub, conn, text, strlen(text));
}

/* Takes all that waits for a connection, as "[payload][payload]"; pings are "[ping]".  Free it. */
UNUSED static char *
support_read(struct hub *hub, struct conn *conn)
{
	struct message	*message;
	struct buf	 out = { .data = NULL };
	size_t		 head;

	buf_adds(&out, "");	/* a text, if an empty one */
	while ((message = outq_pop(&conn->out)) != NULL) {
		head = message->data[1] < 126 ? 2 : message->data[1] == 126 ? 4 : 10;
		buf_addc(&out, '[');
		if (message->data[0] == 0x89)
			buf_adds(&out, "ping");
		else
			buf_add(&out, message->data + head, message->len - head);
		buf_addc(&out, ']');
		message_unref(&hub->pool, &message);
	}
	return out.data;
}

UNUSED static void
support_forget(struct hub *hub, struct conn *conn)
{
	free(support_read(hub, conn));
}

UNUSED static void
support_expect(struct hub *hub, struct conn *conn, const char *wanted)
{
	char *got = support_read(hub, conn);

	assert_string_equal(got, wanted);
	free(got);
}

/* What waits for it contains the text; all of it is taken. */
UNUSED static void
support_expect_part(struct hub *hub, struct conn *conn, const char *wanted)
{
	char *got = support_read(hub, conn);

	if (strstr(got, wanted) == NULL)
		assert_string_equal(got, wanted);
	free(got);
}

#endif
