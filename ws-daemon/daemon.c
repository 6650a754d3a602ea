#include <sys/resource.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "accept.h"
#include "bounds.h"
#include "clock.h"
#include "closing.h"
#include "confine.h"
#include "control.h"
#include "daemon.h"
#include "expose.h"
#include "hold.h"
#include "listen.h"
#include "log.h"
#include "mem.h"
#include "notify.h"
#include "ready.h"
#include "reload.h"
#include "ws.h"

struct daemon {
	const struct conf	*conf;		/* as it was at the start */
	struct conf		*reloaded;	/* the hub's, if it has another one by now */
	const char		*conf_path;
	struct shard		 shard;
	int			 hold;		/* on our meetings, for as long as we live */
	struct loop		*loop;
	struct hub		*hub;
	struct turn		*turn;
	struct notify		*notify;
	struct control		*control;
	struct expose		*expose;
	struct ws		*ws;
	struct accept		*accept;
	struct loop_timer	*tick;
	struct loop_timer	*alive;		/* the service manager's watchdog */
	bool			 owns_socket;
	int64_t			 drain_us;	/* since when; 0: not draining */
	int64_t			 ticked_us;	/* the last look at the clock */
};

static void	take_meetings(struct daemon *, struct conf *);
static void	open_control(struct daemon *);
static bool	is_drained(const struct daemon *, int64_t);
static void	drain(struct daemon *, int);
static void	on_drain(void *);
static bool	on_reload(void *, char *, size_t);
static void	open_sockets(struct daemon *);
static void	watch_signals(struct daemon *);
static void	watch_ourselves(struct daemon *);
static void	raise_descriptors(const struct conf *);
static size_t	connections_max(const struct conf *);
static void	on_wake(void *);
static void	on_turn(void *);
static void	on_tick(void *);
static void	on_alive(void *);
static void	on_gone(void *);
static void	on_term(void *);
static void	on_hup(void *);
static void	on_usr1(void *);

struct daemon *
daemon_open(struct conf *conf, const char *conf_path, int own)
{
	struct daemon	*daemon = mem_calloc(1, sizeof(*daemon));
	struct reload	 secrets;
	char		 error[512];

	daemon->conf = conf;
	daemon->conf_path = conf_path;
	daemon->shard = (struct shard){ .daemons = (int)conf->daemons, .own = own };
	take_meetings(daemon, conf);
	raise_descriptors(conf);
	if (!reload_secrets(conf, &secrets, error, sizeof(error)))
		log_fatal("%s", error);
	daemon->loop = loop_new();
	daemon->hub = hub_new(conf, clock_mono_us(), clock_wall_us());
	daemon->hub->shard = daemon->shard;
	daemon->hub->turn = daemon->turn = secrets.turn;
	daemon->notify = notify_new(daemon->loop, daemon->hub, secrets.ring, error, sizeof(error));
	if (daemon->notify == NULL)
		log_fatal("database: %s", error);
	open_control(daemon);
	daemon->expose = expose_new(daemon->loop, daemon->hub);
	open_sockets(daemon);
	daemon->tick = loop_timer_new(daemon->loop, on_tick, daemon);
	loop_timer_set(daemon->tick, WHEEL_TICK_US, WHEEL_TICK_US);
	loop_on_wake(daemon->loop, on_wake, daemon);
	loop_on_turn(daemon->loop, on_turn, daemon);
	watch_signals(daemon);
	watch_ourselves(daemon);
	if (conf->confine)
		confine_start();
	log_info("ready", LOG_TEXT("socket", daemon->owns_socket ? conf->ws_socket : "inherited"),
	    LOG_INT("event_id", daemon->hub->event_id), LOG_INT("daemon", own), LOG_INT("daemons", conf->daemons));
	ready_up(NULL);
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
	loop_on_wake(daemon->loop, NULL, NULL);
	loop_on_turn(daemon->loop, NULL, NULL);
	loop_timer_free(&daemon->tick);
	loop_timer_free(&daemon->alive);
	accept_free(&daemon->accept);
	control_free(&daemon->control);
	expose_free(&daemon->expose);
	ws_free(&daemon->ws);
	loop_run_once(daemon->loop);
	notify_carry(daemon->notify);
	notify_free(&daemon->notify);
	if (daemon->owns_socket)
		unlink(daemon->conf->ws_socket);
	hub_free(&daemon->hub);
	loop_free(&daemon->loop);
	turn_free(&daemon->turn);
	conf_free(&daemon->reloaded);
	close(daemon->hold);
	free(daemon);
	log_info("end");
}

/* Before anything is touched that another daemon may be using. */
static void
take_meetings(struct daemon *daemon, struct conf *conf)
{
	const struct shard *shard = &daemon->shard;
	char error[512];

	if (shard->own > shard->daemons)
		log_fatal("there is no daemon %d: daemons = %d", shard->own, shard->daemons);
	shard_adopt(conf, shard->own);
	daemon->hold = hold_take(conf->database, shard, error, sizeof(error));
	if (daemon->hold == -1)
		log_fatal("%s", error);
}

static void
open_control(struct daemon *daemon)
{
	const struct control_host host = {
		.hub = daemon->hub, .arg = daemon, .drain = on_drain, .reload = on_reload,
	};
	char error[512];

	daemon->control = control_new(daemon->loop, &host, error, sizeof(error));
	if (daemon->control == NULL)
		log_fatal("control socket: %s", error);
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

/* A loop that no longer turns is restarted by the service manager, if there is one. */
static void
watch_ourselves(struct daemon *daemon)
{
	int64_t interval = ready_interval();

	daemon->alive = loop_timer_new(daemon->loop, on_alive, daemon);
	if (interval != 0)
		loop_timer_set(daemon->alive, interval, interval);
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

/* The time of a turn is that of its beginning: a frame is too short a while to look again. */
static void
on_wake(void *arg)
{
	const struct daemon *daemon = arg;

	hub_clock(daemon->hub, clock_mono_us(), clock_wall_us());
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

	if (daemon->ticked_us != 0)
		metric_observe(&daemon->hub->tally.late, now_us - daemon->ticked_us - WHEEL_TICK_US);
	daemon->ticked_us = now_us;
	hub_clock(daemon->hub, now_us, clock_wall_us());
	hub_tick(daemon->hub);
	if (daemon->drain_us != 0 && is_drained(daemon, now_us))
		loop_stop(daemon->loop);
}

static void
on_alive(void *arg)
{
	const struct daemon	*daemon = arg;
	char			 status[64];

	snprintf(status, sizeof(status), "%zu sessions", daemon->hub->sessions);
	ready_alive(status);
}

/* Who is in the middle of its upgrade still gets its answer, if that comes soon. */
static bool
is_drained(const struct daemon *daemon, int64_t now_us)
{
	return ws_count(daemon->ws) == 0 ||
	    (daemon->hub->conns == NULL && now_us >= daemon->drain_us + BOUND_DRAIN_CLOSE_US) ||
	    now_us >= daemon->drain_us + daemon->hub->conf->drain_timeout;
}

static void
on_gone(void *arg)
{
	struct daemon *daemon = arg;

	if (daemon->accept != NULL)
		accept_resume(daemon->accept);
}

static void
on_term(void *arg)
{
	drain(arg, CLOSING_RESTARTING);
}

static void
on_drain(void *arg)
{
	drain(arg, CLOSING_DRAINING);
}

/* Whoever connects from now on waits in the backlog for the next daemon, if the socket was inherited. */
static void
drain(struct daemon *daemon, int close)
{
	if (daemon->drain_us != 0)
		return;
	log_info("drain", LOG_INT("sessions", (int64_t)daemon->hub->sessions),
	    LOG_TEXT("reason", closing_find(close)->code));
	ready_stopping("sending the clients away");
	daemon->drain_us = clock_mono_us();
	accept_free(&daemon->accept);
	hub_clock(daemon->hub, daemon->drain_us, clock_wall_us());
	hub_drain(daemon->hub, close);
}

static void
on_hup(void *arg)
{
	char error[512];

	ready_reloading();
	(void)on_reload(arg, error, sizeof(error));
	ready_up(NULL);
}

/* All that can change while we run: sockets, the database, the log's target and output queues stay as they are. */
static bool
on_reload(void *arg, char *error_r, size_t error_size)
{
	struct daemon	*daemon = arg;
	struct reload	 fresh;

	if (!reload_all(daemon->conf_path, &daemon->shard, &fresh, error_r, error_size)) {
		log_error("reload_failed", LOG_TEXT("error", error_r));
		return false;
	}
	log_set_level((enum log_level)fresh.conf->log_level);
	log_set_addresses((enum conf_addresses)fresh.conf->log_addresses);
	hub_configure(daemon->hub, fresh.conf);
	conf_free(&daemon->reloaded);
	daemon->reloaded = fresh.conf;
	turn_free(&daemon->turn);
	daemon->hub->turn = daemon->turn = fresh.turn;
	notify_reload(daemon->notify, fresh.ring);
	expose_reload(daemon->expose);
	log_info("reload");
	return true;
}

static void
on_usr1(void *arg)
{
	(void)arg;
	log_cycle_level();
}
