/*
 * metric.h: figures as Prometheus reads them: the text format, version 0.0.4
 * (prometheus.io/docs/instrumenting/exposition_formats).
 *
 * A program has one struct whose members are all int64_t: single cells, arrays of
 * cells, and histograms.  One table says what each is called and what its labels are,
 * and writes it out.  To count is one add to a cell; nothing is looked up.
 *
 * A cell has one writer.  Whoever else reads it, in another thread or process, may do so
 * at any time with metric_sum(): a cell is written whole, so a figure is at worst a
 * moment old.  Labels come from tables of ours alone: never an id, an address or a name.
 */
#ifndef UNIO_METRIC_H
#define UNIO_METRIC_H

#include "base.h"
#include "buf.h"

#define METRIC_LABELS	2	/* of one figure, at most */
#define METRIC_BOUNDS	14	/* of a histogram; what is above the last has a bucket as well */

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };
enum metric_unit { METRIC_PLAIN, METRIC_MICROSECONDS };	/* the latter is written in seconds */

/* Times, each counted in the bucket that it falls into. */
struct metric_histogram {
	int64_t	bucket[METRIC_BOUNDS + 1];
	int64_t	sum_us;
};

struct metric {
	const char		*name;
	const char		*help;
	enum metric_kind	 kind;
	enum metric_unit	 unit;
	size_t			 offset;			/* in the struct */
	const char		*label[METRIC_LABELS];		/* NULL: none */
	/* The labels' values in the i-th cell; false past the last.  NULL: one cell without labels. */
	bool			(*value)(size_t i, const char *value_r[METRIC_LABELS]);
};

static inline void
metric_add(int64_t *cell, int64_t n)
{
	__atomic_store_n(cell, __atomic_load_n(cell, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

static inline void
metric_set(int64_t *cell, int64_t value)
{
	__atomic_store_n(cell, value, __ATOMIC_RELAXED);
}

/* A time that is less than nothing (the clock was set) counts as nothing. */
void	metric_observe(struct metric_histogram *histogram, int64_t us);
/* The i-th bound of every histogram, in seconds, as it is told. */
const char *metric_bound(size_t i);
/* Adds a struct of n cells to another one of the same kind. */
void	metric_sum(int64_t *total, const int64_t *cells, size_t n);

/* All of the table, with the values of the struct. */
void	metric_write(const struct metric *table, size_t n, const void *values, struct buf *out);
/* The figure of a program that says which version runs. */
void	metric_write_build(struct buf *out);

#endif
