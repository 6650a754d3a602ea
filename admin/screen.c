#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "screen.h"
#include "str.h"

#define ENTER	"\033[?1049h\033[?25l"	/* the other screen, without a cursor */
#define LEAVE	"\033[?25h\033[?1049l"
#define HOME	"\033[H"
#define CLEAR	"\033[K"		/* the rest of the line */
#define BELOW	"\033[J"		/* the rest of the screen */

static void		enter(const struct screen *screen);
static void		leave(const struct screen *screen);
static void		measure(struct screen *screen);
static void		put(const char *p, size_t n);
static void		add_line(struct buf *out, const char *p, const char *end, int columns);
static enum screen_event take_signal(struct screen *screen);

int
screen_open(struct screen *screen)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP };
	sigset_t set;

	*screen = (struct screen){ .signal_fd = -1 };
	if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &screen->saved) == -1)
		return -1;
	sigemptyset(&set);
	for (size_t i = 0; i < COUNTOF(signals); i++)
		sigaddset(&set, signals[i]);
	if ((screen->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) == -1)
		return -1;
	sigprocmask(SIG_BLOCK, &set, &screen->saved_mask);
	measure(screen);
	enter(screen);
	return 0;
}

void
screen_close(struct screen *screen)
{
	if (screen->signal_fd == -1)
		return;
	leave(screen);
	close(screen->signal_fd);
	screen->signal_fd = -1;
	sigprocmask(SIG_SETMASK, &screen->saved_mask, NULL);
}

/* Keys come one by one, and are not shown; those that make signals still do. */
static void
enter(const struct screen *screen)
{
	struct termios raw = screen->saved;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	put(ENTER, strlen(ENTER));
}

static void
leave(const struct screen *screen)
{
	put(LEAVE, strlen(LEAVE));
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &screen->saved);
}

static void
measure(struct screen *screen)
{
	struct winsize size = { 0 };

	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	screen->rows = size.ws_row > 0 ? size.ws_row : 24;
	screen->columns = size.ws_col > 0 ? size.ws_col : 80;
}

static void
put(const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(STDOUT_FILENO, p, n);

		if (done == -1 && errno != EINTR)
			return;
		p += MAX(done, 0);
		n -= (size_t)MAX(done, 0);
	}
}

/* In one write, and without clearing first, so that nothing flickers. */
void
screen_draw(const struct screen *screen, const struct buf *text)
{
	struct buf out = { 0 };
	const char *p = text->data, *end;

	buf_adds(&out, HOME);
	for (int row = 0; row < screen->rows && p != NULL && *p != '\0'; row++) {
		end = strchrnul(p, '\n');
		buf_adds(&out, row > 0 ? "\r\n" : "");
		add_line(&out, p, end, screen->columns);
		buf_adds(&out, CLEAR);
		p = end + (*end == '\n');
	}
	buf_adds(&out, BELOW);
	put(out.data, out.len);
	buf_free(&out);
}

/* An escape sequence (ESC [ … letter) takes no room. */
static void
add_line(struct buf *out, const char *p, const char *end, int columns)
{
	while (p < end) {
		size_t n = str_utf8_next(p, (size_t)(end - p));
		bool escape = *p == '\033';

		n = escape ? strcspn(p, "mK\n") + 1 : MAX(n, (size_t)1);
		if (escape || columns-- > 0)
			buf_add(out, p, MIN(n, (size_t)(end - p)));
		p += n;
	}
}

enum screen_event
screen_wait(struct screen *screen, int64_t timeout_us, char *key_r)
{
	struct pollfd watch[] = {
		{ .fd = screen->signal_fd, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	char key;

	if (poll(watch, COUNTOF(watch), (int)(MAX(timeout_us, 0) / US_PER_MS)) <= 0)
		return SCREEN_TIME;
	if (watch[0].revents != 0)
		return take_signal(screen);
	if (read(STDIN_FILENO, &key, 1) != 1)
		return SCREEN_END;
	*key_r = key;
	return SCREEN_KEY;
}

/* While it is stopped the terminal is somebody else's. */
static enum screen_event
take_signal(struct screen *screen)
{
	struct signalfd_siginfo info;

	if (read(screen->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return SCREEN_TIME;
	if (info.ssi_signo == SIGTSTP) {
		leave(screen);
		raise(SIGSTOP);
		enter(screen);
	} else if (info.ssi_signo != SIGWINCH)
		return SCREEN_END;
	measure(screen);
	return SCREEN_SIZE;
}
