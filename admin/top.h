/*
 * top.h: what `unioctl top` shows of two looks at the figures, one after the other.
 */
#ifndef UNIO_TOP_H
#define UNIO_TOP_H

#include "emit.h"
#include "figures.h"

enum top_program { TOP_SIGNALD, TOP_API, TOP_HOOKD, TOP_PROGRAMS };

struct top_look {
	struct figures	of[TOP_PROGRAMS];	/* all signaling daemons as one */
	int64_t		at_us;			/* monotonic */
};

void	top_look(const struct context *ctx, struct top_look *look_r);
void	top_free(struct top_look *look);
/* Some 30 lines; the most important first, since a screen may have fewer. */
void	top_text(const struct context *ctx, const struct top_look *before, const struct top_look *now, struct buf *out);
void	top_json(const struct context *ctx, const struct top_look *before, const struct top_look *now, struct emit *e);

#endif
