/*
 * One program that the supervisor keeps running: its line in the programs file, its process, its deaths.
 *
 * The programs file has one program a line, in the order of their start. Fields are separated by one tab
 * each, so that paths may hold spaces; `#` begins a comment line:
 *
 *	name [option]... : command [argument]...
 *
 *	listen=unix:PATH      hold this listening socket and pass it on, as sd_listen_fds(3) describes
 *	listen=tcp:HOST:PORT  the same for TCP; HOST is a numeric address, IPv6 without brackets
 *	pidfile=PATH          where the pid stands while the program runs
 *	log=PATH              standard output and error are appended there
 *	once                  not started again when it ends
 *
 * Times are milliseconds of the monotonic clock, handed in by the caller.
 */
#ifndef SUPERVISE_PROGRAM_H
#define SUPERVISE_PROGRAM_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

enum {
	SUPERVISE_PROGRAM_WORDS = 32,	/* words of one line */
	SUPERVISE_PROGRAM_DEATHS = 30,	/* so many deaths in half a minute are too many */
	SUPERVISE_PROGRAM_FD = 3,	/* where a program finds its listening socket (SD_LISTEN_FDS_START) */
};

struct supervise_program {
	char	*words[SUPERVISE_PROGRAM_WORDS];	/* the line, cut up; owned */
	char	*name;		/* this and the next three point into the line; NULL where an option is not given */
	char	*listen;
	char	*pidfile;
	char	*log;
	char	**argv;		/* ends with NULL */
	bool	 once;
	int	 fd;		/* the listening socket, or -1 */
	pid_t	 pid;		/* 0: it is not running */
	int64_t	 started;
	int64_t	 due;		/* when to start it, while it is not running; INT64_MAX: never */
	int64_t	 deaths[SUPERVISE_PROGRAM_DEATHS];	/* a ring of the latest */
	unsigned deaths_n;	/* all of them */
};

/* Reads a programs file into an array of `max`; returns how many there are. A mistake in it ends us. */
int	supervise_program_read(const char *path, struct supervise_program *, int max);
void	supervise_program_free(struct supervise_program *);

/* Starts it in a process group of its own. If that fails, `due` says when to try again. */
void	supervise_program_start(struct supervise_program *, int64_t now);

/* Takes note of its end, with waitpid(2)'s status; `due` says when to start it again. */
void	supervise_program_died(struct supervise_program *, int status, int64_t now);

/* One line about it for the person at the terminal. */
void	supervise_program_say(const struct supervise_program *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
