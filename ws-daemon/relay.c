#include "buf.h"
#include "hub.h"
#include "relay.h"
#include "say.h"
#include "scan.h"
#include "sdp.h"
#include "session.h"
#include "str.h"

#define CANDIDATE_MAX	1024	/* bytes; a browser's have about 200 */

static bool	candidate_allowed(struct slice);

struct message *
relay_filtered(struct hub *hub, const struct session *from, const struct frame *frame)
{
	struct frame	 filtered = *frame;
	struct message	*message;
	struct buf	 value = { .data = NULL };

	if (frame->type == FRAME_MESSAGE || frame->type == FRAME_STATE)
		return say_relay(hub, from, frame);
	if (frame->type == FRAME_CANDIDATE && !candidate_allowed(frame->value))
		return NULL;
	sdp_hide(frame->value, &value);
	filtered.value = (struct slice){ .p = value.data, .n = value.len };
	message = say_relay(hub, from, &filtered);
	buf_free(&value);
	return message;
}

/* null, and an object whose candidate is a TURN server's, or none, or empty (the end of candidates). */
static bool
candidate_allowed(struct slice value)
{
	struct scan_object		 object;
	const struct scan_member	*member;
	enum scan_result		 result = scan_object(value.p, value.n, 0, &object);
	char				 text[CANDIDATE_MAX];
	size_t				 n;

	if (result != SCAN_OK)
		return result == SCAN_NOT_OBJECT && str_equal(value, "null");
	member = scan_find(&object, "candidate");
	if (member == NULL || member->type == SCAN_NULL)
		return true;
	return member->type == SCAN_STRING && scan_string(member->value, text, sizeof(text), &n) &&
	    (n == 0 || sdp_is_relay((struct slice){ .p = text, .n = n }));
}
