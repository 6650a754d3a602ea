#include "tell.h"

static void	tell_call(struct event_list *events, enum event_type type, const struct call *call);
static void	tell_person(struct event_list *events, enum event_type type, int64_t meeting_id,
		    const struct person *user, bool banned);

void
tell_meeting_status(struct event_list *events, int64_t meeting_id, enum meeting_status status,
    enum meeting_status previous)
{
	struct buf	body = { 0 };
	struct emit	e = emit_into(&body);

	emit_object(&e, NULL);
	emit_int(&e, "meeting_id", meeting_id);
	emit_text(&e, "status", store_meeting_status_name(status));
	emit_text(&e, "previous_status", store_meeting_status_name(previous));
	emit_end(&e);
	event_add(events, EVENT_MEETING_STATUS, meeting_id, &body);
	buf_free(&body);
}

void
tell_call_started(struct event_list *events, const struct call *call)
{
	tell_call(events, EVENT_CALL_STARTED, call);
}

void
tell_call_ended(struct event_list *events, const struct call *call)
{
	tell_call(events, EVENT_CALL_ENDED, call);
}

void
tell_meeting_updated(struct event_list *events, const struct meeting *meeting, const struct call *active)
{
	struct buf	body = { 0 };
	struct emit	e = emit_into(&body);

	emit_object(&e, NULL);
	store_meeting_emit(&e, "meeting", meeting, active);
	emit_end(&e);
	event_add(events, EVENT_MEETING_UPDATED, meeting->id, &body);
	buf_free(&body);
}

void
tell_participant_added(struct event_list *events, int64_t meeting_id, const struct person *user)
{
	tell_person(events, EVENT_PARTICIPANT_ADDED, meeting_id, user, false);
}

void
tell_participant_removed(struct event_list *events, int64_t meeting_id, const struct person *user)
{
	tell_person(events, EVENT_PARTICIPANT_REMOVED, meeting_id, user, false);
}

void
tell_participant_banned(struct event_list *events, int64_t meeting_id, const struct person *user)
{
	tell_person(events, EVENT_PARTICIPANT_REMOVED, meeting_id, user, true);
}

void
tell_meeting_deleted(struct event_list *events, int64_t meeting_id)
{
	struct buf	body = { 0 };
	struct emit	e = emit_into(&body);

	emit_object(&e, NULL);
	emit_int(&e, "meeting_id", meeting_id);
	emit_end(&e);
	event_add(events, EVENT_MEETING_DELETED, meeting_id, &body);
	buf_free(&body);
}

void
tell_login_revoked(struct event_list *events, int64_t user_id, int64_t login_id)
{
	struct event	*event = event_add(events, EVENT_LOGIN_REVOKED, 0, NULL);

	event->user_id = user_id;
	event->login_id = login_id;
}

void
tell_user_disabled(struct event_list *events, int64_t user_id)
{
	event_add(events, EVENT_USER_DISABLED, 0, NULL)->user_id = user_id;
}

void
tell_user_kicked(struct event_list *events, int64_t meeting_id, int64_t user_id)
{
	event_add(events, EVENT_USER_KICKED, meeting_id, NULL)->user_id = user_id;
}

static void
tell_call(struct event_list *events, enum event_type type, const struct call *call)
{
	struct buf	body = { 0 };
	struct emit	e = emit_into(&body);

	emit_object(&e, NULL);
	store_call_emit(&e, "call", call);
	emit_end(&e);
	event_add(events, type, call->meeting_id, &body);
	buf_free(&body);
}

static void
tell_person(struct event_list *events, enum event_type type, int64_t meeting_id, const struct person *user,
    bool banned)
{
	struct buf	body = { 0 };
	struct emit	e = emit_into(&body);

	emit_object(&e, NULL);
	store_user_emit_person(&e, "user", user);
	if (banned)
		emit_bool(&e, "banned", true);
	emit_end(&e);
	event_add(events, type, meeting_id, &body)->user_id = user->id;
	buf_free(&body);
}
