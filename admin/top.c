#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "top.h"

#define BEST		5	/* routes and refusals that are shown */
#define SHORTEST	0.1	/* seconds between two looks that say something about a rate */
#define NUMBER_SIZE	32
#define BOLD		"\033[1m"
#define PLAIN		"\033[0m"

/* The two looks at one program, and the time between. */
struct pair {
	const struct figures	*before;
	const struct figures	*now;
	double			 seconds;
};

struct best {
	struct slice	labels;
	double		value;
};

/* Counters, with the histogram that tells how long such a thing takes, or NULL. */
static const struct row {
	const char	*what;
	const char	*key;
	enum top_program program;
	const char	*name;
	const char	*label;
	const char	*histogram;
} rows[] = {
	{ "requests", "requests", TOP_API, "unio_api_request_duration_seconds_count", NULL,
	    "unio_api_request_duration_seconds" },
	{ "refused requests", "refused_requests", TOP_API, "unio_api_errors_total", NULL, NULL },
	{ "waits to write", "lock_waits", TOP_API, "unio_api_database_lock_seconds_count", NULL,
	    "unio_api_database_lock_seconds" },
	{ "joins", "joins", TOP_SIGNALD, "unio_signald_joins_total", NULL, NULL },
	{ "refused joins", "refused_joins", TOP_SIGNALD, "unio_signald_refusals_total", NULL, NULL },
	{ "resumed", "resumed", TOP_SIGNALD, "unio_signald_resumes_total", "outcome=\"resumed\"", NULL },
	{ "slow consumers", "slow_consumers", TOP_SIGNALD, "unio_signald_closes_total", "code=\"slow_consumer\"",
	    NULL },
	{ "frames received", "received_frames", TOP_SIGNALD, "unio_signald_received_frames_total", NULL, NULL },
	{ "frames dropped", "dropped_frames", TOP_SIGNALD, "unio_signald_dropped_frames_total", NULL, NULL },
	{ "frames sent", "sent_frames", TOP_SIGNALD, "unio_signald_sent_frames_total", NULL, NULL },
	{ "bytes sent", "sent_bytes", TOP_SIGNALD, "unio_signald_sent_bytes_total", NULL, NULL },
	{ "events", "events", TOP_SIGNALD, "unio_signald_events_total", NULL, "unio_signald_event_delivery_seconds" },
	{ "database jobs", "database_jobs", TOP_SIGNALD, "unio_signald_database_jobs_total", NULL,
	    "unio_signald_database_job_seconds" },
	{ "event loop", "loop_ticks", TOP_SIGNALD, "unio_signald_loop_delay_seconds_count", NULL,
	    "unio_signald_loop_delay_seconds" },
	{ "webhook attempts", "webhook_attempts", TOP_HOOKD, "unio_hookd_attempt_duration_seconds_count", NULL,
	    "unio_hookd_attempt_duration_seconds" },
	{ "delivered", "delivered", TOP_HOOKD, "unio_hookd_deliveries_total", "outcome=\"delivered\"",
	    "unio_hookd_delivery_seconds" },
	{ "not delivered", "not_delivered", TOP_HOOKD, "unio_hookd_deliveries_total", "outcome=\"failed\"", NULL },
};

static const struct gauge {
	const char	*key;
	enum top_program program;
	const char	*name;
} gauges[] = {
	{ "rooms", TOP_SIGNALD, "unio_signald_rooms" },
	{ "sessions", TOP_SIGNALD, "unio_signald_sessions" },
	{ "detached", TOP_SIGNALD, "unio_signald_sessions_detached" },
	{ "in_call", TOP_SIGNALD, "unio_signald_sessions_in_call" },
	{ "calls", TOP_SIGNALD, "unio_signald_calls" },
	{ "connections", TOP_SIGNALD, "unio_signald_connections" },
	{ "max_connections", TOP_SIGNALD, "unio_signald_connections_max" },
	{ "queued_frames", TOP_SIGNALD, "unio_signald_queued_frames" },
	{ "message_bytes", TOP_SIGNALD, "unio_signald_message_bytes" },
	{ "database_queue", TOP_SIGNALD, "unio_signald_database_queue_jobs" },
	{ "workers", TOP_API, "unio_api_workers" },
	{ "workers_busy", TOP_API, "unio_api_workers_busy" },
	{ "waiting_deliveries", TOP_HOOKD, "unio_hookd_waiting_deliveries" },
	{ "oldest_waiting_seconds", TOP_HOOKD, "unio_hookd_oldest_waiting_seconds" },
};

static struct pair	pair_of(const struct top_look *before, const struct top_look *now,
			    enum top_program program);
static double		rate(const struct pair *pair, const char *name, const char *label);
static void		add_head(const struct context *ctx, const struct top_look *now, struct buf *out);
static void		add_row(const struct row *row, const struct pair *pair, struct buf *out);
static void		add_best(const char *title, const struct pair *pair, const char *name, const char *label,
			    struct buf *out);
static void		rank(void *arg, struct slice labels, double value);
static void		milliseconds(double seconds, char text_r[NUMBER_SIZE]);
static void		emit_row(struct emit *e, const struct row *row, const struct pair *pair);
static void		emit_double(struct emit *e, const char *key, double number);

void
top_look(const struct context *ctx, struct top_look *look_r)
{
	figures_of_daemons(ctx, &look_r->of[TOP_SIGNALD]);
	figures_at(ctx->conf->api_metrics, &look_r->of[TOP_API]);
	figures_at(ctx->conf->hookd_metrics, &look_r->of[TOP_HOOKD]);
	look_r->at_us = clock_mono_us();
}

void
top_free(struct top_look *look)
{
	for (size_t i = 0; i < TOP_PROGRAMS; i++)
		figures_free(&look->of[i]);
}

static struct pair
pair_of(const struct top_look *before, const struct top_look *now, enum top_program program)
{
	return (struct pair){
		.before = &before->of[program],
		.now = &now->of[program],
		.seconds = (double)MAX(now->at_us - before->at_us, 1) / US_PER_S,
	};
}

/* A program that has started anew in between has less than before: since its start, then. */
static double
rate(const struct pair *pair, const char *name, const char *label)
{
	double now = figures_sum(pair->now, name, label), before = figures_sum(pair->before, name, label);

	return pair->seconds < SHORTEST ? 0 : (now >= before ? now - before : now) / pair->seconds;
}

void
top_text(const struct context *ctx, const struct top_look *before, const struct top_look *now, struct buf *out)
{
	struct pair pairs[TOP_PROGRAMS];

	for (size_t i = 0; i < TOP_PROGRAMS; i++)
		pairs[i] = pair_of(before, now, (enum top_program)i);
	add_head(ctx, now, out);
	buf_addf(out, "\n%s%-18s %12s %14s %10s %10s%s\n", ctx->colour ? BOLD : "", "", "A SECOND", "IN ALL",
	    "HALF, ms", "99 %, ms", ctx->colour ? PLAIN : "");
	for (size_t i = 0; i < COUNTOF(rows); i++)
		if (now->of[rows[i].program].programs > 0)
			add_row(&rows[i], &pairs[rows[i].program], out);
	buf_addc(out, '\n');
	add_best("refused requests", &pairs[TOP_API], "unio_api_errors_total", "code", out);
	add_best("ended connections", &pairs[TOP_SIGNALD], "unio_signald_closes_total", "code", out);
	add_best("refused connections", &pairs[TOP_SIGNALD], "unio_signald_refusals_total", "code", out);
	add_best("requests", &pairs[TOP_API], "unio_api_request_duration_seconds_count", "route", out);
}

static void
add_head(const struct context *ctx, const struct top_look *now, struct buf *out)
{
	const struct figures *d = &now->of[TOP_SIGNALD], *a = &now->of[TOP_API], *h = &now->of[TOP_HOOKD];
	char time[CLOCK_TEXT_SIZE];

	clock_format(time, clock_wall_us());
	buf_addf(out, "unio %s  %.19sZ\n", UNIO_VERSION, time);
	if (d->programs < ctx->conf->daemons)
		buf_addf(out, "signaling: %lld of %lld daemons answer\n", (long long)d->programs,
		    (long long)ctx->conf->daemons);
	if (d->programs > 0)
		buf_addf(out, "signaling: %.0f rooms, %.0f sessions (%.0f in calls, %.0f detached), %.0f calls, "
		    "%.0f of %.0f connections\n           %.0f frames queued (%.0f for one), %.0f database jobs, "
		    "%.1f MiB of frames\n",
		    figures_sum(d, "unio_signald_rooms", NULL), figures_sum(d, "unio_signald_sessions", NULL),
		    figures_sum(d, "unio_signald_sessions_in_call", NULL),
		    figures_sum(d, "unio_signald_sessions_detached", NULL), figures_sum(d, "unio_signald_calls", NULL),
		    figures_sum(d, "unio_signald_connections", NULL),
		    figures_sum(d, "unio_signald_connections_max", NULL),
		    figures_sum(d, "unio_signald_queued_frames", NULL),
		    figures_max(d, "unio_signald_queued_frames_longest"),
		    figures_sum(d, "unio_signald_database_queue_jobs", NULL),
		    figures_sum(d, "unio_signald_message_bytes", NULL) / (1024 * 1024));
	if (a->programs > 0)
		buf_addf(out, "API:       %.0f of %.0f workers, %.0f busy; database %.1f MiB, its log %.1f MiB\n",
		    figures_sum(a, "unio_api_workers", NULL), figures_sum(a, "unio_api_workers_max", NULL),
		    figures_sum(a, "unio_api_workers_busy", NULL),
		    figures_sum(a, "unio_database_bytes", NULL) / (1024 * 1024),
		    figures_sum(a, "unio_database_wal_bytes", NULL) / (1024 * 1024));
	else
		buf_addf(out, "API:       %s\n", *ctx->conf->api_metrics == '\0' ?
		    "not known, since the key api_metrics is not set" : "does not answer at api_metrics");
	if (h->programs > 0)
		buf_addf(out, "webhooks:  %.0f of %.0f fail; %.0f deliveries wait, the oldest for %.0f s; "
		    "%.0f under way\n",
		    figures_sum(h, "unio_hookd_webhooks", "state=\"failing\""),
		    figures_sum(h, "unio_hookd_webhooks", NULL), figures_sum(h, "unio_hookd_waiting_deliveries", NULL),
		    figures_sum(h, "unio_hookd_oldest_waiting_seconds", NULL),
		    figures_sum(h, "unio_hookd_messages_under_way", NULL));
	else if (*ctx->conf->hookd_metrics != '\0')
		buf_adds(out, "webhooks:  unio-hookd does not answer at hookd_metrics\n");
}

static void
add_row(const struct row *row, const struct pair *pair, struct buf *out)
{
	char half[NUMBER_SIZE] = "", most[NUMBER_SIZE] = "";

	if (row->histogram != NULL) {
		milliseconds(figures_quantile(pair->now, pair->before, row->histogram, 0.5), half);
		milliseconds(figures_quantile(pair->now, pair->before, row->histogram, 0.99), most);
	}
	buf_addf(out, "%-18s %12.1f %14.0f %10s %10s\n", row->what, rate(pair, row->name, row->label),
	    figures_sum(pair->now, row->name, row->label), half, most);
}

/* The bound of the bucket, so that it reads "at most". */
static void
milliseconds(double seconds, char text_r[NUMBER_SIZE])
{
	if (seconds < 0)
		snprintf(text_r, NUMBER_SIZE, "-");
	else
		snprintf(text_r, NUMBER_SIZE, "<= %g", seconds * 1000);
}

/* The largest ones since the start, by that label. */
static void
add_best(const char *title, const struct pair *pair, const char *name, const char *label, struct buf *out)
{
	struct best best[BEST] = { { .value = 0 } };
	const char *gap = ": ";

	figures_each(pair->now, name, rank, best);
	if (best[0].value <= 0)
		return;
	buf_adds(out, title);
	for (size_t i = 0; i < BEST && best[i].value > 0; i++, gap = ", ") {
		struct slice text = figures_label(best[i].labels, label);

		buf_addf(out, "%s%.*s %.0f", gap, (int)text.n, text.p, best[i].value);
	}
	buf_addc(out, '\n');
}

static void
rank(void *arg, struct slice labels, double value)
{
	struct best *best = arg;
	size_t i = BEST;

	while (i > 0 && value > best[i - 1].value)
		i--;
	if (i == BEST)
		return;
	memmove(&best[i + 1], &best[i], (BEST - 1 - i) * sizeof(*best));
	best[i] = (struct best){ .labels = labels, .value = value };
}

void
top_json(const struct context *ctx, const struct top_look *before, const struct top_look *now, struct emit *e)
{
	struct pair pairs[TOP_PROGRAMS];

	for (size_t i = 0; i < TOP_PROGRAMS; i++)
		pairs[i] = pair_of(before, now, (enum top_program)i);
	emit_object(e, NULL);
	emit_double(e, "seconds", pairs[TOP_SIGNALD].seconds);
	emit_int(e, "daemons", ctx->conf->daemons);
	emit_int(e, "daemons_up", now->of[TOP_SIGNALD].programs);
	emit_bool(e, "api_up", now->of[TOP_API].programs > 0);
	emit_bool(e, "hookd_up", now->of[TOP_HOOKD].programs > 0);
	for (size_t i = 0; i < COUNTOF(gauges); i++)
		if (now->of[gauges[i].program].programs > 0)
			emit_int(e, gauges[i].key,
			    (int64_t)figures_sum(&now->of[gauges[i].program], gauges[i].name, NULL));
	emit_object(e, "counters");
	for (size_t i = 0; i < COUNTOF(rows); i++)
		if (now->of[rows[i].program].programs > 0)
			emit_row(e, &rows[i], &pairs[rows[i].program]);
	emit_end(e);
	emit_end(e);
}

static void
emit_row(struct emit *e, const struct row *row, const struct pair *pair)
{
	double half, most;

	emit_object(e, row->key);
	emit_double(e, "per_second", rate(pair, row->name, row->label));
	emit_int(e, "total", (int64_t)figures_sum(pair->now, row->name, row->label));
	if (row->histogram != NULL) {
		half = figures_quantile(pair->now, pair->before, row->histogram, 0.5);
		most = figures_quantile(pair->now, pair->before, row->histogram, 0.99);
		if (half >= 0) {
			emit_double(e, "p50_ms", half * 1000);
			emit_double(e, "p99_ms", most * 1000);
		}
	}
	emit_end(e);
}

static void
emit_double(struct emit *e, const char *key, double number)
{
	char text[NUMBER_SIZE];

	snprintf(text, sizeof(text), "%.3f", number);
	emit_raw(e, key, (struct slice){ text, strlen(text) });
}
