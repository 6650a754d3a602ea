#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "result.h"

static double	now(void);

void
result_begin(struct result *result, const struct watch *server, uint64_t count)
{
	result->count = count;
	result->cpu = watch_cpu(server);
	result->own_cpu = watch_own_cpu();
	result->seconds = now();
}

void
result_end(struct result *result, const struct watch *server, uint64_t count)
{
	result->count = count - result->count;
	result->seconds = now() - result->seconds;
	result->cpu = watch_cpu(server) - result->cpu;
	result->own_cpu = watch_own_cpu() - result->own_cpu;
}

void
result_print(const struct result *result, const char *name)
{
	const struct histogram *latency = &result->latency;

	printf(",\"%s\":{\"count\":%" PRIu64 ",\"seconds\":%.3f,\"cpu\":%.4f,\"own_cpu\":%.4f", name, result->count,
	    result->seconds, result->cpu, result->own_cpu);
	printf(",\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f}",
	    (double)histogram_at(latency, .5) / 1e3, (double)histogram_at(latency, .99) / 1e3,
	    (double)histogram_at(latency, .999) / 1e3, (double)latency->max / 1e3);
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}
