#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "confine.h"
#include "log.h"
#include "master.h"
#include "mem.h"
#include "provider.h"
#include "ready.h"
#include "service.h"
#include "teller.h"
#include "worker.h"

#define YOUNG		US_PER_S		/* who dies younger than this has probably not started */
#define PATIENCE	3			/* such deaths in a row before the first pause */
#define PAUSE_MIN	(100 * US_PER_MS)
#define PAUSE_MAX	(5 * US_PER_S)
#define STOP_MARGIN	(2 * US_PER_S)		/* beyond the time that one request may take */
#define KILL_AGAIN	(100 * US_PER_MS)	/* between two looks at whether who was killed has gone */

#define TELLER	0		/* its place; the workers have those after it */

struct slot {
	pid_t	pid;			/* 0: nobody */
	int64_t	started_us;
	int64_t	start_at_us;		/* not before, while there is nobody */
	int	young_deaths;		/* in a row */
	bool	old;			/* runs with an earlier configuration, or one too many */
	bool	stopping;
	int64_t	kill_at_us;		/* while stopping: who has not ended by then is killed */
};

struct master {
	struct conf	**conf;
	const char	*conf_path;
	struct rate	*rate;
	struct lane	*lane;		/* of the workers who write; NULL: there is none */
	struct tally	*tally;
	int		 listen_fd;
	struct slot	*slot;
	size_t		 slots;		/* one for the teller, and as many as there ever were workers */
	int64_t		 alive_us;	/* how often the service manager wants a sign of life; 0: never */
	int64_t		 alive_at_us;	/* when it gets the next one */
};

static void	say_up(const struct master *m);
static void	say_alive(struct master *m);
static bool	is_wanted(const struct master *m, size_t i);
static void	start_missing(struct master *m);
static void	start(struct master *m, size_t i);
static void	become_child(const struct master *m, size_t i, pid_t master);
static void	replace_next(struct master *m);
static bool	kill_late(const struct master *m);
static int64_t	deadline(const struct master *m);
static void	reap(struct master *m);
static void	bury(struct master *m, size_t i, int status);
static void	reload(struct master *m);
static bool	keys_are_good(const struct conf *conf);
static void	report(void *arg, const char *mistake);
static void	resize(struct master *m);
static int	wait_signal(const struct master *m, const sigset_t *set);
static void	signal_all(const struct master *m, int signo);
static void	stop(struct master *m, const sigset_t *set);

int
master_run(struct conf **conf, const char *conf_path, struct rate *rate, struct tally *tally, int listen_fd)
{
	struct master m = {
		.conf = conf, .conf_path = conf_path, .rate = rate, .tally = tally, .listen_fd = listen_fd,
		.lane = lane_new(),
	};
	sigset_t set;
	int signo;

	worker_block_signals();
	sigprocmask(SIG_BLOCK, NULL, &set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	m.alive_us = ready_interval();
	resize(&m);
	start_missing(&m);
	say_up(&m);
	for (;;) {
		start_missing(&m);
		replace_next(&m);
		say_alive(&m);
		signo = wait_signal(&m, &set);
		reap(&m);
		if (signo == SIGTERM || signo == SIGINT)
			break;
		if (signo == SIGHUP)
			reload(&m);
		else if (signo == SIGUSR1) {
			log_cycle_level();
			signal_all(&m, SIGUSR1);
		}
	}
	ready_stopping("finishing the requests under way");
	stop(&m, &set);
	free(m.slot);
	lane_free(&m.lane);
	return 0;
}

static void
say_up(const struct master *m)
{
	char status[64];

	snprintf(status, sizeof(status), "%d workers", (int)(*m->conf)->workers);
	ready_up(status);
}

static void
say_alive(struct master *m)
{
	int64_t now_us = clock_mono_us();

	if (m->alive_us == 0 || now_us < m->alive_at_us)
		return;
	m->alive_at_us = now_us + m->alive_us;
	ready_alive(NULL);
}

static void
start_missing(struct master *m)
{
	int64_t now_us = clock_mono_us();

	for (size_t i = 0; i < m->slots; i++)
		if (is_wanted(m, i) && m->slot[i].pid == 0 && m->slot[i].start_at_us <= now_us)
			start(m, i);
}

static bool
is_wanted(const struct master *m, size_t i)
{
	if (i == TELLER)
		return m->tally != NULL && *(*m->conf)->api_metrics != '\0';
	return i <= (size_t)(*m->conf)->workers;
}

static void
start(struct master *m, size_t i)
{
	struct slot *slot = &m->slot[i];
	pid_t master = getpid();
	pid_t pid = fork();

	if (pid == 0)
		become_child(m, i, master);
	slot->started_us = clock_mono_us();
	slot->old = slot->stopping = false;
	if (pid < 0) {
		log_error("fork", LOG_ERRNO());
		slot->start_at_us = slot->started_us + PAUSE_MAX;
		return;
	}
	slot->pid = pid;
	if (i != TELLER)
		tally_started(m->tally, i - 1, pid);
	log_info(i == TELLER ? "teller_start" : "worker_start", LOG_INT("worker", pid));
}

/* Nobody outlives the master: a worker without one would hold the socket and never be reloaded. */
static void
become_child(const struct master *m, size_t i, pid_t master)
{
	sigset_t child;
	int code;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master)
		exit(0);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &child, NULL);
	if (i == TELLER)
		code = teller_run(*m->conf, m->tally);
	else
		code = worker_run(*m->conf, m->rate, m->lane, tally_worker(m->tally, i - 1), m->listen_fd) ==
		    WORKER_FAILED;
	free(m->slot);
	conf_free(m->conf);
	exit(code);
}

/* One at a time: the next goes only when the last one's successor is there (nobody waits for a teller). */
static void
replace_next(struct master *m)
{
	if (kill_late(m))
		return;
	for (size_t i = 0; i < m->slots; i++)
		if (m->slot[i].stopping || (m->slot[i].pid == 0 && i != TELLER && is_wanted(m, i)))
			return;
	for (size_t i = 0; i < m->slots; i++)
		if (m->slot[i].old && m->slot[i].pid != 0) {
			m->slot[i].stopping = true;
			m->slot[i].kill_at_us = deadline(m);
			kill(m->slot[i].pid, SIGTERM);
			return;
		}
}

/* A worker that hangs would keep all others from being replaced. */
static bool
kill_late(const struct master *m)
{
	bool any = false;

	for (size_t i = 0; i < m->slots; i++)
		if (m->slot[i].stopping && clock_mono_us() >= m->slot[i].kill_at_us) {
			kill(m->slot[i].pid, SIGKILL);
			any = true;
		}
	return any;
}

/* For whoever finishes its request first. */
static int64_t
deadline(const struct master *m)
{
	return clock_mono_us() + (*m->conf)->request_timeout + STOP_MARGIN;
}

static int
wait_signal(const struct master *m, const sigset_t *set)
{
	int64_t now_us = clock_mono_us();
	int64_t wait_us = m->alive_us == 0 ? -1 : MAX(m->alive_at_us - now_us, 0);
	struct timespec timeout;

	for (size_t i = 0; i < m->slots; i++) {
		const struct slot *slot = &m->slot[i];
		int64_t left;

		if (slot->pid == 0 && is_wanted(m, i))
			left = MAX(slot->start_at_us - now_us, 0);
		else if (slot->stopping)
			left = MAX(slot->kill_at_us - now_us, KILL_AGAIN);
		else
			continue;
		wait_us = wait_us < 0 ? left : MIN(wait_us, left);
	}
	if (wait_us < 0)
		return sigwaitinfo(set, NULL);
	timeout = (struct timespec){ wait_us / US_PER_S, wait_us % US_PER_S * 1000 };
	return sigtimedwait(set, NULL, &timeout);
}

static void
reap(struct master *m)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < m->slots; i++)
			if (m->slot[i].pid == pid)
				bury(m, i, status);
}

static void
bury(struct master *m, size_t i, int status)
{
	struct slot *slot = &m->slot[i];
	int64_t now_us = clock_mono_us();
	int64_t pause_us = 0;

	if (slot->stopping || now_us - slot->started_us >= YOUNG)
		slot->young_deaths = 0;
	else if (++slot->young_deaths > PATIENCE)
		pause_us = MIN(PAUSE_MIN << MIN(slot->young_deaths - PATIENCE - 1, 10), PAUSE_MAX);
	if (i != TELLER)
		tally_ended(m->tally, i - 1, slot->stopping ? TALLY_STOPPED :
		    WIFSIGNALED(status)			    ? TALLY_KILLED :
							      TALLY_EXITED);
	LOG_AT(slot->stopping ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, i == TELLER ? "teller_end" : "worker_end",
	    LOG_INT("worker", slot->pid),
	    LOG_INT("exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
	    LOG_INT("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0));
	slot->pid = 0;
	slot->stopping = slot->old = false;
	slot->start_at_us = now_us + pause_us;
}

static void
reload(struct master *m)
{
	struct conf *fresh;

	ready_reloading();
	if ((fresh = master_reload(m->conf_path, *m->conf)) != NULL) {
		conf_free(m->conf);
		*m->conf = fresh;
		resize(m);
		for (size_t i = 0; i < m->slots; i++)
			m->slot[i].old = m->slot[i].pid != 0;
	}
	say_up(m);
}

/* Whether there is a master at all is decided once, at the start. */
struct conf *
master_reload(const char *conf_path, const struct conf *running)
{
	struct conf *fresh = conf_load(conf_path, report, NULL);

	if (fresh != NULL && ((fresh->workers == 0) != (running->workers == 0) || !keys_are_good(fresh) ||
	    service_prepare(fresh) != 0))
		conf_free(&fresh);
	if (fresh == NULL) {
		log_error("reload", LOG_TEXT("error", "the new configuration is not used"));
		return NULL;
	}
	service_log_open(fresh);
	master_hide(fresh);
	log_info("reload", LOG_INT("workers", fresh->workers));
	return fresh;
}

/* Where they are not we start without the provider's, but do not let go of those that we have. */
static bool
keys_are_good(const struct conf *conf)
{
	char error[512];
	bool good = provider_check(conf, error, sizeof(error));

	if (!good)
		report(NULL, error);
	return good;
}

void
master_hide(const struct conf *conf)
{
	confine_hide(conf->confine && *conf->api_metrics == '\0');
}

static void
report(void *arg, const char *mistake)
{
	(void)arg;
	log_error("reload", LOG_TEXT("mistake", mistake));
}

static void
resize(struct master *m)
{
	size_t wanted = (size_t)(*m->conf)->workers + 1;

	if (wanted <= m->slots)
		return;
	m->slot = mem_realloc(m->slot, wanted * sizeof(*m->slot));
	for (; m->slots < wanted; m->slots++)
		m->slot[m->slots] = (struct slot){ 0 };
}

static void
signal_all(const struct master *m, int signo)
{
	for (size_t i = 0; i < m->slots; i++)
		if (m->slot[i].pid != 0)
			kill(m->slot[i].pid, signo);
}

/* Each finishes its request; who has not after the time that one may take is killed. */
static void
stop(struct master *m, const sigset_t *set)
{
	int64_t deadline_us = deadline(m);
	struct timespec tick = { .tv_nsec = 100 * 1000 * 1000 };

	for (size_t i = 0; i < m->slots; i++)
		m->slot[i].stopping = true;
	signal_all(m, SIGTERM);
	for (;;) {
		size_t left = 0;

		reap(m);
		for (size_t i = 0; i < m->slots; i++)
			left += m->slot[i].pid != 0;
		if (left == 0)
			return;
		if (clock_mono_us() > deadline_us)
			signal_all(m, SIGKILL);
		(void)sigtimedwait(set, NULL, &tick);
	}
}
