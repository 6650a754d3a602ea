#include <string.h>

#include "digest.h"
#include "idem.h"
#include "store_idem.h"

#define KEEP		(24 * 60 * 60 * US_PER_S)	/* a first reply is replayed for so long */
#define PURGE_ROWS	20				/* with every new one: more than it adds */

static bool	key_is_valid(const char *key);
static void	hash_request(const struct context *c, char hash_r[DIGEST_SHA256_SIZE]);
static void	replay(struct reply *r, const struct idem *first);
static bool	keep(const struct context *c, const struct reply *r, const char *hash);

void
idem_run(const struct route *route, struct context *c, struct reply *r)
{
	const char *key = c->request->idempotency_key;
	char hash[DIGEST_SHA256_SIZE];
	struct idem first;
	int found;

	if (!key_is_valid(key)) {
		reply_error(r, 400, "invalid_idempotency_key", NULL,
		    "Idempotency-Key must be 1 to %d visible characters", LIMIT_IDEMPOTENCY_KEY);
		return;
	}
	hash_request(c, hash);
	found = store_idem_find(c->db, c->arena, c->caller.person.id, key, c->now_us - KEEP, &first);
	if (found < 0)
		reply_database(r, c->db);
	else if (found == 0) {
		route->handler(c, r);
		if (r->commit && !keep(c, r, hash))
			reply_database(r, c->db);
	} else if (strcmp(first.request_hash, hash) == 0)
		replay(r, &first);
	else
		reply_error(r, 409, "idempotency_key_reused", NULL, "this Idempotency-Key came with another request");
}

static bool
key_is_valid(const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < n; i++)
		if (key[i] < 0x20 || key[i] > 0x7e)
			return false;
	return n > 0 && n <= LIMIT_IDEMPOTENCY_KEY;
}

/* NUL stands in none of the parts, so that no two requests run together alike. */
static void
hash_request(const struct context *c, char hash_r[DIGEST_SHA256_SIZE])
{
	const struct request *request = c->request;
	struct buf all = { 0 };

	buf_adds(&all, request->method);
	buf_addc(&all, '\0');
	buf_adds(&all, request_canonical(request, c->arena));
	buf_addc(&all, '\0');
	buf_add(&all, request->body.data, request->body.len);
	digest_sha256(hash_r, all.data, all.len);
	buf_free(&all);
}

static void
replay(struct reply *r, const struct idem *first)
{
	(void)reply_ok(r, first->status);
	r->location = first->location;
	r->replayed = true;
	buf_adds(&r->body, first->body);
}

static bool
keep(const struct context *c, const struct reply *r, const char *hash)
{
	struct idem idem = {
		.request_hash = hash,
		.status = r->status,
		.location = r->location,
		.body = r->body.data != NULL ? r->body.data : "",
	};

	if (r->body.len > LIMIT_IDEMPOTENCY_BODY)
		return true;
	return store_idem_add(c->db, c->caller.person.id, c->request->idempotency_key, &idem, c->now_us) == 0 &&
	    store_idem_trim(c->db, c->caller.person.id, LIMIT_IDEMPOTENCY_ROWS) == 0 &&
	    store_idem_purge(c->db, c->now_us - KEEP, PURGE_ROWS) >= 0;
}
