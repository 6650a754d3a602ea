#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "shard.h"
#include "str.h"

#define TCP	"tcp://"
#define ALL	"all"

static int	bucket_daemon(int64_t bucket, int64_t daemons);
static char	*next_port(const char *endpoint, int64_t by);
static void	own_name(char **name, int daemon);
static void	digits_of(const struct shard *shard, int tens, char digits_r[11]);

int
shard_of(int64_t meeting_id, int64_t daemons)
{
	return bucket_daemon(meeting_id % SHARD_BUCKETS, daemons);
}

static int
bucket_daemon(int64_t bucket, int64_t daemons)
{
	return daemons > 1 ? (int)(bucket % daemons) + 1 : 1;
}

bool
shard_owns(const struct shard *shard, int64_t meeting_id)
{
	return shard->daemons <= 1 || shard_of(meeting_id, shard->daemons) == shard->own;
}

bool
shard_overlaps(const struct shard *a, const struct shard *b)
{
	for (int bucket = 0; bucket < SHARD_BUCKETS; bucket++)
		if (shard_owns(a, bucket) && shard_owns(b, bucket))
			return true;
	return false;
}

char *
shard_name(const char *name, int64_t daemon)
{
	const char *slash = strrchr(name, '/'), *dot = strrchr(name, '.');
	struct buf own = { 0 };

	if (daemon <= 1 || *name == '\0')
		return mem_strdup(name);
	if (strncmp(name, TCP, strlen(TCP)) == 0 || (slash == NULL && strchr(name, ':') != NULL))
		return next_port(name, daemon - 1);
	if (dot == NULL || (slash != NULL && dot <= slash + 1))
		dot = name + strlen(name);
	buf_addf(&own, "%.*s-%" PRId64 "%s", (int)(dot - name), name, daemon, dot);
	return own.data;
}

/* One without a port stays as it is: it is of no use to the first daemon either. */
static char *
next_port(const char *endpoint, int64_t by)
{
	const char *colon = strrchr(endpoint, ':');
	struct buf own = { 0 };
	int64_t port;

	if (!str_to_int(colon + 1, strlen(colon + 1), 1, UINT16_MAX, &port))
		return mem_strdup(endpoint);
	buf_addf(&own, "%.*s:%" PRId64, (int)(colon - endpoint), endpoint, port + by);
	return own.data;
}

void
shard_adopt(struct conf *conf, int daemon)
{
	own_name(&conf->ws_socket, daemon);
	own_name(&conf->control_socket, daemon);
	own_name(&conf->wake_endpoint, daemon);
	own_name(&conf->signald_metrics, daemon);
}

static void
own_name(char **name, int daemon)
{
	char *own = shard_name(*name, daemon);

	free(*name);
	*name = own;
}

/*
 * The tens that have the same last digits stand together: [02468][048]|[13579][26].  An id of one digit has
 * the digits of the tens 0.
 */
void
shard_pattern(const struct shard *shard, struct buf *out)
{
	char digits[10][11];
	bool said[10] = { false };

	for (int tens = 0; tens < 10; tens++)
		digits_of(shard, tens, digits[tens]);
	buf_adds(out, "(?:[0-9]*(?:");
	for (int tens = 0, first = true; tens < 10; tens++) {
		if (said[tens] || *digits[tens] == '\0')
			continue;
		buf_adds(out, first ? "[" : "|[");
		first = false;
		for (int same = tens; same < 10; same++)
			if (strcmp(digits[same], digits[tens]) == 0) {
				buf_addf(out, "%d", same);
				said[same] = true;
			}
		buf_addf(out, "][%s]", digits[tens]);
	}
	buf_addc(out, ')');
	if (*digits[0] != '\0')
		buf_addf(out, "|[%s]", digits[0]);
	buf_addc(out, ')');
}

/* The last digits with which those tens make a bucket of its. */
static void
digits_of(const struct shard *shard, int tens, char digits_r[11])
{
	int n = 0;

	for (int digit = 0; digit < 10; digit++)
		if (shard_owns(shard, 10 * tens + digit))
			digits_r[n++] = (char)('0' + digit);
	digits_r[n] = '\0';
}

void
shard_lease(const struct shard *shard, char name_r[SHARD_LEASE])
{
	if (shard->daemons <= 1)
		str_copy(name_r, SHARD_LEASE, ALL);
	else
		snprintf(name_r, SHARD_LEASE, "%d/%d", shard->own % 100, shard->daemons % 100);
}

bool
shard_of_lease(const char *name, struct shard *shard_r)
{
	const char *slash = strchr(name, '/');
	int64_t own, daemons;

	if (strcmp(name, ALL) == 0) {
		*shard_r = (struct shard){ .daemons = 1, .own = 1 };
		return true;
	}
	if (slash == NULL || !str_to_int(slash + 1, strlen(slash + 1), 2, SHARD_MAX, &daemons) ||
	    !str_to_int(name, (size_t)(slash - name), 1, daemons, &own))
		return false;
	*shard_r = (struct shard){ .daemons = (int)daemons, .own = (int)own };
	return true;
}
