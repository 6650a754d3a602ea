/*
 * tell.h: the events, each with its body, in one place.
 *
 * Whoever changes something says here what the rooms must be told; each function
 * adds one event to the list (event.h), which is stored in the same transaction.
 */
#ifndef UNIO_TELL_H
#define UNIO_TELL_H

#include "event.h"
#include "store_call.h"
#include "store_meeting.h"
#include "store_user.h"

/* {meeting_id, status, previous_status} */
void	tell_meeting_status(struct event_list *events, int64_t meeting_id, enum meeting_status status,
    enum meeting_status previous);
/* {call} */
void	tell_call_started(struct event_list *events, const struct call *call);
void	tell_call_ended(struct event_list *events, const struct call *call);
/* {meeting}, with its participants; active: the call that goes on in it, or NULL. */
void	tell_meeting_updated(struct event_list *events, const struct meeting *meeting, const struct call *active);
/* {user} */
void	tell_participant_added(struct event_list *events, int64_t meeting_id, const struct person *user);
void	tell_participant_removed(struct event_list *events, int64_t meeting_id, const struct person *user);
/* {user, banned: true}: the same, for good. */
void	tell_participant_banned(struct event_list *events, int64_t meeting_id, const struct person *user);
/* {meeting_id}; the last of a meeting's events. */
void	tell_meeting_deleted(struct event_list *events, int64_t meeting_id);

/* For the daemon alone. */
void	tell_login_revoked(struct event_list *events, int64_t user_id, int64_t login_id);
void	tell_user_disabled(struct event_list *events, int64_t user_id);
void	tell_user_kicked(struct event_list *events, int64_t meeting_id, int64_t user_id);

#endif
