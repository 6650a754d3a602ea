/*
 * screen.h: a terminal that is drawn anew again and again, and given back as it was: at the end, on a signal, and while
 * we are stopped (^Z).  Escape sequences of ECMA-48 and xterm, which every terminal of today knows.
 *
 * Signals are blocked and taken from a descriptor, so that nothing is done in a handler.
 */
#ifndef UNIO_SCREEN_H
#define UNIO_SCREEN_H

#include <signal.h>
#include <termios.h>

#include "base.h"
#include "buf.h"

struct screen {
	int		rows, columns;
	int		signal_fd;
	struct termios	saved;
	sigset_t	saved_mask;
};

enum screen_event {
	SCREEN_TIME,		/* it is up */
	SCREEN_SIZE,		/* another one: draw again */
	SCREEN_KEY,
	SCREEN_END		/* a signal, or the terminal has gone */
};

/* Standard input and output must be a terminal; 0/-1 with errno. */
NODISCARD int		screen_open(struct screen *screen);
void			screen_close(struct screen *screen);
/* The lines of the text that fit, cut to the width; it may hold escape sequences that only change how text looks. */
void			screen_draw(const struct screen *screen, const struct buf *text);
/* Waits for so long at most; key_r: which one was pressed. */
enum screen_event	screen_wait(struct screen *screen, int64_t timeout_us, char *key_r);

#endif
