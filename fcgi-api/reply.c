#include <stdarg.h>
#include <stdio.h>

#include "log.h"
#include "reply.h"

#define PREFLIGHT_S	7200	/* no browser remembers one for longer */

static void		 error_v(struct reply *reply, int status, const char *code, const char *field,
			     const char *fmt, va_list args) PRINTF_LIKE(5, 0);
static void		 render_origin(const struct reply *reply, struct buf *out);
static bool		 has_body(const struct reply *reply);
static const char	*reason(int status);

static const char json_type[] = "application/json";

static const struct {
	int		 status;
	const char	*reason;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 204, "No Content" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
};

/* What each kind of database error means to the client; retry: it may help to come again. */
static const struct {
	int		 status;
	const char	*code;
	const char	*message;
} database_errors[] = {
	[DB_OK] = { 500, "internal", "something went wrong here" },
	[DB_BUSY] = { 503, "database_busy", "the database is busy, please try again" },
	[DB_UNIQUE] = { 409, "conflict", "this collides with something that exists" },
	[DB_CONSTRAINT] = { 500, "internal", "something went wrong here" },
	[DB_FULL] = { 503, "storage_full", "nothing can be stored at the moment" },
	[DB_READONLY] = { 503, "storage_read_only", "nothing can be stored at the moment" },
	[DB_CORRUPT] = { 500, "storage_damaged", "the database is damaged" },
	[DB_FAILED] = { 500, "internal", "something went wrong here" },
};

void
reply_start(struct reply *reply, struct arena *arena, const char *request_id)
{
	struct buf body = reply->body;

	buf_clear(&body);
	*reply = (struct reply){
		.arena = arena,
		.request_id = request_id,
		.status = 500,
		.body = body,
		.content_type = json_type,
	};
	event_list_init(&reply->events, arena);
	audit_list_init(&reply->audit, arena);
}

struct emit
reply_ok(struct reply *reply, int status)
{
	buf_clear(&reply->body);
	reply->status = status;
	reply->code = NULL;
	reply->commit = true;
	return emit_into(&reply->body);
}

void
reply_no_content(struct reply *reply)
{
	(void)reply_ok(reply, 204);
}

void
reply_error(struct reply *reply, int status, const char *code, const char *field, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	error_v(reply, status, code, field, fmt, args);
	va_end(args);
}

void
reply_bad_field(struct reply *reply, const char *field, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	error_v(reply, 400, "invalid_field", field, fmt, args);
	va_end(args);
}

static void
error_v(struct reply *reply, int status, const char *code, const char *field, const char *fmt, va_list args)
{
	char message[256];
	struct emit e;

	vsnprintf(message, sizeof(message), fmt, args);
	reply_start(reply, reply->arena, reply->request_id);
	reply->status = status;
	reply->code = code;
	if (status == 401)
		reply->authenticate = "Bearer realm=\"unio\"";
	if (status == 429 || status == 503)
		reply->retry_after_s = 1;

	e = emit_into(&reply->body);
	emit_object(&e, NULL);
	emit_text(&e, "error", message);
	emit_text(&e, "code", code);
	if (field != NULL)
		emit_text(&e, "field", field);
	emit_text(&e, "request_id", reply->request_id);
	emit_end(&e);
}

void
reply_not_found(struct reply *reply, const char *what)
{
	reply_error(reply, 404, "not_found", NULL, "no such %s", what);
}

void
reply_unauthorized(struct reply *reply, const char *code, const char *message)
{
	reply_error(reply, 401, code, NULL, "%s", message);
}

void
reply_database(struct reply *reply, const struct db *db)
{
	enum db_error kind = db_error(db);

	log_error("database", LOG_TEXT("request_id", reply->request_id), LOG_TEXT("error", db_error_text(db)));
	reply_error(reply, database_errors[kind].status, database_errors[kind].code, NULL, "%s",
	    database_errors[kind].message);
}

void
reply_unavailable(struct reply *reply, const char *code, const char *message)
{
	reply_error(reply, 503, code, NULL, "%s", message);
}

void
reply_render(const struct reply *reply, bool head, struct buf *out)
{
	buf_addf(out, "Status: %d %s\r\nX-Request-Id: %s\r\n", reply->status, reason(reply->status),
	    reply->request_id);
	buf_addf(out, "Cache-Control: %s\r\nX-Content-Type-Options: nosniff\r\n",
	    reply->cache_control != NULL ? reply->cache_control : "no-store");
	if (reply->location != NULL)
		buf_addf(out, "Location: %s\r\n", reply->location);
	if (reply->allow != NULL)
		buf_addf(out, "Allow: %s\r\n", reply->allow);
	if (reply->authenticate != NULL)
		buf_addf(out, "WWW-Authenticate: %s\r\n", reply->authenticate);
	if (reply->retry_after_s > 0)
		buf_addf(out, "Retry-After: %lld\r\n", (long long)reply->retry_after_s);
	if (reply->filename != NULL)
		buf_addf(out, "Content-Disposition: attachment; filename=\"%s\"\r\n", reply->filename);
	if (reply->etag != NULL)
		buf_addf(out, "ETag: %s\r\n", reply->etag);
	render_origin(reply, out);
	if (reply->replayed)
		buf_adds(out, "Idempotency-Replayed: true\r\n");
	if (has_body(reply))
		buf_addf(out, "Content-Type: %s\r\nContent-Length: %zu\r\n", reply->content_type, reply->body.len);
	buf_adds(out, "\r\n");
	if (!head && has_body(reply))
		buf_add(out, reply->body.data, reply->body.len);
}

/* The CORS protocol (Fetch Standard 3.2.3); nothing goes by cookies, so that nobody is allowed credentials. */
static void
render_origin(const struct reply *reply, struct buf *out)
{
	if (reply->varies)
		buf_adds(out, "Vary: Origin\r\n");
	if (reply->allow_origin == NULL)
		return;
	buf_addf(out, "Access-Control-Allow-Origin: %s\r\n", reply->allow_origin);
	if (reply->preflight)
		buf_addf(out, "Access-Control-Allow-Methods: GET, HEAD, POST, PATCH, DELETE\r\n"
		    "Access-Control-Allow-Headers: Authorization, Content-Type, Idempotency-Key\r\n"
		    "Access-Control-Max-Age: %d\r\n", PREFLIGHT_S);
	else
		buf_adds(out, "Access-Control-Expose-Headers: X-Request-Id, Retry-After, Location, WWW-Authenticate,"
		    " Idempotency-Replayed, ETag\r\n");
}

static bool
has_body(const struct reply *reply)
{
	return reply->status != 204 && reply->status != 304;
}

static const char *
reason(int status)
{
	for (size_t i = 0; i < COUNTOF(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}
