/*
 * unio-supervise: keeps the programs of one development instance running.
 *
 *	unio-supervise PROGRAMS [FAREWELL]	(a file; supervise_program.h describes it)
 *	unio-supervise -t tcp:HOST:PORT		(only tries whether that address can be had)
 *
 * Invariants:
 * - The listening sockets live as long as the supervisor, so while a program restarts its clients wait in
 *   the backlog and are not refused.
 * - No program outlives the supervisor, however that ends: each has asked the kernel for SIGKILL then.
 * - A program that dies is started again at once, or, if it dies over and over, after a pause. No program
 *   waits for another.
 *
 * SIGTERM, SIGINT and SIGHUP end all of it, the last started first; the farewell is the last word.
 */
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "supervise_listen.h"
#include "supervise_program.h"

enum {
	PROGRAMS_MAX = 48,	/* an instance has five; room for as many daemons as there may be (shard.h) */
	STOP_TIME = 12000,	/* ms from SIGTERM to SIGKILL; longer than drain_timeout is by default */
	KILL_TIME = 1000,	/* ms from one SIGKILL to the next */
};

struct supervisor {
	struct supervise_program	programs[PROGRAMS_MAX];
	int				n;
	sigset_t			signals;	/* those that are waited for; blocked otherwise */
};

static void	signals_block(struct supervisor *);
static void	run(struct supervisor *);
static int64_t	start_due(struct supervisor *);
static int	signal_wait(const struct supervisor *, int64_t);
static void	reap(struct supervisor *);
static void	stop_all(struct supervisor *);
static void	stop(struct supervisor *, struct supervise_program *, bool *);
static int64_t	now(void);

int
main(int argc, char **argv)
{
	struct supervisor s = { .n = 0 };
	struct supervise_program *p;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: unio-supervise PROGRAMS [FAREWELL]\n       unio-supervise -t tcp:HOST:PORT\n");
		return 2;
	}
	if (strcmp(argv[1], "-t") == 0)
		return argc == 3 && close(supervise_listen(argv[2])) == 0 ? 0 : 2;
	/* What the caller left open (a lock, say) stays ours for life, and is not the programs' business. */
	if (close_range(SUPERVISE_PROGRAM_FD, ~0U, CLOSE_RANGE_CLOEXEC) == -1)
		err(1, "close_range");
	s.n = supervise_program_read(argv[1], s.programs, PROGRAMS_MAX);
	signals_block(&s);	/* before there is anything to clean up */
	for (p = s.programs; p < s.programs + s.n; p++)
		if (p->listen != NULL)
			p->fd = supervise_listen(p->listen);
	run(&s);
	stop_all(&s);
	if (argc == 3)
		puts(argv[2]);
	return 0;
}

/* From here on signals come when signal_wait() asks for them, and at no other moment. */
static void
signals_block(struct supervisor *s)
{
	struct sigaction hup;

	sigemptyset(&s->signals);
	sigaddset(&s->signals, SIGCHLD);
	sigaddset(&s->signals, SIGINT);
	sigaddset(&s->signals, SIGTERM);
	/* A terminal that is closed ends us, unless nohup(1) has said otherwise. */
	if (sigaction(SIGHUP, NULL, &hup) == 0 && hup.sa_handler != SIG_IGN)
		sigaddset(&s->signals, SIGHUP);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &s->signals, NULL) == -1)
		err(1, "sigprocmask");
}

/* Until somebody wants us to stop. */
static void
run(struct supervisor *s)
{
	int signo;

	do {
		reap(s);
		signo = signal_wait(s, start_due(s));
	} while (signo == SIGCHLD || signo == 0);
}

/* Starts what is due; returns when the next one will be. */
static int64_t
start_due(struct supervisor *s)
{
	struct supervise_program *p;
	int64_t next = INT64_MAX;

	for (p = s->programs; p < s->programs + s->n; p++) {
		if (p->pid == 0 && p->due <= now())
			supervise_program_start(p, now());
		if (p->pid == 0 && p->due < next)
			next = p->due;
	}
	return next;
}

/* The next signal, or 0 when the time `until` has come. */
static int
signal_wait(const struct supervisor *s, int64_t until)
{
	struct timespec ts;
	int64_t left;
	int signo;

	do {
		if (until == INT64_MAX) {
			signo = sigwaitinfo(&s->signals, NULL);
		} else {
			left = until > now() ? until - now() : 0;
			ts.tv_sec = left / 1000;
			ts.tv_nsec = left % 1000 * 1000000;
			signo = sigtimedwait(&s->signals, NULL, &ts);
		}
	} while (signo == -1 && errno == EINTR);
	return signo == -1 ? 0 : signo;
}

static void
reap(struct supervisor *s)
{
	struct supervise_program *p;
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (p = s->programs; p < s->programs + s->n; p++)
			if (p->pid == pid)
				supervise_program_died(p, status, now());
}

/* The last started is the first to end. Its socket goes with it, so that nobody waits there in vain. */
static void
stop_all(struct supervisor *s)
{
	struct supervise_program *p;
	bool hurry = false;

	for (p = s->programs + s->n - 1; p >= s->programs; p--) {
		stop(s, p, &hurry);
		if (p->listen != NULL) {
			(void)close(p->fd);
			supervise_listen_end(p->listen);
		}
		supervise_program_free(p);
	}
}

/* Ends one program, in good time or else by force; a second Ctrl-C means now. */
static void
stop(struct supervisor *s, struct supervise_program *p, bool *hurry)
{
	int64_t deadline = now() + STOP_TIME;
	pid_t group = p->pid;
	int signo;

	p->once = true;		/* it is not started again, and its end is no news */
	if (p->pid != 0)
		kill(p->pid, SIGTERM);
	while (p->pid != 0) {
		if (!*hurry && now() >= deadline)
			supervise_program_say(p, "does not end: killed");
		if (*hurry || now() >= deadline) {
			kill(-group, SIGKILL);
			deadline = now() + KILL_TIME;
		}
		signo = signal_wait(s, deadline);
		if (signo != SIGCHLD && signo != 0)
			*hurry = true;
		reap(s);
	}
	if (group != 0)
		kill(-group, SIGKILL);	/* whom it may have left behind */
	if (p->pidfile != NULL)
		(void)unlink(p->pidfile);
}

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
}
