#include <sys/resource.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "accept.h"
#include "bounds.h"
#include "clock.h"
#include "control.h"
#include "daemon.h"
#include "listen.h"
#include "log.h"
#include "mem.h"
#include "notify.h"
#include "ws.h"

struct daemon {
	const struct conf	*conf;
	const char		*conf_path;
	struct loop		*loop;
	struct hub		*hub;
	struct token_ring	*ring;
	struct turn		*turn;
	struct notify		*notify;
	struct control		*control;
	struct ws		*ws;
	struct accept		*accept;
	struct loop_timer	*tick;
	bool			 owns_socket;
	int64_t			 drain_until_us;	/* 0: not draining */
};

static struct token_ring *open_ring(const struct conf *);
static bool	set_turn(struct daemon *, const struct conf *);
static void	open_sockets(struct daemon *);
static void	watch_signals(struct daemon *);
static void	raise_descriptors(const struct conf *);
static size_t	connections_max(const struct conf *);
static void	on_turn(void *);
static void	on_tick(void *);
static void	on_gone(void *);
static void	on_term(void *);
static void	on_hup(void *);
static void	on_usr1(void *);

struct daemon *
daemon_open(const struct conf *conf, const char *conf_path)
{
	struct daemon	*daemon = mem_calloc(1, sizeof(*daemon));
	char		 error[512];

	daemon->conf = conf;
	daemon->conf_path = conf_path;
	raise_descriptors(conf);
	daemon->ring = open_ring(conf);
	daemon->loop = loop_new();
	daemon->hub = hub_new(conf, clock_mono_us(), clock_wall_us());
	if (!set_turn(daemon, conf))
		log_fatal("there is no telling clients of TURN servers");
	daemon->notify = notify_new(daemon->loop, daemon->hub, daemon->ring, error, sizeof(error));
	if (daemon->notify == NULL)
		log_fatal("database: %s", error);
	daemon->control = control_new(daemon->loop, daemon->hub, error, sizeof(error));
	if (daemon->control == NULL)
		log_fatal("control socket: %s", error);
	open_sockets(daemon);
	daemon->tick = loop_timer_new(daemon->loop, on_tick, daemon);
	loop_timer_set(daemon->tick, WHEEL_TICK_US, WHEEL_TICK_US);
	loop_on_turn(daemon->loop, on_turn, daemon);
	watch_signals(daemon);
	log_info("ready", LOG_TEXT("socket", daemon->owns_socket ? conf->ws_socket : "inherited"),
	    LOG_INT("event_id", daemon->hub->event_id));
	return daemon;
}

void
daemon_run(struct daemon *daemon)
{
	loop_run(daemon->loop);
}

/* Libraries first, then the loop that they use, then what they called into. */
void
daemon_close(struct daemon **daemonp)
{
	struct daemon *daemon = *daemonp;

	*daemonp = NULL;
	if (daemon == NULL)
		return;
	loop_on_turn(daemon->loop, NULL, NULL);
	loop_timer_free(&daemon->tick);
	accept_free(&daemon->accept);
	control_free(&daemon->control);
	ws_free(&daemon->ws);
	loop_run_once(daemon->loop);
	notify_carry(daemon->notify);
	notify_free(&daemon->notify);
	if (daemon->owns_socket)
		unlink(daemon->conf->ws_socket);
	hub_free(&daemon->hub);
	loop_free(&daemon->loop);
	token_ring_free(&daemon->ring);
	turn_free(&daemon->turn);
	free(daemon);
	log_info("end");
}

/* Either program may be the first: whoever comes first makes the key. */
static struct token_ring *
open_ring(const struct conf *conf)
{
	struct token_ring	*ring;
	char			 error[512];

	if (token_secret_create(conf->secret_file) == -1)
		log_fatal("%s: %s", conf->secret_file, log_errno());
	ring = token_ring_open(conf->secret_file, conf->issuer, error, sizeof(error));
	if (ring == NULL)
		log_fatal("%s", error);
	return ring;
}

/* What later clients are told of ICE servers; false after a line in the log, and what was stays. */
static bool
set_turn(struct daemon *daemon, const struct conf *conf)
{
	char		 error[512];
	struct turn	*turn = turn_open(conf->ice_urls, conf->turn_secret_file, conf->turn_ttl, error, sizeof(error));

	if (turn == NULL) {
		log_error("turn", LOG_TEXT("error", error));
		return false;
	}
	turn_free(&daemon->turn);
	daemon->hub->turn = daemon->turn = turn;
	return true;
}

static void
open_sockets(struct daemon *daemon)
{
	const struct conf	*conf = daemon->conf;
	char			 error[512];
	int			 fd = listen_inherited();

	daemon->owns_socket = fd == -1;
	if (fd == -1)
		fd = listen_unix(conf->ws_socket, error, sizeof(error));
	if (fd == -1)
		log_fatal("listening socket: %s", error);
	daemon->ws = ws_new(daemon->loop, daemon->hub, on_gone, daemon);
	if (daemon->ws == NULL)
		log_fatal("libwebsockets cannot be started: is its libev plug-in installed?");
	daemon->accept = accept_new(daemon->loop, daemon->ws, fd, connections_max(conf));
}

static void
watch_signals(struct daemon *daemon)
{
	signal(SIGPIPE, SIG_IGN);
	loop_on_signal(daemon->loop, SIGTERM, on_term, daemon);
	loop_on_signal(daemon->loop, SIGINT, on_term, daemon);
	loop_on_signal(daemon->loop, SIGHUP, on_hup, daemon);
	loop_on_signal(daemon->loop, SIGUSR1, on_usr1, daemon);
}

/* No more than is needed: the library walks a table of this size at every close. */
static void
raise_descriptors(const struct conf *conf)
{
	struct rlimit limit, wanted;

	wanted.rlim_cur = (rlim_t)conf->max_connections + BOUND_RESERVE_FDS;
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	wanted.rlim_max = MAX(limit.rlim_max, wanted.rlim_cur);
	if (setrlimit(RLIMIT_NOFILE, &wanted) == 0)
		return;
	wanted.rlim_max = limit.rlim_max;
	wanted.rlim_cur = MIN(wanted.rlim_cur, limit.rlim_max);
	if (setrlimit(RLIMIT_NOFILE, &wanted) == -1 || wanted.rlim_cur < (rlim_t)conf->max_connections)
		log_warn("descriptors", LOG_INT("have", (int64_t)wanted.rlim_cur),
		    LOG_INT("max_connections", conf->max_connections));
}

/* As many as are allowed, and as there are descriptors for; the rest is for databases, logs and libraries. */
static size_t
connections_max(const struct conf *conf)
{
	struct rlimit	limit;
	rlim_t		room = (rlim_t)conf->max_connections;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		room = limit.rlim_cur > 2 * BOUND_RESERVE_FDS ? limit.rlim_cur - BOUND_RESERVE_FDS : limit.rlim_cur / 2;
	return MIN((size_t)room, (size_t)conf->max_connections);
}

/* Before the loop sleeps: questions to the database leave, and what was queued is written. */
static void
on_turn(void *arg)
{
	struct daemon *daemon = arg;

	notify_carry(daemon->notify);
	ws_flush(daemon->ws);
}

static void
on_tick(void *arg)
{
	struct daemon	*daemon = arg;
	int64_t		 now_us = clock_mono_us();

	hub_clock(daemon->hub, now_us, clock_wall_us());
	hub_tick(daemon->hub);
	if (daemon->drain_until_us != 0 && (daemon->hub->conns == NULL || now_us >= daemon->drain_until_us))
		loop_stop(daemon->loop);
}

static void
on_gone(void *arg)
{
	struct daemon *daemon = arg;

	if (daemon->accept != NULL)
		accept_resume(daemon->accept);
}

/* Whoever connects from now on waits in the backlog for the next daemon, if the socket was inherited. */
static void
on_term(void *arg)
{
	struct daemon *daemon = arg;

	if (daemon->drain_until_us != 0)
		return;
	log_info("drain", LOG_INT("sessions", (int64_t)daemon->hub->sessions));
	daemon->drain_until_us = clock_mono_us() + daemon->conf->drain_timeout;
	accept_free(&daemon->accept);
	hub_clock(daemon->hub, clock_mono_us(), clock_wall_us());
	hub_drain(daemon->hub);
}

/* The log's level and the TURN servers with their secret are what can change while we run. */
static void
on_hup(void *arg)
{
	struct daemon	*daemon = arg;
	struct conf	*conf = conf_load(daemon->conf_path, conf_report_to, stderr);

	if (conf == NULL) {
		log_error("reload_failed");
		return;
	}
	log_set_level((enum log_level)conf->log_level);
	if (set_turn(daemon, conf))
		log_info("reload");
	else
		log_error("reload_failed");
	conf_free(&conf);
}

static void
on_usr1(void *arg)
{
	(void)arg;
	log_cycle_level();
}
