#include "call.h"
#include "tell.h"

static enum call_result	call_change_status(struct db *db, struct event_list *events, const struct meeting *meeting,
			    enum meeting_status status, int64_t now_us);

/* A look-up's result, where it is not 1. */
#define CALL_MISSING(rc)	((rc) == 0 ? CALL_NONE : CALL_FAILED)

enum call_result
call_start(struct db *db, struct event_list *events, int64_t meeting_id, int64_t caller_id, int64_t now_us,
    struct call *call_r)
{
	struct meeting	meeting;
	struct call	call;
	int64_t		id;
	int		rc;

	if ((rc = store_meeting_by_id(db, events->arena, meeting_id, false, &meeting)) != 1)
		return (CALL_MISSING(rc));
	if (meeting.status == MEETING_CANCELLED)
		return (CALL_CANCELLED);
	if ((rc = store_call_create(db, meeting_id, caller_id, now_us, &id)) == -1)
		return (CALL_FAILED);
	if (rc == 0) {
		/* Two who press start at once share one call. */
		if (store_call_active(db, events->arena, meeting_id, call_r) != 1)
			return (CALL_FAILED);
		return (CALL_UNCHANGED);
	}
	if (store_call_by_id(db, events->arena, id, &call) != 1)
		return (CALL_FAILED);
	tell_call_started(events, &call);
	*call_r = call;
	return (call_change_status(db, events, &meeting, MEETING_ONGOING, now_us));
}

enum call_result
call_end(struct db *db, struct event_list *events, int64_t call_id, const char *reason, int64_t ended_us,
    struct call *call_r)
{
	struct meeting	meeting;
	struct call	call;
	int		ended, rc;

	if ((ended = store_call_end(db, call_id, reason, ended_us)) == -1)
		return (CALL_FAILED);
	if ((rc = store_call_by_id(db, events->arena, call_id, &call)) != 1)
		return (CALL_MISSING(rc));
	*call_r = call;
	if (ended == 0)
		return (CALL_UNCHANGED);
	tell_call_ended(events, &call);
	if (store_meeting_by_id(db, events->arena, call.meeting_id, false, &meeting) != 1)
		return (CALL_FAILED);
	return (call_change_status(db, events, &meeting, MEETING_COMPLETED, call.ended_at));
}

enum call_result
call_delete_meeting(struct db *db, struct event_list *events, int64_t meeting_id, int64_t now_us)
{
	struct call	call;
	int		rc;

	if ((rc = store_call_active(db, events->arena, meeting_id, &call)) == -1)
		return (CALL_FAILED);
	if (rc == 1) {
		if (store_call_end(db, call.id, "meeting_deleted", now_us) != 1 ||
		    store_call_by_id(db, events->arena, call.id, &call) != 1)
			return (CALL_FAILED);
		tell_call_ended(events, &call);
	}
	if ((rc = store_meeting_delete(db, meeting_id)) != 1)
		return (CALL_MISSING(rc));
	tell_meeting_deleted(events, meeting_id);
	return (CALL_DONE);
}

static enum call_result
call_change_status(struct db *db, struct event_list *events, const struct meeting *meeting,
    enum meeting_status status, int64_t now_us)
{
	if (store_meeting_set_status(db, meeting->id, status, now_us) == -1)
		return (CALL_FAILED);
	if (meeting->status != status)
		tell_meeting_status(events, meeting->id, status, meeting->status);
	return (CALL_DONE);
}
