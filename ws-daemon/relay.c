#include <string.h>

#include "buf.h"
#include "hub.h"
#include "relay.h"
#include "say.h"
#include "scan.h"
#include "session.h"

static const char	line_start[] = "a=candidate:";

static size_t	line_length(const char *, size_t);
static bool	candidate_allowed(struct slice);

struct message *
relay_filtered(struct hub *hub, const struct session *from, const struct frame *frame)
{
	struct frame	 filtered = *frame;
	struct message	*message;
	struct buf	 value = { .data = NULL };

	if (frame->type == FRAME_MESSAGE)
		return say_relay(hub, from, frame);
	if (frame->type == FRAME_CANDIDATE)
		return candidate_allowed(frame->value) ? say_relay(hub, from, frame) : NULL;
	relay_strip(frame->value, &value);
	filtered.value = (struct slice){ .p = value.data, .n = value.len };
	message = say_relay(hub, from, &filtered);
	buf_free(&value);
	return message;
}

/* "typ relay" as two words of the line. */
bool
relay_allows(struct slice candidate)
{
	static const char	wanted[] = " typ relay";
	const char		*end = candidate.p + candidate.n;
	const char		*p = memmem(candidate.p, candidate.n, wanted, sizeof(wanted) - 1);

	return p != NULL && (p + sizeof(wanted) - 1 == end || strchr(" \\\r\n\"", p[sizeof(wanted) - 1]) != NULL);
}

/*
 * Works on the JSON text itself, where a line of SDP ends in the escapes \r\n (or in
 * the string's quote), so that everything else stays byte for byte.
 */
void
relay_strip(struct slice value, struct buf *out)
{
	const char	*p = value.p, *end = value.p + value.n, *line;
	size_t		 n;

	while ((line = memmem(p, (size_t)(end - p), line_start, sizeof(line_start) - 1)) != NULL) {
		n = line_length(line, (size_t)(end - line));
		buf_add(out, p, (size_t)(line - p));
		if (relay_allows((struct slice){ .p = line, .n = n }))
			buf_add(out, line, n);
		p = line + n;
	}
	buf_add(out, p, (size_t)(end - p));
}

/* Of a line within a JSON string, its line end (as escapes) included, the closing quote not. */
static size_t
line_length(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] != '"') {
		if (p[i] != '\\') {
			i++;
		} else if (p[i + 1] == 'n') {
			return i + 2;
		} else {
			i += 2;
		}
	}
	return i;
}

/* null and the empty candidate (end of candidates) name no address. */
static bool
candidate_allowed(struct slice value)
{
	struct scan_object		 object;
	const struct scan_member	*member;
	char				 text[1024];
	size_t				 n;

	if (scan_object(value.p, value.n, 0, &object) != SCAN_OK)
		return true;
	member = scan_find(&object, "candidate");
	if (member == NULL || member->type != SCAN_STRING)
		return member == NULL || member->type == SCAN_NULL;
	if (!scan_string(member->value, text, sizeof(text), &n))
		return false;
	return n == 0 || relay_allows((struct slice){ .p = text, .n = n });
}
