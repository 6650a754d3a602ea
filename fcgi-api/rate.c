#include <stdatomic.h>
#include <sys/mman.h>

#include "rate.h"

/* The virtual scheduling form of a token bucket (ITU-T I.371, GCRA): when the next request is due. */
struct rate {
	_Atomic int64_t	due_us[RATE_SLOTS];
};

struct rate *
rate_new(void)
{
	struct rate *rate = mmap(NULL, sizeof(*rate), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return rate == MAP_FAILED ? NULL : rate;
}

void
rate_free(struct rate **rate)
{
	if (*rate != NULL)
		munmap(*rate, sizeof(**rate));
	*rate = NULL;
}

bool
rate_take(struct rate *rate, int64_t user_id, int64_t per_second, int64_t mono_us)
{
	_Atomic int64_t *slot;
	int64_t due, next;

	if (rate == NULL || per_second <= 0)
		return true;
	slot = &rate->due_us[(uint64_t)user_id % RATE_SLOTS];
	due = atomic_load(slot);
	do {
		next = MAX(due, mono_us) + US_PER_S / per_second;
		if (next - mono_us > US_PER_S)
			return false;
	} while (!atomic_compare_exchange_weak(slot, &due, next));
	return true;
}
