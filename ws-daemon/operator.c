#include <string.h>
#include <strings.h>

#include "depart.h"
#include "hub.h"
#include "operator.h"
#include "say.h"

size_t
operator_kick(struct hub *hub, int64_t meeting_id, const char *who)
{
	const struct room	*room = room_find(hub, meeting_id);
	struct session		*session;
	size_t			 n = 0;

	for (session = room != NULL ? room->first : NULL; session != NULL; session = session->next) {
		if (strcmp(session->id, who) != 0 && strcasecmp(session->email, who) != 0)
			continue;
		depart_later(session, CLOSING_KICKED);
		n++;
	}
	depart_settle(hub);
	return n;
}

size_t
operator_message(struct hub *hub, int64_t meeting_id, const char *text)
{
	struct room	*room = room_find(hub, meeting_id);
	struct message	*message;
	size_t		 n;

	if (room == NULL)
		return 0;
	n = room->count;
	message = say_notice(hub, text);
	room_send(room, message, NULL);
	message_unref(&hub->pool, &message);
	depart_settle(hub);
	return n;
}
