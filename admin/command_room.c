#include <errno.h>
#include <string.h>

#include "command.h"
#include "context.h"
#include "ctl.h"
#include "json.h"
#include "scan.h"
#include "table.h"

#define TIMEOUT	(5 * US_PER_S)	/* the daemon answers from memory, so this is long */

static enum outcome	show(struct context *, const struct buf *);
static bool		show_rooms(struct table *, const struct json *);

enum outcome
command_room_list(struct context *ctx)
{
	struct buf reply = { 0 };
	enum outcome outcome;

	if (ctl_request(ctx->conf->control_socket, "{\"cmd\":\"rooms\"}", TIMEOUT, &reply) == 0)
		outcome = show(ctx, &reply);
	else
		outcome = context_fail(ctx, OUTCOME_BUSY, "the signaling daemon does not answer on %s: %s",
		    ctx->conf->control_socket, strerror(errno));
	buf_free(&reply);
	return outcome;
}

static enum outcome
show(struct context *ctx, const struct buf *reply)
{
	static const char *const heading[] = { "MEETING", "SESSIONS", "IN CALL" };
	const struct json *rooms;
	struct scan_object object;
	struct table t;
	struct json *json;
	const char *reason;
	bool ok = false;

	table_init(&t, ctx->arena, heading, COUNTOF(heading));
	if ((json = json_parse_object(reply->data, reply->len, &reason)) != NULL &&
	    json_get_array(json, "rooms", &rooms) == 1 && show_rooms(&t, rooms) &&
	    scan_object(reply->data, reply->len, 0, &object) == SCAN_OK) {
		emit_raw(&ctx->json, NULL, scan_find(&object, "rooms")->value);
		table_print(&t, &ctx->text);
		ok = true;
	}
	json_free(&json);
	return ok ? OUTCOME_DONE : context_fail(ctx, OUTCOME_FAILED, "the signaling daemon's answer makes no sense");
}

static bool
show_rooms(struct table *t, const struct json *rooms)
{
	static const char *const keys[] = { "meeting_id", "sessions", "in_call" };
	int64_t number;
	size_t i, k;

	for (i = 0; i < json_array_length(rooms); i++) {
		for (k = 0; k < COUNTOF(keys); k++) {
			if (json_get_int(json_array_item(rooms, i), keys[k], 0, INT64_MAX, &number) != 1)
				return false;
			table_int(t, number);
		}
	}
	return true;
}
