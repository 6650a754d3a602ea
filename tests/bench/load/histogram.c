#include "histogram.h"

static unsigned	slot_of(uint64_t);
static uint64_t	value_of(unsigned);

void
histogram_add(struct histogram *histogram, uint64_t value)
{
	unsigned i = slot_of(value);

	histogram->slot[i < HISTOGRAM_SLOTS ? i : HISTOGRAM_SLOTS - 1]++;
	histogram->count++;
	if (value > histogram->max)
		histogram->max = value;
}

uint64_t
histogram_at(const struct histogram *histogram, double share)
{
	uint64_t	seen = 0, wanted = (uint64_t)(share * (double)histogram->count);
	unsigned	i;

	for (i = 0; i < HISTOGRAM_SLOTS; i++) {
		seen += histogram->slot[i];
		if (seen > wanted)
			return value_of(i) < histogram->max ? value_of(i) : histogram->max;
	}
	return histogram->max;
}

/* Below HISTOGRAM_STEPS each value has its own; above, the six bits after the highest decide. */
static unsigned
slot_of(uint64_t value)
{
	unsigned shift;

	if (value < HISTOGRAM_STEPS)
		return (unsigned)value;
	shift = 57 - (unsigned)__builtin_clzll(value);
	return (shift + 1) * HISTOGRAM_STEPS + (unsigned)(value >> shift) - HISTOGRAM_STEPS;
}

/* The highest of the slot. */
static uint64_t
value_of(unsigned i)
{
	unsigned shift;

	if (i < HISTOGRAM_STEPS)
		return i;
	shift = i / HISTOGRAM_STEPS - 1;
	return ((uint64_t)(i % HISTOGRAM_STEPS) + HISTOGRAM_STEPS + 1) * ((uint64_t)1 << shift) - 1;
}
