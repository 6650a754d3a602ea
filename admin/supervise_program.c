#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervise_program.h"

enum {
	DEATHS_WINDOW = 30000,	/* thirty deaths within this are too many ... */
	PAUSE_LONG = 10000,	/* ... and then it waits so long */
	PAUSE_SHORT = 200,	/* it waits so long if it lived no longer: far within the second we promise */
	PAUSE_FORK = 1000,	/* until the next attempt when the system has no process for us */
};

static void	parse(struct supervise_program *, char *, const char *, int);
static void	parse_option(struct supervise_program *, char *, const char *, int);
static void	become(const struct supervise_program *, pid_t) __attribute__((noreturn));
static void	become_isolated(pid_t);
static int64_t	next_start(const struct supervise_program *, int64_t);
static void	pidfile_write(const struct supervise_program *);

int
supervise_program_read(const char *path, struct supervise_program *programs, int max)
{
	FILE *f;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int number = 0, n = 0;

	if ((f = fopen(path, "re")) == NULL)
		err(1, "%s", path);
	while ((len = getline(&line, &size, f)) != -1) {
		number++;
		if (len > 0 && line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (n == max)
			errx(1, "%s:%d: more than %d programs", path, number, max);
		parse(&programs[n++], line, path, number);
		line = NULL;	/* now it is the program's */
		size = 0;
	}
	free(line);
	fclose(f);
	return n;
}

static void
parse(struct supervise_program *p, char *line, const char *path, int number)
{
	char *word;
	int i, n = 0;

	*p = (struct supervise_program){ .fd = -1 };
	while ((word = strsep(&line, "\t")) != NULL) {
		if (n == SUPERVISE_PROGRAM_WORDS - 1)
			errx(1, "%s:%d: more than %d words", path, number, n);
		p->words[n++] = word;
	}
	p->name = p->words[0];
	for (i = 1; i < n && strcmp(p->words[i], ":") != 0; i++)
		parse_option(p, p->words[i], path, number);
	if (i + 1 >= n)
		errx(1, "%s:%d: no command", path, number);
	p->argv = &p->words[i + 1];
}

static void
parse_option(struct supervise_program *p, char *word, const char *path, int number)
{
	const struct {
		const char	*name;
		char		**value;
	} options[] = {
		{ "listen=", &p->listen },
		{ "pidfile=", &p->pidfile },
		{ "log=", &p->log },
	};
	size_t i, len;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		len = strlen(options[i].name);
		if (strncmp(word, options[i].name, len) == 0) {
			*options[i].value = word + len;
			return;
		}
	}
	if (strcmp(word, "once") != 0)
		errx(1, "%s:%d: unknown option %s", path, number, word);
	p->once = true;
}

void
supervise_program_free(struct supervise_program *p)
{
	free(p->words[0]);	/* the line; all other words are parts of it */
	p->words[0] = NULL;
}

void
supervise_program_start(struct supervise_program *p, int64_t now)
{
	pid_t self = getpid(), pid = fork();

	if (pid == 0)
		become(p, self);
	if (pid == -1) {
		supervise_program_say(p, "fork: %s", strerror(errno));
		p->due = now + PAUSE_FORK;
		return;
	}
	(void)setpgid(pid, pid);	/* the child does so, too: whoever is first */
	p->pid = pid;
	p->started = now;
	pidfile_write(p);
}

/* In the child: becomes the program. What goes wrong here is a death like any other. */
static void
become(const struct supervise_program *p, pid_t parent)
{
	char pid[16];
	int fd;

	become_isolated(parent);
	if (p->log != NULL) {
		if ((fd = open(p->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640)) == -1)
			err(1, "%s", p->log);
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
	}
	if (p->fd != -1) {
		/* dup2() of a descriptor to itself would leave it closed on exec. */
		if (p->fd == SUPERVISE_PROGRAM_FD ? fcntl(p->fd, F_SETFD, 0) == -1 :
		    dup2(p->fd, SUPERVISE_PROGRAM_FD) == -1)
			err(1, "%s", p->listen);
		snprintf(pid, sizeof(pid), "%ld", (long)getpid());
		setenv("LISTEN_PID", pid, 1);
		setenv("LISTEN_FDS", "1", 1);
	}
	execvp(p->argv[0], p->argv);
	err(127, "%s", p->argv[0]);
}

/* Its own process group, the signals as they are by default, and no life without the supervisor. */
static void
become_isolated(pid_t parent)
{
	sigset_t none;
	int signo;

	(void)setpgid(0, 0);
	for (signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* SIGKILL: the promise must not depend on what a program does about a signal. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(1);
}

void
supervise_program_died(struct supervise_program *p, int status, int64_t now)
{
	if (!p->once)
		supervise_program_say(p, "(pid %ld) %s %d after %lld ms", (long)p->pid,
		    WIFSIGNALED(status) ? "was killed by signal" : "ended with status",
		    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
		    (long long)(now - p->started));
	p->pid = 0;
	p->deaths[p->deaths_n++ % SUPERVISE_PROGRAM_DEATHS] = now;
	p->due = next_start(p, now);
}

static int64_t
next_start(const struct supervise_program *p, int64_t now)
{
	int64_t oldest = p->deaths[p->deaths_n % SUPERVISE_PROGRAM_DEATHS];	/* the next to be overwritten */

	if (p->once)
		return INT64_MAX;
	if (p->deaths_n >= SUPERVISE_PROGRAM_DEATHS && now - oldest < DEATHS_WINDOW) {
		supervise_program_say(p, "has died %d times in %d s: started again in %d s",
		    SUPERVISE_PROGRAM_DEATHS, DEATHS_WINDOW / 1000, PAUSE_LONG / 1000);
		return now + PAUSE_LONG;
	}
	return now - p->started < PAUSE_SHORT ? now + PAUSE_SHORT : now;
}

/* Written whole and then renamed: a reader never sees half a number. */
static void
pidfile_write(const struct supervise_program *p)
{
	bool written = false;
	char *path;
	FILE *f;

	if (p->pidfile == NULL)
		return;
	if (asprintf(&path, "%s.new", p->pidfile) == -1)
		err(1, NULL);
	if ((f = fopen(path, "we")) != NULL) {
		written = fprintf(f, "%ld\n", (long)p->pid) > 0;
		written = fclose(f) == 0 && written;
	}
	if (!written || rename(path, p->pidfile) == -1)
		supervise_program_say(p, "%s: %s", p->pidfile, strerror(errno));
	free(path);
}

void
supervise_program_say(const struct supervise_program *p, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "unio-supervise: %s ", p->name);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}
