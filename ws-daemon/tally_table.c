#include "tally_table.h"

/* clang-format off */
#define ALONE(kind_, field, name_, help_) \
	{ .name = "unio_signald_" name_, .kind = METRIC_##kind_, .offset = offsetof(struct tally, field), \
	  .help = (help_) }
#define BY(kind_, field, label_, value_, name_, help_) \
	{ .name = "unio_signald_" name_, .kind = METRIC_##kind_, .offset = offsetof(struct tally, field), \
	  .label = label_, /* in braces: NOLINT(bugprone-macro-parentheses) */ \
	  .value = (value_), .help = (help_) }
#define LABELS(...)	{ __VA_ARGS__ }

static bool	by_upgrade(size_t, const char *[METRIC_LABELS]);
static bool	by_closing(size_t, const char *[METRIC_LABELS]);
static bool	by_resume(size_t, const char *[METRIC_LABELS]);
static bool	by_frame(size_t, const char *[METRIC_LABELS]);
static bool	by_error(size_t, const char *[METRIC_LABELS]);
static bool	by_event(size_t, const char *[METRIC_LABELS]);
static bool	by_job(size_t, const char *[METRIC_LABELS]);
static bool	by_job_result(size_t, const char *[METRIC_LABELS]);
static bool	by_thread(size_t, const char *[METRIC_LABELS]);

const char *const tally_table_resume[TALLY_RESUMES] = {
	[TALLY_RESUMED] = "resumed",
	[TALLY_EXPIRED] = "expired",
	[TALLY_GAP] = "gap",
	[TALLY_REVOKED] = "revoked",
};

static const struct metric table[] = {
	ALONE(GAUGE, rooms, "rooms", "Rooms that somebody is in."),
	ALONE(GAUGE, sessions, "sessions", "Sessions in rooms, those without a connection included."),
	ALONE(GAUGE, detached, "sessions_detached", "Sessions that lost their connection and may come back."),
	ALONE(GAUGE, in_call, "sessions_in_call", "Sessions that are in the call of their room."),
	ALONE(GAUGE, calls, "calls", "Calls that are active."),
	ALONE(GAUGE, connections, "connections", "WebSockets that are open."),
	ALONE(GAUGE, connections_max, "connections_max", "WebSockets that may be open (max_connections)."),
	ALONE(GAUGE, queued, "queued_frames", "Frames that wait to be sent, of all connections."),
	ALONE(GAUGE, queued_bytes, "queued_bytes", "Bytes that wait to be sent, of all connections."),
	ALONE(GAUGE, queued_longest, "queued_frames_longest",
	    "Frames that wait in the longest queue of one connection."),
	ALONE(GAUGE, message_bytes, "message_bytes", "Memory of frames that are queued or kept for resuming."),
	ALONE(GAUGE, message_bytes_max, "message_bytes_max",
	    "Where sessions are ended to free that memory (resume_memory)."),
	ALONE(GAUGE, event_id, "last_event_id", "The newest event that has been dealt with."),
	ALONE(GAUGE, draining, "draining", "1 while it sends its clients away."),

	ALONE(COUNTER, opened, "connections_total", "WebSockets that were opened."),
	BY(COUNTER, upgrades_refused, LABELS("reason"), by_upgrade, "upgrades_refused_total",
	    "Requests that did not become a WebSocket."),
	BY(COUNTER, refused, LABELS("code"), by_closing, "refusals_total",
	    "WebSockets that ended before they had a session, by what their close code is called."),
	BY(COUNTER, closed, LABELS("code"), by_closing, "closes_total",
	    "WebSockets with a session that ended, by what their close code is called."),
	ALONE(COUNTER, joined, "joins_total", "Sessions that entered a room."),
	ALONE(COUNTER, left, "leaves_total", "Sessions that left their room for good."),
	BY(COUNTER, resumes, LABELS("outcome"), by_resume, "resumes_total", "Attempts to resume a session."),

	BY(COUNTER, received, LABELS("type"), by_frame, "received_frames_total", "Frames of clients, by type."),
	BY(COUNTER, received_bytes, LABELS("type"), by_frame, "received_bytes_total",
	    "Bytes of clients' frames, by type."),
	ALONE(COUNTER, dropped, "dropped_frames_total",
	    "Frames of clients that were dropped, being over the rate."),
	BY(COUNTER, errors[1], LABELS("code"), by_error, "errors_total",
	    "Frames of clients that were answered with an error."),
	ALONE(COUNTER, sent, "sent_frames_total", "Frames that were written to clients."),
	ALONE(COUNTER, sent_bytes, "sent_bytes_total", "Bytes of frames that were written to clients."),

	BY(COUNTER, events, LABELS("type"), by_event, "events_total",
	    "Events of the database that were read, by type."),
	BY(HISTOGRAM, event_lag, LABELS(NULL), NULL, "event_delivery_seconds",
	    "From the making of an event to its delivery to a room."),
	ALONE(COUNTER, wakes, "wakeups_total", "Wake-ups that came from the other programs."),

	BY(COUNTER, jobs, LABELS("kind", "result"), by_job_result, "database_jobs_total",
	    "Questions to the database; refused: too many were waiting."),
	BY(HISTOGRAM, job_time, LABELS("kind"), by_job, "database_job_seconds",
	    "From a question to the database to its answer, waiting included."),
	BY(GAUGE, waiting, LABELS("thread"), by_thread, "database_queue_jobs",
	    "Questions to the database that are not answered yet."),
	BY(HISTOGRAM, late, LABELS(NULL), NULL, "loop_delay_seconds", "How late the event loop looked at its clock."),
};
/* clang-format on */

void
tally_table_write(const struct tally *tally, struct buf *out)
{
	metric_write(table, COUNTOF(table), tally, out);
}

static bool
by_upgrade(size_t i, const char *value_r[METRIC_LABELS])
{
	static const char *const reason[] = {
		[TALLY_UPGRADE_BAD] = "bad_request",
		[TALLY_UPGRADE_LIMITED] = "rate_limited",
	};

	if (i >= TALLY_UPGRADES)
		return false;
	value_r[0] = reason[i];
	return true;
}

static bool
by_closing(size_t i, const char *value_r[METRIC_LABELS])
{
	const struct closing *closing = closing_at(i);

	if (closing == NULL)
		return false;
	value_r[0] = closing->code;
	return true;
}

static bool
by_resume(size_t i, const char *value_r[METRIC_LABELS])
{
	if (i >= TALLY_RESUMES)
		return false;
	value_r[0] = tally_table_resume[i];
	return true;
}

static bool
by_frame(size_t i, const char *value_r[METRIC_LABELS])
{
	if (i > FRAME_TYPES)
		return false;
	value_r[0] = frame_type_name((enum frame_type)i);
	return true;
}

/* Without the first, which is none. */
static bool
by_error(size_t i, const char *value_r[METRIC_LABELS])
{
	if (i + 1 >= FRAME_CODES)
		return false;
	value_r[0] = frame_code_name((enum frame_code)(i + 1));
	return true;
}

static bool
by_event(size_t i, const char *value_r[METRIC_LABELS])
{
	if (i > EVENT_UNKNOWN)
		return false;
	value_r[0] = event_type_name((enum event_type)i);
	return true;
}

static bool
by_job(size_t i, const char *value_r[METRIC_LABELS])
{
	if (i >= JOB_TYPES)
		return false;
	value_r[0] = job_type_name((enum job_type)i);
	return true;
}

static bool
by_job_result(size_t i, const char *value_r[METRIC_LABELS])
{
	static const char *const result[TALLY_RESULTS] = {
		[TALLY_DONE] = "done",
		[TALLY_BUSY] = "busy",
		[TALLY_FAILED] = "failed",
		[TALLY_REFUSED] = "refused",
	};

	value_r[1] = result[i % TALLY_RESULTS];
	return by_job(i / TALLY_RESULTS, value_r);
}

static bool
by_thread(size_t i, const char *value_r[METRIC_LABELS])
{
	static const char *const thread[TALLY_THREADS] = {
		[TALLY_READER] = "reader",
		[TALLY_WRITER] = "writer",
	};

	if (i >= TALLY_THREADS)
		return false;
	value_r[0] = thread[i];
	return true;
}
