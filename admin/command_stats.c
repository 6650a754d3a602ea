/* How it is going: the daemon's own numbers, the processes', the database's. */
#include <sys/stat.h>

#include <inttypes.h>

#include "command.h"
#include "figures.h"
#include "list.h"
#include "process.h"
#include "remote.h"
#include "store_count.h"

/* What was counted since the start of the programs (metric.h). */
struct counted {
	const char	*what;
	const char	*name;
	const char	*label;		/* NULL: all */
};

static const struct counted traffic[] = {
	{ "joins", "unio_signald_joins_total", NULL },
	{ "refused", "unio_signald_refusals_total", NULL },
	{ "resumed", "unio_signald_resumes_total", "outcome=\"resumed\"" },
	{ "slow_consumers", "unio_signald_closes_total", "code=\"slow_consumer\"" },
	{ "received_frames", "unio_signald_received_frames_total", NULL },
	{ "dropped_frames", "unio_signald_dropped_frames_total", NULL },
	{ "sent_frames", "unio_signald_sent_frames_total", NULL },
	{ "sent_bytes", "unio_signald_sent_bytes_total", NULL },
	{ "queued_frames", "unio_signald_queued_frames", NULL },
	{ "message_bytes", "unio_signald_message_bytes", NULL },
	{ "events", "unio_signald_events_total", NULL },
	{ "database_jobs", "unio_signald_database_jobs_total", NULL },
	{ "database_queue", "unio_signald_database_queue_jobs", NULL },
};
static const struct counted requests[] = {
	{ "answered", "unio_api_responses_total", NULL },
	{ "refused", "unio_api_errors_total", NULL },
	{ "database_busy", "unio_api_errors_total", "code=\"database_busy\"" },
	{ "workers_busy", "unio_api_workers_busy", NULL },
	{ "workers_killed", "unio_api_worker_ends_total", "reason=\"killed\"" },
};
static const struct counted webhooks[] = {
	{ "attempts", "unio_hookd_attempts_total", NULL },
	{ "delivered", "unio_hookd_deliveries_total", "outcome=\"delivered\"" },
	{ "failed", "unio_hookd_deliveries_total", "outcome=\"failed\"" },
	{ "under_way", "unio_hookd_messages_under_way", NULL },
	{ "waiting", "unio_hookd_waiting_deliveries", NULL },
	{ "oldest_waiting_seconds", "unio_hookd_oldest_waiting_seconds", NULL },
	{ "webhooks_failing", "unio_hookd_webhooks", "state=\"failing\"" },
	{ "events_behind", "unio_hookd_events_behind", NULL },
};

struct stats {
	struct context	*ctx;
	struct table	 table;
	const char	*where;
};

static void		begin(struct stats *, const char *);
static void		add(struct stats *, const char *, int64_t);
static void		add_text(struct stats *, const char *, const char *);
static enum outcome	add_daemons(struct stats *);
static void		add_sum(struct stats *);
static enum outcome	add_daemon(struct stats *, const char *, int64_t);
static void		add_api(struct stats *);
static void		add_hookd(struct stats *);
static void		add_counted(struct stats *);
static void		add_figures(struct stats *, const char *, struct figures *, const struct counted *, size_t);
static void		add_process(struct stats *, pid_t);
static enum outcome	add_database(struct stats *);
static void		add_size(struct stats *, const char *, const char *);

/* Without a daemon the rest is said all the same, and the exit code says that it is down. */
enum outcome
command_stats(struct context *ctx)
{
	static const char *const heading[] = { "OF", "WHAT", "VALUE" };
	struct stats stats = { .ctx = ctx };
	enum outcome daemon, database;

	table_init(&stats.table, ctx->arena, list_form(ctx), heading, COUNTOF(heading));
	emit_object(&ctx->json, NULL);
	daemon = add_daemons(&stats);
	add_api(&stats);
	add_hookd(&stats);
	add_counted(&stats);
	if ((database = add_database(&stats)) != OUTCOME_DONE)
		return database;
	emit_end(&ctx->json);
	table_print(&stats.table, &ctx->text);
	ctx->answered = true;
	return daemon;
}

static void
begin(struct stats *stats, const char *where)
{
	stats->where = where;
	emit_object(&stats->ctx->json, where);
}

static void
add(struct stats *stats, const char *what, int64_t value)
{
	emit_int(&stats->ctx->json, what, value);
	table_text(&stats->table, stats->where);
	table_text(&stats->table, what);
	table_int(&stats->table, value);
}

static void
add_text(struct stats *stats, const char *what, const char *value)
{
	emit_text(&stats->ctx->json, what, value);
	table_text(&stats->table, stats->where);
	table_text(&stats->table, what);
	table_text(&stats->table, value);
}

/* Of several daemons each by itself, and their sum before. */
static enum outcome
add_daemons(struct stats *stats)
{
	struct context *ctx = stats->ctx;
	enum outcome outcome = OUTCOME_DONE, one;

	if (ctx->conf->daemons <= 1)
		return add_daemon(stats, "signald", 1);
	add_sum(stats);
	for (int64_t daemon = 1; daemon <= ctx->conf->daemons; daemon++) {
		one = add_daemon(stats, arena_printf(ctx->arena, "signald_%" PRId64, daemon), daemon);
		outcome = one == OUTCOME_DONE ? outcome : one;
	}
	return outcome;
}

static void
add_sum(struct stats *stats)
{
	static const char *const numbers[] = { "rooms", "sessions", "detached", "in_call", "calls", "connections",
	    "max_connections", "wakes", "misdirected" };
	int64_t daemons = stats->ctx->conf->daemons, up = 0, sum[COUNTOF(numbers)] = { 0 };
	struct remote remote;

	for (int64_t daemon = 1; daemon <= daemons; daemon++) {
		if (remote_try_daemon(stats->ctx, &remote, daemon, "{\"cmd\":\"stats\"}")) {
			up++;
			for (size_t i = 0; i < COUNTOF(numbers); i++)
				sum[i] += remote_int(&remote, numbers[i]);
		}
		remote_free(&remote);
	}
	begin(stats, "signald");
	add_text(stats, "state", up == daemons ? "up" : "down");
	add(stats, "daemons", daemons);
	add(stats, "daemons_up", up);
	for (size_t i = 0; i < COUNTOF(numbers); i++)
		add(stats, numbers[i], sum[i]);
	emit_end(&stats->ctx->json);
}

static enum outcome
add_daemon(struct stats *stats, const char *name, int64_t daemon)
{
	static const char *const texts[] = { "version", "started_at" };
	static const char *const numbers[] = { "pid", "rooms", "sessions", "detached", "in_call", "calls",
	    "connections", "max_connections", "event_id", "wakes", "misdirected" };
	struct remote remote;
	enum outcome outcome = remote_ask_daemon(stats->ctx, &remote, daemon, "{\"cmd\":\"stats\"}");
	bool draining = false;
	const char *text;

	begin(stats, name);
	if (outcome == OUTCOME_DONE) {
		add_text(stats, "state", json_get_bool(remote.json, "draining", &draining) == 1 && draining ?
		    "draining" : "up");
		for (size_t i = 0; i < COUNTOF(texts); i++)
			if (json_get_text(remote.json, texts[i], &text) == 1)
				add_text(stats, texts[i], text);
		for (size_t i = 0; i < COUNTOF(numbers); i++)
			add(stats, numbers[i], remote_int(&remote, numbers[i]));
		add_process(stats, (pid_t)remote_int(&remote, "pid"));
	} else {
		add_text(stats, "state", "down");
	}
	emit_end(&stats->ctx->json);
	remote_free(&remote);
	return outcome;
}

/* As plain CGI, or under a web server's own process management, there is nobody to look at. */
static void
add_api(struct stats *stats)
{
	pid_t pid = remote_api(stats->ctx);
	bool ours = remote_is_api(pid);

	begin(stats, "api");
	add_text(stats, "state", ours ? "up" : pid > 0 ? "up, started by the web server" : "down");
	if (ours) {
		add(stats, "pid", pid);
		add(stats, "workers", stats->ctx->conf->workers);
		add_process(stats, pid);
	}
	emit_end(&stats->ctx->json);
}

static void
add_hookd(struct stats *stats)
{
	pid_t pid;
	bool runs = remote_hookd(stats->ctx, &pid);

	begin(stats, "hookd");
	add_text(stats, "state", runs ? "up" : "down");
	if (pid != -1) {
		add(stats, "pid", pid);
		add_process(stats, pid);
	}
	emit_end(&stats->ctx->json);
}

/* unio-api and unio-hookd tell their figures only where api_metrics and hookd_metrics say. */
static void
add_counted(struct stats *stats)
{
	struct figures figures;

	figures_of_daemons(stats->ctx, &figures);
	add_figures(stats, "traffic", &figures, traffic, COUNTOF(traffic));
	figures_at(stats->ctx->conf->api_metrics, &figures);
	add_figures(stats, "requests", &figures, requests, COUNTOF(requests));
	figures_at(stats->ctx->conf->hookd_metrics, &figures);
	add_figures(stats, "deliveries", &figures, webhooks, COUNTOF(webhooks));
}

static void
add_figures(struct stats *stats, const char *where, struct figures *figures, const struct counted *counted, size_t n)
{
	if (figures->programs > 0) {
		begin(stats, where);
		for (size_t i = 0; i < n; i++)
			add(stats, counted[i].what, (int64_t)figures_sum(figures, counted[i].name, counted[i].label));
		emit_end(&stats->ctx->json);
	}
	figures_free(figures);
}

static void
add_process(struct stats *stats, pid_t pid)
{
	struct process process;

	if (pid <= 0 || !process_look(pid, &process))
		return;
	add(stats, "descriptors", process.descriptors);
	add(stats, "descriptors_max", process.descriptors_max);
	add(stats, "memory", process.memory);
}

static enum outcome
add_database(struct stats *stats)
{
	struct context *ctx = stats->ctx;
	const char *name;
	int64_t number;
	size_t i = 0;
	int found;

	begin(stats, "database");
	while ((found = store_count(ctx->db, i++, &name, &number)) == 1)
		add(stats, name, number);
	if (found < 0)
		return context_fail_db(ctx);
	add_size(stats, "bytes", ctx->conf->database);
	add_size(stats, "wal_bytes", arena_printf(ctx->arena, "%s-wal", ctx->conf->database));
	emit_end(&ctx->json);
	return OUTCOME_DONE;
}

static void
add_size(struct stats *stats, const char *what, const char *path)
{
	struct stat st;

	add(stats, what, stat(path, &st) == 0 ? st.st_size : 0);
}
