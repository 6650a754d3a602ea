#include <string.h>

#include "buf.h"
#include "hub.h"
#include "relay.h"
#include "say.h"
#include "scan.h"
#include "session.h"

static void	copy_line(struct slice, struct buf *);
static void	copy_hiding(struct slice, const char *, struct buf *);
static bool	begins(struct slice, const char *);
static size_t	line_length(const char *, size_t);
static bool	candidate_allowed(struct slice);

static const char	related[] = " raddr ";

struct message *
relay_filtered(struct hub *hub, const struct session *from, const struct frame *frame)
{
	struct frame	 filtered = *frame;
	struct message	*message;
	struct buf	 value = { .data = NULL };

	if (frame->type == FRAME_MESSAGE)
		return say_relay(hub, from, frame);
	if (frame->type != FRAME_CANDIDATE)
		relay_strip(frame->value, &value);
	else if (candidate_allowed(frame->value))
		copy_hiding(frame->value, related, &value);
	else
		return NULL;
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
	const char	*end = value.p + value.n;
	size_t		 n;

	for (const char *p = value.p; p < end; p += n) {
		n = line_length(p, (size_t)(end - p));
		if (n > 0)
			copy_line((struct slice){ .p = p, .n = n }, out);
		else
			buf_addc(out, p[n++]);	/* the quote */
	}
}

/* The connection's default address (RFC 8866 5.7, RFC 3605) is a candidate's, once there are candidates. */
static void
copy_line(struct slice line, struct buf *out)
{
	static const char	 start[] = "a=candidate:";
	const char		*at = memmem(line.p, line.n, start, sizeof(start) - 1);
	struct slice		 candidate;

	if (at != NULL) {
		candidate = (struct slice){ .p = at, .n = line.n - (size_t)(at - line.p) };
		buf_add(out, line.p, (size_t)(at - line.p));
		if (relay_allows(candidate))
			copy_hiding(candidate, related, out);
	} else if (begins(line, "c=IN IP4") || begins(line, "a=rtcp:"))
		copy_hiding(line, " IP4 ", out);
	else if (begins(line, "c=IN IP6"))
		copy_hiding(line, " IP6 ", out);
	else
		buf_add(out, line.p, line.n);
}

/* With the unspecified address in place of the one behind the mark (RFC 8839 5.1 allows that for raddr). */
static void
copy_hiding(struct slice text, const char *mark, struct buf *out)
{
	const char	*end = text.p + text.n, *p = memmem(text.p, text.n, mark, strlen(mark)), *word;

	if (p != NULL) {
		word = p += strlen(mark);
		while (p < end && strchr(" \\\"", *p) == NULL)
			p++;
		buf_add(out, text.p, (size_t)(word - text.p));
		buf_adds(out, memchr(word, ':', (size_t)(p - word)) != NULL ? "::" : "0.0.0.0");
	} else
		p = text.p;
	buf_add(out, p, (size_t)(end - p));
}

static bool
begins(struct slice text, const char *start)
{
	size_t n = strlen(start);

	return text.n >= n && memcmp(text.p, start, n) == 0;
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
