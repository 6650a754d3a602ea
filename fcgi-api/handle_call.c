/* Calls: start, end, look back. */
#include <string.h>

#include "attend.h"
#include "call.h"
#include "field.h"
#include "page.h"
#include "permit.h"
#include "str.h"

static void	audit_call(struct reply *r, enum audit_action action, const struct call *call);
static void	end_call(const struct context *c, struct reply *r, int64_t call_id);
static bool	read_filter(const struct context *c, struct reply *r, int64_t *meeting_id_r, int *active_r);

/* Two people who press start at once share one call: the second gets 200 and the first one's. */
void
handle_call_start(struct context *c, struct reply *r)
{
	struct access access;
	struct call call;
	int64_t meeting_id;
	struct emit e;

	if (!field_id_required(c, r, "meeting_id", &meeting_id) ||
	    !permit_meeting(c, r, meeting_id, PERMIT_START, "meeting", &access))
		return;
	switch (call_start(c->db, &r->events, meeting_id, c->caller.person.id, c->now_us, &call)) {
	case CALL_DONE:
		e = reply_ok(r, 201);
		r->location = arena_printf(c->arena, "%s/api/calls/%lld", c->conf->base_path, (long long)call.id);
		store_call_emit(&e, NULL, &call);
		audit_call(r, AUDIT_CALL_START, &call);
		break;
	case CALL_UNCHANGED:
		e = reply_ok(r, 200);
		store_call_emit(&e, NULL, &call);
		break;
	case CALL_CANCELLED:
		reply_error(r, 409, "meeting_cancelled", NULL, "the meeting is cancelled");
		break;
	case CALL_NONE:
		reply_not_found(r, "meeting");
		break;
	case CALL_FAILED:
		reply_database(r, c->db);
		break;
	}
}

static void
audit_call(struct reply *r, enum audit_action action, const struct call *call)
{
	struct audit *audit = audit_add(&r->audit, action);

	audit->meeting_id = call->meeting_id;
	audit->object_id = call->id;
}

void
handle_call_end_by_body(struct context *c, struct reply *r)
{
	int64_t call_id;

	if (field_id_required(c, r, "call_id", &call_id))
		end_call(c, r, call_id);
}

void
handle_call_end(struct context *c, struct reply *r)
{
	end_call(c, r, c->id[0]);
}

static void
end_call(const struct context *c, struct reply *r, int64_t call_id)
{
	struct access access;
	struct call call;
	struct emit e;
	int found = store_call_by_id(c->db, c->arena, call_id, &call);

	if (found < 0)
		reply_database(r, c->db);
	else if (found == 0)
		reply_not_found(r, "call");
	if (found != 1 || !permit_meeting(c, r, call.meeting_id, PERMIT_END, "call", &access))
		return;
	switch (call_end(c->db, &r->events, call_id, "ended", c->now_us, &call)) {
	case CALL_DONE:
		audit_call(r, AUDIT_CALL_END, &call);
		/* FALLTHROUGH */
	case CALL_UNCHANGED:
		e = reply_ok(r, 200);
		store_call_emit(&e, NULL, &call);
		break;
	case CALL_NONE:
	case CALL_CANCELLED:
		reply_not_found(r, "call");
		break;
	case CALL_FAILED:
		reply_database(r, c->db);
		break;
	}
}

/* Of one meeting that the caller may see, or of all that the caller is a member of. */
void
handle_call_list(struct context *c, struct reply *r)
{
	struct call *calls;
	struct access access;
	struct page page;
	struct emit e;
	int64_t meeting_id;
	size_t n, shown;
	int active;

	if (!page_read(c, r, 'c', &page) || !read_filter(c, r, &meeting_id, &active) ||
	    (meeting_id != 0 && !permit_meeting(c, r, meeting_id, PERMIT_READ, "meeting", &access)))
		return;
	if (store_call_list(c->db, c->arena, meeting_id != 0 ? 0 : c->caller.person.id, meeting_id, active,
	    page.before_id, page_rows(&page), &calls, &n) != 0) {
		reply_database(r, c->db);
		return;
	}
	shown = page_shown(&page, n);
	e = reply_ok(r, 200);
	emit_object(&e, NULL);
	emit_array(&e, "results");
	for (size_t i = 0; i < shown; i++)
		store_call_emit(&e, NULL, &calls[i]);
	emit_end(&e);
	page_emit_next(&page, &e, n, shown > 0 ? calls[shown - 1].id : 0);
	emit_end(&e);
}

static bool
read_filter(const struct context *c, struct reply *r, int64_t *meeting_id_r, int *active_r)
{
	const char *text;
	int found;

	*meeting_id_r = 0;
	*active_r = -1;
	if ((found = page_query(c, r, "meeting_id", &text)) < 0)
		return false;
	if (found == 1 && !str_to_int(text, strlen(text), 1, INT64_MAX, meeting_id_r)) {
		reply_bad_field(r, "meeting_id", "meeting_id must be a positive integer");
		return false;
	}
	if ((found = page_query(c, r, "status", &text)) <= 0)
		return found == 0;
	if (strcmp(text, "active") != 0 && strcmp(text, "ended") != 0) {
		reply_bad_field(r, "status", "status must be active or ended");
		return false;
	}
	*active_r = strcmp(text, "active") == 0;
	return true;
}

void
handle_call_get(struct context *c, struct reply *r)
{
	struct attend attend;
	struct emit e;

	if (!attend_read(c, r, c->id[0], &attend))
		return;
	e = reply_ok(r, 200);
	emit_object(&e, NULL);
	store_call_emit_members(&e, &attend.call);
	attend_emit(&e, "attendance", &attend, c->now_us);
	emit_end(&e);
}
