/*
 * figures.h: what the running programs count, as they tell it to Prometheus (metric.h): the daemons' by their
 * control sockets, unio-api's at api_metrics, unio-hookd's at hookd_metrics.
 *
 * Of several daemons the texts stand one after the other: a sum goes over all of them.
 */
#ifndef UNIO_FIGURES_H
#define UNIO_FIGURES_H

#include "buf.h"
#include "context.h"

struct figures {
	struct buf	text;
	int64_t		programs;	/* that have answered */
};

/* Asks all daemons; asks whoever tells them at an address ("": nobody).  figures_free() in any case. */
void	figures_of_daemons(const struct context *ctx, struct figures *figures);
void	figures_at(const char *address, struct figures *figures);
void	figures_free(struct figures *figures);

/*
 * The sum of the figures of that name, of those with that label alone (code="banned") unless it is NULL; times are
 * in seconds; 0 if there is none.
 */
double	figures_sum(const struct figures *figures, const char *name, const char *label);
/* The largest. */
double	figures_max(const struct figures *figures, const char *name);
/*
 * The time in seconds that a part (0.5, 0.99) of a histogram's times since `before` (NULL: since the start) did not
 * exceed, as exact as its buckets are; below 0 if there were none.
 */
double	figures_quantile(const struct figures *figures, const struct figures *before, const char *name, double part);

/* Calls for each figure of just that name, with its labels as they are told: {…}, or nothing. */
typedef void	figures_each_call(void *arg, struct slice labels, double value);
void		figures_each(const struct figures *figures, const char *name, figures_each_call *call, void *arg);
/* The value of a label in such labels; empty if it is not there. */
struct slice	figures_label(struct slice labels, const char *label);

#endif
