#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "bounds.h"
#include "limit.h"
#include "mem.h"
#include "peer.h"

struct limit_address {
	char			address[LIMIT_ADDRESS];
	int64_t			open;
	struct limit_bucket	bucket;
	bool			resting;
	struct limit_address	*older, *newer;
	UT_hash_handle		hh;
};

static struct limit_address	*find(const struct limit_table *, const char *);
static void			 rest(struct limit_table *, struct limit_address *);
static void			 rouse(struct limit_table *, struct limit_address *);
static enum limit_verdict	 judge(const struct limit_table *, const struct limit_address *, struct limit_bucket *,
    int64_t);

bool
limit_take(struct limit_bucket *bucket, int64_t rate, int64_t burst, int64_t now_us)
{
	int64_t interval, full;

	if (rate <= 0)
		return true;
	interval = US_PER_S / rate;
	full = MAX(bucket->full_us, now_us) + interval;
	if (full - now_us > interval * MAX(burst, 1))
		return false;
	bucket->full_us = full;
	return true;
}

/* A byte is less than a microsecond's worth: the frame is what is rounded. */
bool
limit_take_bytes(struct limit_bucket *bucket, size_t n, int64_t rate, int64_t burst, int64_t now_us)
{
	int64_t full;

	if (rate <= 0)
		return true;
	full = MAX(bucket->full_us, now_us) + (int64_t)n * US_PER_S / rate;
	if (full - now_us > burst * US_PER_S / rate)
		return false;
	bucket->full_us = full;
	return true;
}

void
limit_charge(struct limit_bucket *bucket, int64_t rate, int64_t more, int64_t now_us)
{
	if (rate > 0)
		bucket->full_us = MAX(bucket->full_us, now_us) + US_PER_S / rate * more;
}

enum limit_verdict
limit_attempt(struct limit_table *table, const char *address, int64_t now_us)
{
	struct limit_address *entry = find(table, address);

	if (entry == NULL) {
		if (HASH_COUNT(table->addresses) >= BOUND_ADDRESSES)
			return LIMIT_TOO_FAST;
		entry = mem_calloc(1, sizeof(*entry));
		peer_limit_key(address, entry->address);
		HASH_ADD_STR(table->addresses, address, entry);
	}
	if (entry->open == 0)
		rest(table, entry);
	return judge(table, entry, &entry->bucket, now_us);
}

enum limit_verdict
limit_peek(const struct limit_table *table, const char *address, int64_t now_us)
{
	const struct limit_address	*entry = find(table, address);
	struct limit_bucket		 bucket;

	if (entry == NULL)
		return HASH_COUNT(table->addresses) >= BOUND_ADDRESSES ? LIMIT_TOO_FAST : LIMIT_ALLOWED;
	bucket = entry->bucket;
	return judge(table, entry, &bucket, now_us);
}

static enum limit_verdict
judge(const struct limit_table *table, const struct limit_address *entry, struct limit_bucket *bucket, int64_t now_us)
{
	if (entry->open >= table->open)
		return LIMIT_TOO_MANY;
	if (!limit_take(bucket, table->rate, table->rate, now_us))
		return LIMIT_TOO_FAST;
	return LIMIT_ALLOWED;
}

void
limit_opened(struct limit_table *table, const char *address)
{
	struct limit_address *entry = find(table, address);

	if (entry == NULL)
		return;
	entry->open++;
	rouse(table, entry);
}

void
limit_closed(struct limit_table *table, const char *address)
{
	struct limit_address *entry = find(table, address);

	if (entry != NULL && entry->open > 0 && --entry->open == 0)
		rest(table, entry);
}

void
limit_sweep(struct limit_table *table, int64_t now_us)
{
	struct limit_address *entry;

	/* a bucket is full a second after its last attempt, so that none waits long behind another */
	/* who is in the list is resting, and leaves it here: NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	while ((entry = table->oldest) != NULL && entry->bucket.full_us <= now_us) {
		rouse(table, entry);
		/* uthash: NOLINTNEXTLINE(clang-analyzer-unix.Malloc,clang-analyzer-core.NullDereference) */
		HASH_DEL(table->addresses, entry);
		free(entry);
	}
}

/* To the end of the list. */
static void
rest(struct limit_table *table, struct limit_address *entry)
{
	rouse(table, entry);
	entry->resting = true;
	entry->older = table->newest;
	*(table->newest != NULL ? &table->newest->newer : &table->oldest) = entry;
	table->newest = entry;
}

static void
rouse(struct limit_table *table, struct limit_address *entry)
{
	if (!entry->resting)
		return;
	*(entry->older != NULL ? &entry->older->newer : &table->oldest) = entry->newer;
	*(entry->newer != NULL ? &entry->newer->older : &table->newest) = entry->older;
	entry->older = entry->newer = NULL;
	entry->resting = false;
}

void
limit_table_free(struct limit_table *table)
{
	struct limit_address *entry, *next;

	HASH_ITER(hh, table->addresses, entry, next) {
		/* uthash: NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		HASH_DEL(table->addresses, entry);
		free(entry);
	}
}

static struct limit_address *
find(const struct limit_table *table, const char *address)
{
	struct limit_address *entry;
	char key[LIMIT_ADDRESS];

	peer_limit_key(address, key);
	HASH_FIND_STR(table->addresses, key, entry);
	return entry;
}
