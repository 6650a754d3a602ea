/* What the tests of sessions that outlive their connection share: coming in, and coming back. */
#ifndef UNIO_TEST_WS_RETURN_H
#define UNIO_TEST_WS_RETURN_H

#include <stdio.h>

#include "ws_support.h"

struct ws_return {
	char	token[BOUND_RESUME_TOKEN + 1];
	int64_t	seq;
};

/* Somebody of unio.v1, with what the welcome says about coming back; all that waits is taken. */
UNUSED static struct conn *
return_enter(struct hub *hub, int64_t user_id, struct ws_return *pass_r)
{
	struct conn	*conn = support_enter_as(hub, 1, user_id, true);
	char		*got = support_read(hub, conn), *token, *seq;

	token = strstr(got, "\"resume_token\":\"");
	seq = strstr(got, "\"seq\":");
	assert_non_null(token);
	assert_non_null(seq);
	memcpy(pass_r->token, token + strlen("\"resume_token\":\""), BOUND_RESUME_TOKEN);
	pass_r->token[BOUND_RESUME_TOKEN] = '\0';
	pass_r->seq = strtoll(seq + strlen("\"seq\":"), NULL, 10);
	free(got);
	return conn;
}

/* A connection whose first frame is a resume. */
UNUSED static struct conn *
return_knock(struct hub *hub, const struct ws_return *pass, const char *more)
{
	struct hello	 hello;
	struct conn	*conn;
	char		 text[256];

	hello_init(&hello);
	hello.meeting_id = 1;
	hello.v1 = true;
	conn = hub_open(hub, &hello, "192.0.2.1", NULL);
	snprintf(text, sizeof(text), "{\"type\":\"resume\",\"resume_token\":\"%s\",\"seq\":%lld%s}", pass->token,
	    (long long)pass->seq, more);
	support_say(hub, conn, text);
	return conn;
}

/* The database's answer: 0 grants. */
UNUSED static void
return_answer(struct hub *hub, int refusal)
{
	struct job *job = support_job(hub, JOB_RESUME);

	job->resume.refusal = refusal;
	hub_answer(hub, job);
}

UNUSED static struct conn *
return_again(struct hub *hub, const struct ws_return *pass)
{
	struct conn *conn = return_knock(hub, pass, "");

	return_answer(hub, 0);
	return conn;
}

UNUSED static struct session *
return_session(struct hub *hub, int64_t user_id)
{
	struct room	*room = room_find(hub, 1);
	struct session	*session;

	for (session = room != NULL ? room->first : NULL; session != NULL; session = session->next) {
		if (session->user_id == user_id)
			return session;
	}
	return NULL;
}

#endif
