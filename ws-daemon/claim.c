#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "closing.h"
#include "hub.h"
#include "mem.h"
#include "str.h"

static void		 expire(void *, void *);
static const char	*reason_of(int);

void
claim_new(struct hub *hub, struct session *session, char token_r[BOUND_RESUME_TOKEN + 1])
{
	struct claim *claim = mem_calloc(1, sizeof(*claim));

	str_random(token_r, BOUND_RESUME_TOKEN);
	digest_sha256_bytes(claim->digest, token_r, BOUND_RESUME_TOKEN);
	claim->meeting_id = session->room->meeting_id;
	claim->session = session;
	session->claim = claim;
	HASH_ADD(hh, hub->claims, digest, sizeof(claim->digest), claim);
}

struct claim *
claim_find(struct hub *hub, const char *token, int64_t meeting_id)
{
	struct claim	*claim;
	unsigned char	 digest[DIGEST_SHA256_BYTES];

	digest_sha256_bytes(digest, token, strlen(token));
	claim = claim_find_digest(hub, digest);
	return claim != NULL && claim->meeting_id == meeting_id ? claim : NULL;
}

struct claim *
claim_find_digest(struct hub *hub, const unsigned char *digest)
{
	struct claim *claim;

	HASH_FIND(hh, hub->claims, digest, sizeof(claim->digest), claim);
	return claim;
}

void
claim_end(struct hub *hub, struct session *session, int close)
{
	struct claim	*claim = session->claim;
	const char	*reason = reason_of(close);
	int64_t		 from_us = session->resume.lost ? session->resume.lost_us : hub->now_us;

	if (claim == NULL)
		return;
	session->claim = NULL;
	claim->session = NULL;
	if (reason == NULL || hub->claims_ended >= BOUND_CLAIMS_ENDED) {
		HASH_DEL(hub->claims, claim);
		free(claim);
		return;
	}
	hub->claims_ended++;
	claim->end = mem_calloc(1, sizeof(*claim->end));
	claim->end->reason = reason;
	claim->end->timer.fire = expire;
	claim->end->timer.owner = claim;
	wheel_set(&hub->wheel, &claim->end->timer, from_us + hub->conf->resume_ttl);
}

void
claim_free_all(struct hub *hub)
{
	struct claim *claim, *next;

	HASH_ITER(hh, hub->claims, claim, next) {
		if (claim->end != NULL)
			wheel_cancel(&claim->end->timer);
		/* uthash: NOLINTNEXTLINE(clang-analyzer-core.NullDereference,clang-analyzer-unix.Malloc) */
		HASH_DEL(hub->claims, claim);
		free(claim->end);
		free(claim);
	}
}

static void
expire(void *context, void *owner)
{
	struct hub	*hub = context;
	struct claim	*claim = owner;

	hub->claims_ended--;
	HASH_DEL(hub->claims, claim);
	free(claim->end);
	free(claim);
}

static const char *
reason_of(int close)
{
	switch (close) {
	case CLOSING_SLOW:
		return "gap";
	case CLOSING_FORBIDDEN:
	case CLOSING_KICKED:
	case CLOSING_REVOKED:
	case CLOSING_BANNED:
	case CLOSING_DELETED:
		return "revoked";
	default:
		return NULL;
	}
}
