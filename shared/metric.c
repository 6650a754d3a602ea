#include <inttypes.h>
#include <string.h>

#include "metric.h"

static void	write_head(const struct metric *, struct buf *);
static void	write_histogram(const struct metric *, const char *const *, const struct metric_histogram *,
		    struct buf *);
static void	write_name(const struct metric *, const char *, const char *const *, const char *, struct buf *);
static void	write_label(struct buf *, bool *, const char *, const char *);
static void	write_number(int64_t, enum metric_unit, struct buf *);
static void	write_escaped(const char *, bool, struct buf *);

/* From what a local question takes to where somebody gives up. */
static const struct {
	int64_t		 us;
	const char	*text;
} bound[METRIC_BOUNDS] = {
	{ 500, "0.0005" }, { 1000, "0.001" }, { 2500, "0.0025" }, { 5000, "0.005" }, { 10000, "0.01" },
	{ 25000, "0.025" }, { 50000, "0.05" }, { 100000, "0.1" }, { 250000, "0.25" }, { 500000, "0.5" },
	{ 1000000, "1" }, { 2500000, "2.5" }, { 5000000, "5" }, { 10000000, "10" },
};

static const char *const kind_name[] = {
	[METRIC_COUNTER] = "counter",
	[METRIC_GAUGE] = "gauge",
	[METRIC_HISTOGRAM] = "histogram",
};

void
metric_observe(struct metric_histogram *histogram, int64_t us)
{
	size_t i = 0;

	us = MAX(us, 0);
	while (i < METRIC_BOUNDS && us > bound[i].us)
		i++;
	metric_add(&histogram->bucket[i], 1);
	metric_add(&histogram->sum_us, us);
}

const char *
metric_bound(size_t i)
{
	return bound[i].text;
}

void
metric_sum(int64_t *total, const int64_t *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		total[i] += __atomic_load_n(&cells[i], __ATOMIC_RELAXED);
}

void
metric_write(const struct metric *table, size_t n, const void *values, struct buf *out)
{
	for (const struct metric *m = table; m < table + n; m++) {
		const char *value[METRIC_LABELS] = { NULL };
		const void *cells = (const char *)values + m->offset;
		const struct metric_histogram *histogram = cells;
		const int64_t *number = cells;

		write_head(m, out);
		for (size_t i = 0; m->value != NULL ? m->value(i, value) : i == 0; i++) {
			if (m->kind == METRIC_HISTOGRAM) {
				write_histogram(m, value, &histogram[i], out);
				continue;
			}
			write_name(m, "", value, NULL, out);
			write_number(number[i], m->unit, out);
		}
	}
}

void
metric_write_build(struct buf *out)
{
	static const struct metric build = {
		.name = "unio_build_info", .help = "Which version of Unio this is.", .kind = METRIC_GAUGE,
		.label = { "version" },
	};
	static const char *const version[METRIC_LABELS] = { UNIO_VERSION };

	write_head(&build, out);
	write_name(&build, "", version, NULL, out);
	write_number(1, METRIC_PLAIN, out);
}

static void
write_head(const struct metric *m, struct buf *out)
{
	buf_addf(out, "# HELP %s ", m->name);
	write_escaped(m->help, false, out);
	buf_addf(out, "\n# TYPE %s %s\n", m->name, kind_name[m->kind]);
}

/* Buckets are cumulative there; the last one holds all, so that count and buckets always agree. */
static void
write_histogram(const struct metric *m, const char *const *value, const struct metric_histogram *histogram,
    struct buf *out)
{
	int64_t count = 0;

	for (size_t i = 0; i <= METRIC_BOUNDS; i++) {
		count += histogram->bucket[i];
		write_name(m, "_bucket", value, i < METRIC_BOUNDS ? bound[i].text : "+Inf", out);
		write_number(count, METRIC_PLAIN, out);
	}
	write_name(m, "_sum", value, NULL, out);
	write_number(histogram->sum_us, METRIC_MICROSECONDS, out);
	write_name(m, "_count", value, NULL, out);
	write_number(count, METRIC_PLAIN, out);
}

static void
write_name(const struct metric *m, const char *suffix, const char *const *value, const char *le, struct buf *out)
{
	bool open = false;

	buf_adds(out, m->name);
	buf_adds(out, suffix);
	for (size_t i = 0; i < METRIC_LABELS; i++)
		if (m->label[i] != NULL)
			write_label(out, &open, m->label[i], value[i]);
	if (le != NULL)
		write_label(out, &open, "le", le);
	buf_adds(out, open ? "} " : " ");
}

static void
write_label(struct buf *out, bool *open, const char *label, const char *value)
{
	buf_addf(out, "%c%s=\"", *open ? ',' : '{', label);
	write_escaped(value, true, out);
	buf_addc(out, '"');
	*open = true;
}

static void
write_number(int64_t number, enum metric_unit unit, struct buf *out)
{
	if (unit == METRIC_MICROSECONDS)
		buf_addf(out, "%" PRId64 ".%06" PRId64 "\n", number / US_PER_S, number % US_PER_S);
	else
		buf_addf(out, "%" PRId64 "\n", number);
}

/* Quotes stand as they are in a HELP line. */
static void
write_escaped(const char *text, bool quoted, struct buf *out)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			buf_adds(out, "\\n");
		else if (*text == '\\' || (*text == '"' && quoted))
			buf_addf(out, "\\%c", *text);
		else
			buf_addc(out, *text);
	}
}
