#include <stdlib.h>
#include <string.h>

#include "hub.h"
#include "mem.h"
#include "room.h"

struct room *
room_find(const struct hub *hub, int64_t meeting_id)
{
	struct room *room;

	HASH_FIND(hh, hub->rooms, &meeting_id, sizeof(meeting_id), room);
	return room;
}

void
room_add(struct hub *hub, int64_t meeting_id, struct session *session)
{
	struct room *room = room_find(hub, meeting_id);

	if (room == NULL) {
		room = mem_calloc(1, sizeof(*room));
		room->meeting_id = meeting_id;
		HASH_ADD(hh, hub->rooms, meeting_id, sizeof(room->meeting_id), room);
	}
	session->room = room;
	session->prev = room->last;
	if (room->last != NULL)
		room->last->next = session;
	else
		room->first = session;
	room->last = session;
	room->count++;
	hub->sessions++;
	people_add(&hub->people, session);
}

void
room_remove(struct hub *hub, struct session *session)
{
	struct room *room = session->room;

	if (session->prev != NULL)
		session->prev->next = session->next;
	else
		room->first = session->next;
	if (session->next != NULL)
		session->next->prev = session->prev;
	else
		room->last = session->prev;
	hub->sessions--;
	people_remove(&hub->people, session);
	if (--room->count == 0) {
		HASH_DEL(hub->rooms, room);
		free(room);
	}
	session_free(&session);
}

void
room_send(struct room *room, struct message *message, const struct session *but)
{
	struct session *session;

	for (session = room->first; session != NULL; session = session->next) {
		if (session != but)
			session_send(session, message);
	}
}

size_t
room_send_to_user(struct room *room, struct message *message, const struct session *but, int64_t user_id)
{
	struct session	*session;
	size_t		 n = 0;

	for (session = room->first; session != NULL; session = session->next) {
		if (session == but || session->user_id != user_id)
			continue;
		session_send(session, message);
		n++;
	}
	return n;
}

struct session *
room_session(const struct room *room, const char *session_id)
{
	struct session *session;

	for (session = room->first; session != NULL; session = session->next) {
		if (strcmp(session->id, session_id) == 0)
			return session;
	}
	return NULL;
}

size_t
room_devices(const struct room *room, int64_t user_id)
{
	struct session	*session;
	size_t		 n = 0;

	for (session = room->first; session != NULL; session = session->next)
		n += session->user_id == user_id;
	return n;
}
