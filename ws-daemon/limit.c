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
	UT_hash_handle		hh;
};

static struct limit_address	*find(const struct limit_table *, const char *);
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

	if (entry != NULL)
		entry->open++;
}

void
limit_closed(struct limit_table *table, const char *address)
{
	struct limit_address *entry = find(table, address);

	if (entry != NULL && entry->open > 0)
		entry->open--;
}

void
limit_sweep(struct limit_table *table, int64_t now_us)
{
	struct limit_address *entry, *next;

	HASH_ITER(hh, table->addresses, entry, next) {
		if (entry->open == 0 && entry->bucket.full_us <= now_us) {
			/* uthash: NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
			HASH_DEL(table->addresses, entry);
			free(entry);
		}
	}
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
