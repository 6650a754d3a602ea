#include <string.h>

#include "control.h"
#include "emit.h"
#include "join.h"
#include "scan.h"
#include "str.h"

#define COMMAND_MAX	32	/* bytes of a command's name */

static bool	answer_ready(const struct hub *, const struct scan_object *, struct emit *);
static bool	answer_presence(const struct hub *, const struct scan_object *, struct emit *);
static bool	answer_entry(const struct hub *, const struct scan_object *, struct emit *);
static bool	answer_rooms(const struct hub *, const struct scan_object *, struct emit *);
static void	emit_present(struct emit *, const struct session *);
static bool	take_id(const struct scan_object *, const char *, int64_t *);

/* false: an argument is missing or wrong. */
static const struct {
	const char	*name;
	bool		(*answer)(const struct hub *, const struct scan_object *, struct emit *);
} command[] = {
	{ "ready",	answer_ready },
	{ "presence",	answer_presence },
	{ "entry",	answer_entry },
	{ "rooms",	answer_rooms },
};

void
control_answer(const struct hub *hub, const char *line, size_t n, struct buf *out)
{
	struct emit			 e = emit_into(out);
	struct scan_object		 object;
	const struct scan_member	*cmd = NULL;
	char				 name[COMMAND_MAX];
	size_t				 i, ignored, start = out->len;

	if (scan_object(line, n, SCAN_TEXT, &object) == SCAN_OK)
		cmd = scan_find(&object, "cmd");
	if (cmd != NULL && cmd->type == SCAN_STRING && scan_string(cmd->value, name, sizeof(name), &ignored)) {
		for (i = 0; i < COUNTOF(command); i++) {
			if (strcmp(name, command[i].name) != 0)
				continue;
			emit_object(&e, NULL);
			emit_bool(&e, "ok", true);
			if (command[i].answer(hub, &object, &e)) {
				emit_end(&e);
				return;
			}
			break;
		}
	}
	out->len = start;
	e = emit_into(out);
	emit_object(&e, NULL);
	emit_bool(&e, "ok", false);
	emit_text(&e, "error", "no such command, or a wrong argument");
	emit_end(&e);
}

static bool
answer_ready(const struct hub *hub, const struct scan_object *object, struct emit *e)
{
	(void)object;
	if (hub->draining)
		return false;
	emit_int(e, "sessions", (int64_t)hub->sessions);
	emit_int(e, "rooms", (int64_t)HASH_COUNT(hub->rooms));
	emit_int(e, "event_id", hub->event_id);
	return true;
}

static bool
answer_presence(const struct hub *hub, const struct scan_object *object, struct emit *e)
{
	const struct room	*room;
	const struct session	*session;
	int64_t			 meeting_id;

	if (!take_id(object, "meeting_id", &meeting_id))
		return false;
	HASH_FIND(hh, hub->rooms, &meeting_id, sizeof(meeting_id), room);
	emit_array(e, "sessions");
	for (session = room != NULL ? room->first : NULL; session != NULL; session = session->next)
		emit_present(e, session);
	emit_end(e);
	return true;
}

static void
emit_present(struct emit *e, const struct session *session)
{
	emit_object(e, NULL);
	emit_text(e, "session_id", session->id);
	emit_int(e, "user_id", session->user_id);
	emit_text(e, "email", session->email);
	emit_text(e, "full_name", session->full_name);
	emit_bool(e, "in_call", session->in_call);
	emit_raw(e, "state", session->state.len > 0 ?
	    (struct slice){ .p = session->state.data, .n = session->state.len } : str_slice("{}"));
	emit_time(e, "joined_at", session->joined_us);
	emit_text(e, "client_id", session->client_id[0] != '\0' ? session->client_id : NULL);
	emit_bool(e, "connected", session->conn != NULL);
	emit_end(e);
}

/* The limits as a handshake would meet them now: nothing, or the refusal. */
static bool
answer_entry(const struct hub *hub, const struct scan_object *object, struct emit *e)
{
	const struct scan_member	*member = scan_find(object, "address");
	const struct closing		*closing;
	char				 address[LIMIT_ADDRESS];
	int64_t				 meeting_id, user_id;
	size_t				 ignored;
	int				 refusal;

	if (!take_id(object, "meeting_id", &meeting_id) || !take_id(object, "user_id", &user_id) ||
	    member == NULL || member->type != SCAN_STRING ||
	    !scan_string(member->value, address, sizeof(address), &ignored))
		return false;
	if (limit_peek(&hub->addresses, address, hub->now_us) != LIMIT_ALLOWED) {
		emit_text(e, "code", "rate_limited");
		emit_text(e, "message", "too many connections from this address");
	} else if ((refusal = join_refusal(hub, meeting_id, user_id)) != 0) {
		closing = closing_find(refusal);
		emit_text(e, "code", closing->code);
		emit_text(e, "message", closing->message);
	}
	return true;
}

static bool
take_id(const struct scan_object *object, const char *key, int64_t *id_r)
{
	const struct scan_member *member = scan_find(object, key);

	return member != NULL && member->type == SCAN_NUMBER && scan_int(member->value, 1, INT64_MAX, id_r);
}

static bool
answer_rooms(const struct hub *hub, const struct scan_object *object, struct emit *e)
{
	const struct room *room;

	(void)object;
	emit_array(e, "rooms");
	for (room = hub->rooms; room != NULL; room = room->hh.next) {
		emit_object(e, NULL);
		emit_int(e, "meeting_id", room->meeting_id);
		emit_int(e, "sessions", (int64_t)room->count);
		emit_int(e, "in_call", (int64_t)room->in_call);
		emit_end(e);
	}
	emit_end(e);
	return true;
}
