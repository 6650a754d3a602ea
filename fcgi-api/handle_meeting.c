/* Meetings: list, make, read, change, delete. */
#include <string.h>

#include "call.h"
#include "field.h"
#include "invite.h"
#include "page.h"
#include "permit.h"
#include "tell.h"

static const struct field_text title_field = { "title", LIMIT_TITLE, false, false };
static const struct field_text description_field = { "description", LIMIT_DESCRIPTION, true, true };

static bool	read_new(const struct context *c, struct reply *r, struct meeting *meeting);
static bool	read_change(const struct context *c, struct reply *r, const struct meeting *before,
		    struct meeting_change *change_r);
static bool	read_ice_policy(const struct context *c, struct reply *r, const char **policy_r);
static bool	read_status(const struct context *c, struct reply *r, enum meeting_status before, int *status_r);
static bool	load(const struct context *c, struct reply *r, int64_t id, struct meeting *meeting_r);
static int	active_call(const struct context *c, const struct meeting *meeting, struct call *call_r);
static void	reply_meeting(const struct context *c, struct reply *r, int status, const struct meeting *meeting);
static void	audit_change(struct reply *r, int64_t meeting_id, const struct meeting_change *change);
static bool	differ(const char *a, const char *b);

void
handle_meeting_list(struct context *c, struct reply *r)
{
	enum meeting_status wanted = MEETING_SCHEDULED;
	struct meeting *meetings;
	struct page page;
	const char *text;
	size_t n, shown;
	struct emit e;
	int filtered;

	if (!page_read(c, r, 'm', &page) || (filtered = page_query(c, r, "status", &text)) < 0)
		return;
	if (filtered == 1 && !store_meeting_status_parse(text, &wanted)) {
		reply_bad_field(r, "status", "status must be scheduled, ongoing, completed or cancelled");
		return;
	}
	if (store_meeting_list(c->db, c->arena, c->caller.person.id, filtered == 1 ? (int)wanted : -1,
	    page.before_id, page_rows(&page), &meetings, &n) != 0) {
		reply_database(r, c->db);
		return;
	}
	shown = page_shown(&page, n);
	e = reply_ok(r, 200);
	emit_object(&e, NULL);
	emit_array(&e, "results");
	for (size_t i = 0; i < shown; i++) {
		struct call call;
		int active = active_call(c, &meetings[i], &call);

		if (active < 0) {
			reply_database(r, c->db);
			return;
		}
		store_meeting_emit(&e, NULL, &meetings[i], active == 1 ? &call : NULL);
	}
	emit_end(&e);
	page_emit_next(&page, &e, n, shown > 0 ? meetings[shown - 1].id : 0);
	emit_end(&e);
}

void
handle_meeting_create(struct context *c, struct reply *r)
{
	struct meeting meeting = { .description = "", .host = c->caller.person, .ice_policy = "all" };
	int64_t *invited;
	size_t n;
	int64_t id;

	if (!read_new(c, r, &meeting) || !invite_read(c, r, &invited, &n))
		return;
	if (store_meeting_create(c->db, &meeting, c->now_us, &id) != 0) {
		reply_database(r, c->db);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (store_meeting_add_participant(c->db, id, invited[i], c->now_us) < 0) {
			reply_database(r, c->db);
			return;
		}
	if (!load(c, r, id, &meeting))
		return;
	reply_meeting(c, r, 201, &meeting);
	if (r->status == 201) {
		r->location = arena_printf(c->arena, "%s/api/meetings/%lld", c->conf->base_path, (long long)id);
		audit_add(&r->audit, AUDIT_MEETING_ADD)->meeting_id = id;
	}
}

static bool
read_new(const struct context *c, struct reply *r, struct meeting *meeting)
{
	return field_text_required(c, r, &title_field, &meeting->title) &&
	    field_text(c, r, &description_field, &meeting->description) >= 0 &&
	    field_time(c, r, "scheduled_at", &meeting->scheduled_at) >= 0 &&
	    read_ice_policy(c, r, &meeting->ice_policy);
}

void
handle_meeting_get(struct context *c, struct reply *r)
{
	struct access access;
	struct meeting meeting;

	if (permit_meeting(c, r, c->id[0], PERMIT_READ, "meeting", &access) && load(c, r, c->id[0], &meeting))
		reply_meeting(c, r, 200, &meeting);
}

/* What is set to what it was already is no change: nobody is told, and updated_at stays. */
void
handle_meeting_patch(struct context *c, struct reply *r)
{
	struct meeting_change change = { .scheduled_at = -1, .status = -1 };
	struct meeting before, after;
	struct access access;
	bool status_changes, rest_changes;

	if (!permit_meeting(c, r, c->id[0], PERMIT_CHANGE, "meeting", &access) || !load(c, r, c->id[0], &before) ||
	    !read_change(c, r, &before, &change))
		return;
	status_changes = change.status >= 0;
	rest_changes = change.title != NULL || change.description != NULL || change.ice_policy != NULL ||
	    change.scheduled_at >= 0;
	if (!status_changes && !rest_changes) {
		reply_meeting(c, r, 200, &before);
		return;
	}
	if (store_meeting_update(c->db, before.id, &change, c->now_us) < 0) {
		reply_database(r, c->db);
		return;
	}
	if (!load(c, r, before.id, &after))
		return;
	reply_meeting(c, r, 200, &after);
	if (r->status == 200 && rest_changes) {
		struct call call;

		tell_meeting_updated(&r->events, &after, active_call(c, &after, &call) == 1 ? &call : NULL);
	}
	if (r->status == 200 && status_changes)
		tell_meeting_status(&r->events, after.id, after.status, before.status);
	if (r->status == 200)
		audit_change(r, after.id, &change);
}

/* Which fields, not what they say: titles are what people wrote. */
static void
audit_change(struct reply *r, int64_t meeting_id, const struct meeting_change *change)
{
	const struct {
		const char	*name;
		bool		 changed;
	} fields[] = {
		{ "title", change->title != NULL }, { "description", change->description != NULL },
		{ "ice_policy", change->ice_policy != NULL }, { "scheduled_at", change->scheduled_at >= 0 },
		{ "status", change->status >= 0 },
	};
	struct audit *audit = audit_add(&r->audit, AUDIT_MEETING_CHANGE);
	const char *names = "";

	for (size_t i = 0; i < COUNTOF(fields); i++)
		if (fields[i].changed)
			names = arena_printf(r->arena, "%s%s%s", names, *names != '\0' ? " " : "", fields[i].name);
	audit->meeting_id = meeting_id;
	audit_note(&r->audit, audit, "changed", names);
}

static bool
read_change(const struct context *c, struct reply *r, const struct meeting *before, struct meeting_change *change_r)
{
	struct meeting wanted = *before;

	if (field_text(c, r, &title_field, &wanted.title) < 0 ||
	    field_text(c, r, &description_field, &wanted.description) < 0 ||
	    field_time(c, r, "scheduled_at", &wanted.scheduled_at) < 0 ||
	    !read_ice_policy(c, r, &wanted.ice_policy) ||
	    !read_status(c, r, before->status, &change_r->status))
		return false;
	if (differ(wanted.title, before->title))
		change_r->title = wanted.title;
	if (differ(wanted.description, before->description))
		change_r->description = wanted.description;
	if (differ(wanted.ice_policy, before->ice_policy))
		change_r->ice_policy = wanted.ice_policy;
	if (wanted.scheduled_at != before->scheduled_at)
		change_r->scheduled_at = wanted.scheduled_at;
	return true;
}

static bool
read_ice_policy(const struct context *c, struct reply *r, const char **policy_r)
{
	const char *text;
	int found = json_get_text(c->body, "ice_policy", &text);

	if (found == 0)
		return true;
	if (found < 0 || (strcmp(text, "all") != 0 && strcmp(text, "relay") != 0)) {
		reply_bad_field(r, "ice_policy", "ice_policy must be all or relay");
		return false;
	}
	*policy_r = text;
	return true;
}

/* By hand a meeting is cancelled and scheduled again; the rest of its life its calls decide. */
static bool
read_status(const struct context *c, struct reply *r, enum meeting_status before, int *status_r)
{
	enum meeting_status wanted;
	const char *text;
	int found = json_get_text(c->body, "status", &text);

	if (found == 0)
		return true;
	if (found < 0 || !store_meeting_status_parse(text, &wanted) ||
	    (wanted != MEETING_CANCELLED && wanted != MEETING_SCHEDULED)) {
		reply_bad_field(r, "status", "status may be set to cancelled or scheduled");
		return false;
	}
	if (before == MEETING_ONGOING) {
		reply_error(r, 409, "call_active", "status", "a call is active in this meeting");
		return false;
	}
	if (before == MEETING_COMPLETED && wanted == MEETING_SCHEDULED) {
		reply_error(r, 409, "meeting_completed", "status", "a completed meeting is not scheduled again");
		return false;
	}
	if (wanted != before)
		*status_r = wanted;
	return true;
}

void
handle_meeting_delete(struct context *c, struct reply *r)
{
	struct access access;

	if (!permit_meeting(c, r, c->id[0], PERMIT_CHANGE, "meeting", &access))
		return;
	switch (call_delete_meeting(c->db, &r->events, c->id[0], c->now_us)) {
	case CALL_DONE:
	case CALL_UNCHANGED:
		reply_no_content(r);
		audit_add(&r->audit, AUDIT_MEETING_DELETE)->meeting_id = c->id[0];
		break;
	case CALL_NONE:
	case CALL_CANCELLED:
		reply_not_found(r, "meeting");
		break;
	case CALL_FAILED:
		reply_database(r, c->db);
		break;
	}
}

static bool
load(const struct context *c, struct reply *r, int64_t id, struct meeting *meeting_r)
{
	int found = store_meeting_by_id(c->db, c->arena, id, true, meeting_r);

	if (found < 0)
		reply_database(r, c->db);
	else if (found == 0)
		reply_not_found(r, "meeting");
	return found == 1;
}

/* 1/0/-1; a meeting has one exactly while it is ongoing. */
static int
active_call(const struct context *c, const struct meeting *meeting, struct call *call_r)
{
	if (meeting->status != MEETING_ONGOING)
		return 0;
	return store_call_active(c->db, c->arena, meeting->id, call_r);
}

static void
reply_meeting(const struct context *c, struct reply *r, int status, const struct meeting *meeting)
{
	struct call call;
	struct emit e;
	int active = active_call(c, meeting, &call);

	if (active < 0) {
		reply_database(r, c->db);
		return;
	}
	e = reply_ok(r, status);
	store_meeting_emit(&e, NULL, meeting, active == 1 ? &call : NULL);
}

static bool
differ(const char *a, const char *b)
{
	return strcmp(a, b) != 0;
}
