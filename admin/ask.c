#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "ask.h"

static bool	read_line(char *, size_t);

bool
ask_secret(const char *prompt, char *dst, size_t size)
{
	struct termios shown, hidden;
	bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0, ok;

	if (terminal) {
		fprintf(stderr, "%s: ", prompt);
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	}
	ok = read_line(dst, size);
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		fputc('\n', stderr);
	}
	return ok;
}

/* Byte by byte and unbuffered, so that no copy of the secret stays behind in stdio's memory. */
static bool
read_line(char *dst, size_t size)
{
	size_t n = 0;
	ssize_t got;
	char c;

	while ((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') {
		if (c == '\0' || n + 1 == size)
			return false;
		dst[n++] = c;
	}
	dst[n] = '\0';
	return got == 1 || (got == 0 && n > 0);
}
