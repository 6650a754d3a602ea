#include <sys/file.h>
#include <sys/signalfd.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bounds.h"
#include "buf.h"
#include "clock.h"
#include "confine.h"
#include "courier.h"
#include "daemon.h"
#include "ledger.h"
#include "log.h"
#include "mem.h"
#include "ready.h"
#include "scrape_at.h"

#define LOCK_SUFFIX	".hookd"	/* beside the database */
#define LOCK_MODE	0660
#define LOCK_TRIES	50	/* a second in all */
#define LOCK_NAP_US	20000

struct daemon {
	const struct conf	*conf;
	struct conf		*reloaded;	/* ours, if it is another one by now */
	const char		*conf_path;
	struct db		*db;
	struct tally		 tally;
	struct courier		*courier;
	struct scrape_at	*metrics;
	int			 lock;
	int			 signals;
	int64_t			 stop_us;	/* monotonic: the end, whatever is under way; 0: not stopping */
	int64_t			 alive_us;	/* the next sign of life; INT64_MAX: nobody wants one */
};

static int	lock_database(const char *database);
static bool	try_lock(int fd);
static int	watch_signals(void);
static void	tell(void *arg, struct buf *out);
static void	take_signals(struct daemon *daemon);
static void	stop(struct daemon *daemon);
static void	reload(struct daemon *daemon);
static void	report(void *arg, const char *mistake);
static void	show_life(struct daemon *daemon, int64_t now_us);

struct daemon *
daemon_open(const struct conf *conf, const char *conf_path)
{
	struct daemon *daemon = mem_calloc(1, sizeof(*daemon));
	char error[512];

	daemon->conf = conf;
	daemon->conf_path = conf_path;
	daemon->signals = watch_signals();
	daemon->db = ledger_open(conf, error, sizeof(error));
	if (daemon->db == NULL)
		log_fatal("database: %s", error);
	daemon->lock = lock_database(conf->database);
	daemon->tally.started_us = clock_wall_us();
	daemon->courier = courier_new(conf, daemon->db, &daemon->tally);
	daemon->metrics = scrape_at_new("hookd_metrics", tell, daemon);
	scrape_at_move(daemon->metrics, conf->hookd_metrics);
	daemon->alive_us = ready_interval() != 0 ? 0 : INT64_MAX;
	if (conf->confine)
		confine_start();
	log_info("ready");
	ready_up(NULL);
	return daemon;
}

void
daemon_run(struct daemon *daemon)
{
	int64_t now_us = clock_mono_us();

	while (daemon->stop_us == 0 || (courier_count(daemon->courier) > 0 && now_us < daemon->stop_us)) {
		const int watched[POST_WATCHED] = { daemon->signals, scrape_at_fd(daemon->metrics) };

		courier_work(daemon->courier);
		courier_wait(daemon->courier, watched, MIN(BOUND_LOOK_IDLE, daemon->alive_us - now_us));
		take_signals(daemon);
		scrape_at_turn(daemon->metrics);
		now_us = clock_mono_us();
		show_life(daemon, now_us);
	}
	courier_work(daemon->courier);
}

void
daemon_close(struct daemon **daemonp)
{
	struct daemon *daemon = *daemonp;

	*daemonp = NULL;
	if (daemon == NULL)
		return;
	scrape_at_free(&daemon->metrics);
	courier_free(&daemon->courier);
	db_close(&daemon->db);
	close(daemon->lock);
	close(daemon->signals);
	conf_free(&daemon->reloaded);
	free(daemon);
	log_info("end");
}

/*
 * Two of us would send all messages twice.  The lock goes with the process, however that ends; the file stays.  Who
 * wants to know whether we run (unioctl, etc/rc) tries the lock, and has it for a moment if we do not; our pid in it is
 * ours as long as it is locked.
 */
static int
lock_database(const char *database)
{
	struct buf path = { 0 };
	int fd;

	buf_addf(&path, "%s%s", database, LOCK_SUFFIX);
	fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, LOCK_MODE);
	if (fd == -1)
		log_fatal("cannot open %s: %s", path.data, log_errno());
	if (!try_lock(fd))
		log_fatal(errno == EWOULDBLOCK ? "another unio-hookd holds %s" : "cannot lock %s", path.data);
	if (ftruncate(fd, 0) == -1 || dprintf(fd, "%ld\n", (long)getpid()) < 0)
		log_warn("lock", LOG_TEXT("path", path.data), LOG_ERRNO());
	buf_free(&path);
	return fd;
}

static bool
try_lock(int fd)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno != EWOULDBLOCK)
			return false;
		usleep(LOCK_NAP_US);
	}
	errno = EWOULDBLOCK;
	return false;
}

/* Before there are threads, which libcurl has for names: they inherit what is blocked. */
static int
watch_signals(void)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);	/* a file that may not grow is an error of the database, not the end */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)) == -1)
		log_fatal("signals: %s", log_errno());
	return fd;
}

static void
tell(void *arg, struct buf *out)
{
	struct daemon *daemon = arg;
	struct arena *arena = arena_new();

	tally_write(&daemon->tally, daemon->db, arena, out);
	arena_free(&arena);
}

static void
take_signals(struct daemon *daemon)
{
	struct signalfd_siginfo info;

	while (read(daemon->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(daemon);
		else if (info.ssi_signo == SIGUSR1)
			log_cycle_level();
		else if (daemon->stop_us == 0)
			stop(daemon);
	}
}

/* What does not come to its end in time is sent again by our successor, with the same id. */
static void
stop(struct daemon *daemon)
{
	log_info("drain", LOG_INT("messages", (int64_t)courier_count(daemon->courier)));
	ready_stopping(NULL);
	courier_stop(daemon->courier);
	daemon->stop_us = clock_mono_us() + MAX(daemon->conf->drain_timeout, US_PER_MS);
}

/* The database and the log's target stay as they are. */
static void
reload(struct daemon *daemon)
{
	struct conf *fresh;

	ready_reloading();
	fresh = conf_load(daemon->conf_path, report, NULL);
	if (fresh != NULL) {
		log_set_level((enum log_level)fresh->log_level);
		courier_configure(daemon->courier, fresh);
		scrape_at_move(daemon->metrics, fresh->hookd_metrics);
		conf_free(&daemon->reloaded);
		daemon->conf = daemon->reloaded = fresh;
		log_info("reload");
	} else {
		log_error("reload_failed");
	}
	ready_up(NULL);
}

static void
report(void *arg, const char *mistake)
{
	(void)arg;
	log_error("reload", LOG_TEXT("mistake", mistake));
}

static void
show_life(struct daemon *daemon, int64_t now_us)
{
	if (now_us < daemon->alive_us)
		return;
	ready_alive(NULL);
	daemon->alive_us = now_us + ready_interval();
}
