/* What the programs do right now, again and again on a terminal. */
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "context.h"
#include "screen.h"
#include "top.h"

#define EVERY	US_PER_S

static enum outcome	show_once(struct context *ctx);
static enum outcome	show_live(struct context *ctx);
static void		draw(const struct context *ctx, const struct screen *screen, const struct top_look *before,
			    const struct top_look *now);
static bool		is_quit(enum screen_event event, char key);

enum outcome
command_top(struct context *ctx)
{
	bool once = ctx->args->json || args_given(ctx->args, ARGS_ONCE);

	return once || !isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO) ? show_once(ctx) : show_live(ctx);
}

/* Two looks, since what happens in a second is the difference. */
static enum outcome
show_once(struct context *ctx)
{
	const struct timespec second = { .tv_sec = EVERY / US_PER_S };
	struct top_look before, now;
	enum outcome outcome = OUTCOME_DONE;

	top_look(ctx, &before);
	nanosleep(&second, NULL);
	top_look(ctx, &now);
	top_text(ctx, &before, &now, &ctx->text);
	top_json(ctx, &before, &now, &ctx->json);
	ctx->answered = true;
	if (now.of[TOP_SIGNALD].programs < ctx->conf->daemons)
		outcome = context_fail(ctx, OUTCOME_BUSY, "a signaling daemon does not answer");
	top_free(&before);
	top_free(&now);
	return outcome;
}

/* The first picture has no rates. */
static enum outcome
show_live(struct context *ctx)
{
	enum screen_event event = SCREEN_TIME;
	struct top_look before, now;
	struct screen screen;
	char key = '\0';

	if (screen_open(&screen) != 0)
		return show_once(ctx);
	top_look(ctx, &before);
	top_look(ctx, &now);
	while (!is_quit(event, key)) {
		draw(ctx, &screen, &before, &now);
		event = screen_wait(&screen, now.at_us + EVERY - clock_mono_us(), &key);
		if (event != SCREEN_TIME)
			continue;
		top_free(&before);
		before = now;
		top_look(ctx, &now);
	}
	screen_close(&screen);
	top_free(&before);
	top_free(&now);
	return OUTCOME_DONE;
}

static void
draw(const struct context *ctx, const struct screen *screen, const struct top_look *before, const struct top_look *now)
{
	struct buf text = { 0 };

	top_text(ctx, before, now, &text);
	screen_draw(screen, &text);
	buf_free(&text);
}

static bool
is_quit(enum screen_event event, char key)
{
	return event == SCREEN_END || (event == SCREEN_KEY && (key == 'q' || key == 'Q' || key == '\004'));
}
