/* How it is going: the daemon's own numbers, the processes', the database's. */
#include <sys/stat.h>

#include <inttypes.h>

#include "command.h"
#include "list.h"
#include "process.h"
#include "remote.h"
#include "store_count.h"

struct stats {
	struct context	*ctx;
	struct table	 table;
	const char	*where;
};

static void		begin(struct stats *, const char *);
static void		add(struct stats *, const char *, int64_t);
static void		add_text(struct stats *, const char *, const char *);
static enum outcome	add_daemon(struct stats *);
static void		add_api(struct stats *);
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
	daemon = add_daemon(&stats);
	add_api(&stats);
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

static enum outcome
add_daemon(struct stats *stats)
{
	static const char *const texts[] = { "version", "started_at" };
	static const char *const numbers[] = { "pid", "rooms", "sessions", "detached", "in_call", "calls",
	    "connections", "max_connections", "event_id", "wakes" };
	struct remote remote;
	enum outcome outcome = remote_ask(stats->ctx, &remote, "{\"cmd\":\"stats\"}");
	bool draining = false;
	const char *text;

	begin(stats, "signald");
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
