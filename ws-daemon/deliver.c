#include <string.h>

#include "clock.h"
#include "deliver.h"
#include "depart.h"
#include "hub.h"
#include "log.h"
#include "room.h"
#include "say.h"
#include "scan.h"

static void	deliver(struct hub *, const struct event *);
static void	tell_room(struct hub *, const struct event *);
static void	on_meeting_updated(struct hub *, const struct event *);
static void	on_call_started(struct hub *, const struct event *);
static void	on_call_ended(struct hub *, const struct event *);
static void	on_participant_removed(struct hub *, const struct event *);
static void	on_meeting_deleted(struct hub *, const struct event *);
static void	on_login_revoked(struct hub *, const struct event *);
static void	on_user_disabled(struct hub *, const struct event *);
static void	on_user_kicked(struct hub *, const struct event *);
static void	close_in_room(struct hub *, const struct event *, int);
static bool	is_banned(const struct event *);
static bool	concerns(const struct session *, const struct event *);
static bool	find_call(const struct event *, struct scan_object *, int64_t *);
static bool	text_of(const struct scan_object *, const char *, char *, size_t);

/* What each type does beside being told to its room: before it is told, and after. */
static const struct {
	void	(*before)(struct hub *, const struct event *);
	void	(*after)(struct hub *, const struct event *);
} effect[EVENT_UNKNOWN + 1] = {
	[EVENT_MEETING_UPDATED]	    = { on_meeting_updated, NULL },
	[EVENT_CALL_STARTED]	    = { on_call_started, NULL },
	[EVENT_CALL_ENDED]	    = { on_call_ended, NULL },
	[EVENT_PARTICIPANT_REMOVED] = { NULL, on_participant_removed },
	[EVENT_MEETING_DELETED]	    = { NULL, on_meeting_deleted },
	[EVENT_LOGIN_REVOKED]	    = { NULL, on_login_revoked },
	[EVENT_USER_DISABLED]	    = { NULL, on_user_disabled },
	[EVENT_USER_KICKED]	    = { NULL, on_user_kicked },
};

void
deliver_events(struct hub *hub, const struct event *first)
{
	const struct event *event;

	for (event = first; event != NULL; event = event->next) {
		if (event->id <= hub->event_id)
			continue;
		if (event->meeting_id == 0 || shard_owns(&hub->shard, event->meeting_id))
			deliver(hub, event);
		hub->event_id = event->id;
	}
}

static void
deliver(struct hub *hub, const struct event *event)
{
	log_debug("event", LOG_INT("id", event->id), LOG_TEXT("type", event_type_name(event->type)),
	    LOG_INT("meeting", event->meeting_id));
	metric_add(&hub->tally.events[event->type], 1);
	if (effect[event->type].before != NULL)
		effect[event->type].before(hub, event);
	if (event_is_public(event->type))
		tell_room(hub, event);
	if (effect[event->type].after != NULL)
		effect[event->type].after(hub, event);
}

/* Once to each session, and not to one whose picture holds it. */
static void
tell_room(struct hub *hub, const struct event *event)
{
	struct room	*room = room_find(hub, event->meeting_id);
	struct session	*session;
	struct message	*message;

	if (room == NULL)
		return;
	metric_observe(&hub->tally.event_lag, hub->wall_us - event->created_at);
	message = say_event(hub, event);
	for (session = room->first; session != NULL; session = session->next) {
		if (concerns(session, event))
			session_send(session, message);
	}
	message_unref(&hub->pool, &message);
}

static void
on_meeting_updated(struct hub *hub, const struct event *event)
{
	struct room			*room = room_find(hub, event->meeting_id);
	struct scan_object		 body, meeting;
	const struct scan_member	*member;
	char				 policy[sizeof("relay")];

	if (room == NULL || scan_object(event->body, strlen(event->body), 0, &body) != SCAN_OK)
		return;
	member = scan_find(&body, "meeting");
	if (member == NULL || scan_object(member->value.p, member->value.n, 0, &meeting) != SCAN_OK)
		return;
	if (text_of(&meeting, "ice_policy", policy, sizeof(policy)))
		room->relay_only = strcmp(policy, "relay") == 0;
}

static void
on_call_started(struct hub *hub, const struct event *event)
{
	struct scan_object	call;
	char			text[CLOCK_TEXT_SIZE];
	int64_t			call_id, started_us;

	if (find_call(event, &call, &call_id) && text_of(&call, "started_at", text, sizeof(text)) &&
	    clock_parse(text, &started_us))
		calls_started(hub, event->meeting_id, call_id, started_us);
	else
		log_error("event_unreadable", LOG_INT("id", event->id));
}

static void
on_call_ended(struct hub *hub, const struct event *event)
{
	struct scan_object	call;
	int64_t			call_id;

	if (find_call(event, &call, &call_id))
		calls_ended(hub, event->meeting_id, call_id);
	else
		log_error("event_unreadable", LOG_INT("id", event->id));
}

static void
on_participant_removed(struct hub *hub, const struct event *event)
{
	close_in_room(hub, event, is_banned(event) ? CLOSING_BANNED : CLOSING_FORBIDDEN);
}

static bool
is_banned(const struct event *event)
{
	struct scan_object		 body;
	const struct scan_member	*member;

	if (scan_object(event->body, strlen(event->body), 0, &body) != SCAN_OK)
		return false;
	member = scan_find(&body, "banned");
	return member != NULL && member->type == SCAN_TRUE;
}

static void
on_user_kicked(struct hub *hub, const struct event *event)
{
	close_in_room(hub, event, CLOSING_KICKED);
}

static void
close_in_room(struct hub *hub, const struct event *event, int close)
{
	struct room	*room = room_find(hub, event->meeting_id);
	struct session	*session;

	for (session = room != NULL ? room->first : NULL; session != NULL; session = session->next) {
		if (session->user_id == event->user_id && concerns(session, event))
			depart_later(session, close);
	}
}

static void
on_meeting_deleted(struct hub *hub, const struct event *event)
{
	struct room		*room = room_find(hub, event->meeting_id);
	struct calls_entry	*call = calls_find(hub, event->meeting_id);
	struct session		*session;

	if (call != NULL)
		calls_ended(hub, event->meeting_id, call->call_id);
	for (session = room != NULL ? room->first : NULL; session != NULL; session = session->next)
		depart_later(session, CLOSING_DELETED);
}

static void
on_login_revoked(struct hub *hub, const struct event *event)
{
	struct session *session = people_first(&hub->people, event->user_id);

	for (; session != NULL; session = people_next(session)) {
		if (session->login_id == event->login_id)
			depart_later(session, CLOSING_REVOKED);
	}
}

static void
on_user_disabled(struct hub *hub, const struct event *event)
{
	struct session *session = people_first(&hub->people, event->user_id);

	for (; session != NULL; session = people_next(session)) {
		if (concerns(session, event))
			depart_later(session, CLOSING_REVOKED);
	}
}

/* It is later than what the session saw when it came in. */
static bool
concerns(const struct session *session, const struct event *event)
{
	return event->id > session->seen_event;
}

/* The call object of a call event's body, and its id. */
static bool
find_call(const struct event *event, struct scan_object *call_r, int64_t *id_r)
{
	struct scan_object		 body;
	const struct scan_member	*member;

	if (scan_object(event->body, strlen(event->body), 0, &body) != SCAN_OK)
		return false;
	member = scan_find(&body, "call");
	if (member == NULL || scan_object(member->value.p, member->value.n, 0, call_r) != SCAN_OK)
		return false;
	member = scan_find(call_r, "id");
	return member != NULL && member->type == SCAN_NUMBER && scan_int(member->value, 1, INT64_MAX, id_r);
}

static bool
text_of(const struct scan_object *object, const char *key, char *dst, size_t size)
{
	const struct scan_member	*member = scan_find(object, key);
	size_t				 n;

	return member != NULL && member->type == SCAN_STRING && scan_string(member->value, dst, size, &n);
}
