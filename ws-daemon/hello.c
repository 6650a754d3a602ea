#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hello.h"
#include "mem.h"
#include "password.h"
#include "scan.h"
#include "str.h"

static const char protocol[] = "unio.v1";
static const char ticket_prefix[] = "unio.ticket.";
static const char resume_prefix[] = "unio.resume.";

static void	take_credential(struct hello *, enum hello_source, bool, const char *, size_t);
static void	take_protocol(struct hello *, struct slice);
static void	take_client_id(struct hello *, struct slice);
static void	take_resume(struct hello *, struct slice);
static void	take_number(int64_t *, struct slice);
static bool	take_auth(struct hello *, const struct scan_object *);
static bool	take_resume_frame(struct hello *, const struct scan_object *);
static void	take_memory(struct hello *, const struct scan_object *);
static bool	has_prefix(struct slice, const char *);
static bool	text_member(const struct scan_object *, const char *, char *, size_t);

void
hello_init(struct hello *hello)
{
	*hello = (struct hello){ .source = HELLO_NOTHING, .last_event_id = -1, .seq = -1 };
}

void
hello_clear(struct hello *hello)
{
	if (hello->credential != NULL) {
		password_wipe(hello->credential, strlen(hello->credential));
		free(hello->credential);
		hello->credential = NULL;
	}
	hello->source = HELLO_NOTHING;
}

struct hello *
hello_copy(const struct hello *hello)
{
	struct hello *copy = mem_alloc(sizeof(*copy));

	*copy = *hello;
	return copy;
}

void
hello_free(struct hello **hellop)
{
	struct hello *hello = *hellop;

	*hellop = NULL;
	if (hello == NULL)
		return;
	hello_clear(hello);
	free(hello);
}

void
hello_path(struct hello *hello, const char *base_path, const char *path)
{
	static const char	meeting[] = "/ws/meeting/";
	size_t			n;

	n = strlen(base_path);
	if (strncmp(path, base_path, n) != 0)
		return;
	path += n;
	if (strncmp(path, meeting, sizeof(meeting) - 1) != 0)
		return;
	path += sizeof(meeting) - 1;
	n = strlen(path);
	if (n > 0 && path[n - 1] == '/')
		n--;
	if (!str_to_int(path, n, 1, INT64_MAX, &hello->meeting_id))
		hello->meeting_id = 0;
}

void
hello_protocols(struct hello *hello, const char *value)
{
	struct slice	item;
	const char	*end;

	for (;; value = end + 1) {
		end = strchrnul(value, ',');
		item = str_trim((struct slice){ .p = value, .n = (size_t)(end - value) });
		take_protocol(hello, item);
		if (*end == '\0')
			return;
	}
}

static void
take_protocol(struct hello *hello, struct slice item)
{
	size_t n = sizeof(ticket_prefix) - 1, resume_n = sizeof(resume_prefix) - 1;

	if (str_equal(item, protocol))
		hello->v1 = true;
	else if (has_prefix(item, resume_prefix))
		take_resume(hello, (struct slice){ .p = item.p + resume_n, .n = item.n - resume_n });
	else if (has_prefix(item, ticket_prefix))
		take_credential(hello, HELLO_SUBPROTOCOL, true, item.p + n, item.n - n);
}

void
hello_authorization(struct hello *hello, const char *value)
{
	static const char	scheme[] = "Bearer ";
	struct slice		token;

	if (strncasecmp(value, scheme, sizeof(scheme) - 1) != 0)
		return;
	token = str_trim(str_slice(value + sizeof(scheme) - 1));
	take_credential(hello, HELLO_AUTHORIZATION, false, token.p, token.n);
}

void
hello_argument(struct hello *hello, const char *argument, bool allow_token)
{
	const char	*value = strchr(argument, '=');
	struct slice	 name;

	if (value == NULL)
		return;
	name = (struct slice){ .p = argument, .n = (size_t)(value++ - argument) };
	if (str_equal(name, "token") && allow_token)
		take_credential(hello, HELLO_QUERY_TOKEN, false, value, strlen(value));
	else if (str_equal(name, "ticket"))
		take_credential(hello, HELLO_QUERY_TICKET, true, value, strlen(value));
	else if (str_equal(name, "client_id"))
		take_client_id(hello, str_slice(value));
	else if (str_equal(name, "last_event_id"))
		take_number(&hello->last_event_id, str_slice(value));
	else if (str_equal(name, "seq"))
		take_number(&hello->seq, str_slice(value));
	else if (str_equal(name, "epoch"))
		str_copy(hello->epoch, sizeof(hello->epoch), value);
}

bool
hello_frame(struct hello *hello, const char *p, size_t n)
{
	struct scan_object	object;
	char			type[sizeof("resume")];

	if (scan_object(p, n, 0, &object) != SCAN_OK || !text_member(&object, "type", type, sizeof(type)))
		return false;
	if (strcmp(type, "resume") == 0 && !hello->resumed)
		return take_resume_frame(hello, &object);
	if (strcmp(type, "auth") != 0 || !take_auth(hello, &object))
		return false;
	take_memory(hello, &object);
	return true;
}

/* A credential may come along, for the case that the session is no more. */
static bool
take_resume_frame(struct hello *hello, const struct scan_object *object)
{
	const struct scan_member	*token = scan_find(object, "resume_token");
	const struct scan_member	*seq = scan_find(object, "seq");
	char				 text[BOUND_RESUME_TOKEN + 1];
	size_t				 n;

	if (token == NULL || token->type != SCAN_STRING)
		return false;
	if (!scan_string(token->value, text, sizeof(text), &n))
		n = 0;
	take_resume(hello, (struct slice){ .p = text, .n = n });
	if (seq != NULL && seq->type == SCAN_NUMBER)
		take_number(&hello->seq, seq->value);
	take_memory(hello, object);
	(void)take_auth(hello, object);
	return true;
}

/* A ticket before a token, as in the query; anything that is there must be a string. */
static bool
take_auth(struct hello *hello, const struct scan_object *object)
{
	const struct scan_member	*member = scan_find(object, "ticket");
	bool				 ticket = member != NULL;
	char				*text;
	size_t				 n;
	bool				 ok = false;

	if (!ticket)
		member = scan_find(object, "token");
	if (member == NULL || member->type != SCAN_STRING)
		return false;
	text = mem_alloc(member->value.n + 1);
	if (scan_string(member->value, text, member->value.n + 1, &n)) {
		take_credential(hello, ticket ? HELLO_QUERY_TICKET : HELLO_QUERY_TOKEN, ticket, text, n);
		ok = true;
	}
	password_wipe(text, member->value.n + 1);
	free(text);
	return ok;
}

/* What a client that was here before says of that time. */
static void
take_memory(struct hello *hello, const struct scan_object *object)
{
	const struct scan_member	*member;
	char				 text[LIMIT_CLIENT_ID + 2];

	if (text_member(object, "client_id", text, sizeof(text)))
		take_client_id(hello, str_slice(text));
	if (text_member(object, "epoch", text, sizeof(text)))
		str_copy(hello->epoch, sizeof(hello->epoch), text);
	member = scan_find(object, "last_event_id");
	if (member != NULL && member->type == SCAN_NUMBER)
		take_number(&hello->last_event_id, member->value);
}

/* Keeps the first in the order of enum hello_source, and of equals the first that came. */
static void
take_credential(struct hello *hello, enum hello_source source, bool ticket, const char *p, size_t n)
{
	if (source >= hello->source)
		return;
	hello_clear(hello);
	hello->source = source;
	hello->ticket = ticket;
	hello->credential = mem_strndup(p, n);
}

/* One that breaks the rules is as none: it is never shown to anybody. */
static void
take_client_id(struct hello *hello, struct slice text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	hello->client_id[0] = '\0';
	if (text.n == 0 || text.n > LIMIT_CLIENT_ID || strspn(text.p, allowed) < text.n)
		return;
	memcpy(hello->client_id, text.p, text.n);
	hello->client_id[text.n] = '\0';
}

static void
take_number(int64_t *number, struct slice text)
{
	if (!str_to_int(text.p, text.n, 0, INT64_MAX, number))
		*number = -1;
}

/* One of another length is nobody's, and as such it shall fail. */
static void
take_resume(struct hello *hello, struct slice token)
{
	if (hello->resume)
		return;
	hello->resume = true;
	if (token.n != BOUND_RESUME_TOKEN)
		return;
	memcpy(hello->resume_token, token.p, token.n);
	hello->resume_token[token.n] = '\0';
}

static bool
has_prefix(struct slice text, const char *prefix)
{
	size_t n = strlen(prefix);

	return text.n >= n && memcmp(text.p, prefix, n) == 0;
}

static bool
text_member(const struct scan_object *object, const char *key, char *dst, size_t size)
{
	const struct scan_member	*member = scan_find(object, key);
	size_t				 n;

	return member != NULL && member->type == SCAN_STRING && scan_string(member->value, dst, size, &n);
}
