#include <string.h>

#include "tally_table.h"

/* clang-format off */
#define ALONE(kind_, field, name_, help_) \
	{ .name = (name_), .kind = METRIC_##kind_, .offset = offsetof(struct tally_all, field), \
	  .help = (help_) }
#define BY(kind_, field, label_, value_, name_, help_) \
	{ .name = (name_), .kind = METRIC_##kind_, .offset = offsetof(struct tally_all, field), \
	  .label = label_, /* in braces: NOLINT(bugprone-macro-parentheses) */ \
	  .value = (value_), .help = (help_) }
#define LABELS(...)	{ __VA_ARGS__ }

static bool	by_route(size_t, const char *[METRIC_LABELS]);
static bool	by_status(size_t, const char *[METRIC_LABELS]);
static bool	by_code(size_t, const char *[METRIC_LABELS]);
static bool	by_end(size_t, const char *[METRIC_LABELS]);

static const char other[] = "other";

static const struct metric table[] = {
	BY(HISTOGRAM, figures.requests, LABELS("method", "route"), by_route, "unio_api_request_duration_seconds",
	    "From a request to its reply, by route."),
	BY(COUNTER, figures.responses, LABELS("status"), by_status, "unio_api_responses_total", "Replies, by status."),
	BY(COUNTER, figures.errors, LABELS("code"), by_code, "unio_api_errors_total",
	    "Refused requests, by error code."),
	ALONE(COUNTER, figures.response_bytes, "unio_api_response_bytes_total",
	    "Bytes of replies, with their headers."),
	BY(HISTOGRAM, figures.lock, LABELS(NULL), NULL, "unio_api_database_lock_seconds",
	    "How long requests that write waited for the database."),
	ALONE(GAUGE, workers, "unio_api_workers", "Workers that run."),
	ALONE(GAUGE, workers_max, "unio_api_workers_max", "Workers that shall run."),
	ALONE(GAUGE, figures.busy, "unio_api_workers_busy", "Workers that are at a request."),
	ALONE(COUNTER, starts, "unio_api_worker_starts_total", "Workers that were started."),
	BY(COUNTER, ends, LABELS("reason"), by_end, "unio_api_worker_ends_total",
	    "Workers that ended: as they were told, by themselves, by a signal."),
	ALONE(GAUGE, database_bytes, "unio_database_bytes", "Size of the database file."),
	ALONE(GAUGE, wal_bytes, "unio_database_wal_bytes", "Size of its write-ahead log."),
};
/* clang-format on */

static const struct {
	int		 status;
	const char	*text;
} statuses[] = {
	{ 200, "200" }, { 201, "201" }, { 204, "204" }, { 304, "304" }, { 400, "400" }, { 401, "401" }, { 403, "403" },
	{ 404, "404" }, { 405, "405" }, { 409, "409" }, { 413, "413" }, { 415, "415" }, { 429, "429" }, { 500, "500" },
	{ 502, "502" }, { 503, "503" }, { 0, other },
};
_Static_assert(COUNTOF(statuses) <= TALLY_STATUSES, "each has a place");

/* As docs/PROTOCOL.md has them. */
static const char *const codes[] = {
	"invalid_json", "missing_field", "invalid_field", "body_incomplete", "bad_path", "bad_host",
	"invalid_idempotency_key", "unauthorized", "invalid_credentials", "invalid_refresh", "forbidden",
	"wrong_password", "registration_closed", "origin_refused", "banned", "user_banned", "too_many_bans",
	"last_administrator", "not_found", "method_not_allowed", "meeting_cancelled", "call_active",
	"meeting_completed", "host_stays", "too_many_participants", "email_taken", "idempotency_key_reused",
	"conflict", "body_too_large", "unsupported_media_type", "rate_limited", "too_many_failures",
	"too_many_sessions", "room_full", "internal", "storage_damaged", "database_busy", "database_unavailable",
	"storage_full", "storage_read_only", "signaling_unavailable", "busy", other,
};
_Static_assert(COUNTOF(codes) <= TALLY_CODES, "each has a place");

void
tally_table_write(const struct tally_all *all, struct buf *out)
{
	metric_write(table, COUNTOF(table), all, out);
}

size_t
tally_table_route(const struct route *route)
{
	size_t i = route != NULL ? (size_t)(route - route_at(0)) : route_count();

	return MIN(i, (size_t)TALLY_ROUTES - 1);
}

size_t
tally_table_status(int status)
{
	size_t i = 0;

	while (i < COUNTOF(statuses) - 1 && statuses[i].status != status)
		i++;
	return i;
}

size_t
tally_table_code(const char *code)
{
	size_t i = 0;

	while (i < COUNTOF(codes) - 1 && strcmp(codes[i], code) != 0)
		i++;
	return i;
}

/* Behind the last route is what has none. */
static bool
by_route(size_t i, const char *value_r[METRIC_LABELS])
{
	const struct route *route = route_at(i);

	value_r[0] = route != NULL ? route->method : other;
	value_r[1] = route != NULL ? route->pattern : other;
	return i <= route_count();
}

static bool
by_status(size_t i, const char *value_r[METRIC_LABELS])
{
	if (i >= COUNTOF(statuses))
		return false;
	value_r[0] = statuses[i].text;
	return true;
}

static bool
by_code(size_t i, const char *value_r[METRIC_LABELS])
{
	if (i >= COUNTOF(codes))
		return false;
	value_r[0] = codes[i];
	return true;
}

static bool
by_end(size_t i, const char *value_r[METRIC_LABELS])
{
	static const char *const reason[TALLY_ENDS] = {
		[TALLY_STOPPED] = "stopped",
		[TALLY_EXITED] = "exited",
		[TALLY_KILLED] = "killed",
	};

	if (i >= TALLY_ENDS)
		return false;
	value_r[0] = reason[i];
	return true;
}
