#include "attend.h"
#include "calls.h"
#include "hub.h"
#include "room.h"
#include "say.h"
#include "str.h"

static void	record(struct hub *, enum job_type, const struct session *, int64_t);

bool
attend_join(struct hub *hub, struct session *session)
{
	struct room	*room = session->room;
	struct message	*message;

	if (session->in_call)
		return false;
	session->in_call = true;
	hub->in_call++;
	if (room->in_call++ == 0)
		calls_occupy(hub, room->meeting_id);
	record(hub, JOB_ATTEND, session, hub->wall_us);
	message = say_call(hub, session, true);
	room_send(room, message, NULL);
	message_unref(&hub->pool, &message);
	return true;
}

bool
attend_leave(struct hub *hub, struct session *session)
{
	struct room	*room = session->room;
	struct message	*message;

	if (!session->in_call)
		return false;
	session->in_call = false;
	hub->in_call--;
	if (--room->in_call == 0)
		calls_vacate(hub, room->meeting_id);
	record(hub, JOB_UNATTEND, session, hub->wall_us);
	message = say_call(hub, session, false);
	room_send(room, message, NULL);
	message_unref(&hub->pool, &message);
	return true;
}

void
attend_record(struct hub *hub, const struct session *session, int64_t at_us)
{
	record(hub, JOB_ATTEND, session, at_us);
}

static void
record(struct hub *hub, enum job_type type, const struct session *session, int64_t at_us)
{
	const struct calls_entry	*call = calls_find(hub, session->room->meeting_id);
	struct job			*job;

	if (call == NULL)
		return;
	job = job_new(type);
	job->attend.call_id = call->call_id;
	job->attend.user_id = session->user_id;
	job->attend.at_us = at_us;
	str_copy(job->attend.session_id, sizeof(job->attend.session_id), session->id);
	job_push(&hub->jobs, job);
}
