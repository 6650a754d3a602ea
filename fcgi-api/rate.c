#include <stdatomic.h>
#include <sys/mman.h>

#include "peer.h"
#include "rate.h"
#include "str.h"

/* The virtual scheduling form of a token bucket (ITU-T I.371, GCRA): when the next request is due. */
struct rate {
	_Atomic int64_t	user_us[RATE_SLOTS];
	_Atomic int64_t	address_us[RATE_SLOTS];
	uint64_t	seed;
};

static bool	take(_Atomic int64_t *slot, int64_t per_second, int64_t mono_us);
static uint64_t	hash(uint64_t seed, const char *text);

struct rate *
rate_new(void)
{
	struct rate *rate = mmap(NULL, sizeof(*rate), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (rate == MAP_FAILED)
		return NULL;
	str_random_bytes(&rate->seed, sizeof(rate->seed));
	return rate;
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
	return rate == NULL || take(&rate->user_us[(uint64_t)user_id % RATE_SLOTS], per_second, mono_us);
}

bool
rate_take_address(struct rate *rate, const char *address, int64_t per_second, int64_t mono_us)
{
	char key[LIMIT_ADDRESS];

	if (rate == NULL)
		return true;
	peer_limit_key(address, key);
	return take(&rate->address_us[hash(rate->seed, key) % RATE_SLOTS], per_second, mono_us);
}

static bool
take(_Atomic int64_t *slot, int64_t per_second, int64_t mono_us)
{
	int64_t due = atomic_load(slot), next;

	if (per_second <= 0)
		return true;
	do {
		next = MAX(due, mono_us) + US_PER_S / per_second;
		if (next - mono_us > US_PER_S)
			return false;
	} while (!atomic_compare_exchange_weak(slot, &due, next));
	return true;
}

/* FNV-1a from a start of our own, so that nobody can choose whom to share a slot with. */
static uint64_t
hash(uint64_t seed, const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037) ^ seed;

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return h ^ h >> 32;
}
