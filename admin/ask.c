#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "ask.h"

static bool	ask_terminal(const struct termios *shown, const char *prompt, char *dst, size_t size);
static bool	read_line(char *dst, size_t size, int signals);
static bool	wait_for_input(int signals);

bool
ask_secret(const char *prompt, char *dst, size_t size)
{
	struct termios shown;

	return tcgetattr(STDIN_FILENO, &shown) == 0 ? ask_terminal(&shown, prompt, dst, size) :
						      read_line(dst, size, -1);
}

/* Whatever would end us waits until the terminal shows again what is typed. */
static bool
ask_terminal(const struct termios *shown, const char *prompt, char *dst, size_t size)
{
	static const int ending[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	struct termios hidden = *shown;
	sigset_t set, before;
	int signals;
	bool ok;

	sigemptyset(&set);
	for (size_t i = 0; i < COUNTOF(ending); i++)
		sigaddset(&set, ending[i]);
	sigprocmask(SIG_BLOCK, &set, &before);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	fprintf(stderr, "%s: ", prompt);
	ok = signals >= 0 && read_line(dst, size, signals);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, shown);
	fputc('\n', stderr);
	if (signals >= 0)
		close(signals);
	sigprocmask(SIG_SETMASK, &before, NULL);	/* now it strikes */
	return ok;
}

/* Byte by byte and unbuffered, so that no copy of the secret stays behind in stdio's memory. */
static bool
read_line(char *dst, size_t size, int signals)
{
	size_t n = 0;
	ssize_t got = -1;
	char c;

	while (wait_for_input(signals) && (got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') {
		if (c == '\0' || n + 1 == size)
			return false;
		dst[n++] = c;
		got = -1;
	}
	dst[n] = '\0';
	return got == 1 || (got == 0 && n > 0);
}

/* False if one of the signals came first (left pending); signals -1: none is looked for. */
static bool
wait_for_input(int signals)
{
	struct pollfd watch[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};

	if (signals < 0)
		return true;
	return poll(watch, COUNTOF(watch), -1) > 0 && watch[1].revents == 0;
}
