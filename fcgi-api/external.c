#include "external.h"
#include "identity.h"
#include "peer.h"
#include "provider.h"
#include "wake.h"

static int	admit(struct service *s, struct context *c, const struct provider_claims *claims,
		    struct identity *identity_r, const char **reason_r);
static int	read_caller(struct context *c, const struct identity *identity, const char **reason_r);

bool
external_is_meant(const struct service *s, struct slice token)
{
	return provider_is_meant(token_ring_provider(s->ring), token.p, token.n);
}

int
external_check(struct service *s, struct context *c, struct slice token, const char **reason_r)
{
	struct identity_rules rules = identity_rules(c->conf);
	struct provider_claims claims;
	enum token_verdict verdict = provider_verify(token_ring_provider(s->ring), c->arena, token.p, token.n,
	    c->now_us / US_PER_S, &claims);
	struct identity identity;
	int known;

	if (verdict != TOKEN_VALID) {
		*reason_r = token_verdict_text(verdict);
		return 0;
	}
	known = identity_find(s->db, &claims, &rules, &identity);
	if (known == 0)
		known = admit(s, c, &claims, &identity, reason_r);
	return known == 1 ? read_caller(c, &identity, reason_r) : known;
}

/* 1/0/-1, and nothing is left begun. */
static int
admit(struct service *s, struct context *c, const struct provider_claims *claims, struct identity *identity_r,
    const char **reason_r)
{
	struct identity_rules rules = identity_rules(c->conf);
	const char *agent = c->request->user_agent != NULL ? c->request->user_agent : "";
	enum identity_verdict verdict;
	char address[LIMIT_ADDRESS];
	struct audit_from from = { .origin = address, .request_id = c->request->id };
	struct event_list events;
	struct audit_list audit;

	peer_shown((enum conf_addresses)c->conf->log_addresses, c->request->address, address);
	event_list_init(&events, c->arena);
	audit_list_init(&audit, c->arena);
	if (db_begin(s->db, true) != 0)
		return -1;
	if (identity_admit(s->db, c->arena, &events, &audit, claims, &rules, address, agent, c->now_us,
	    &verdict, identity_r) != 0 || event_store(s->db, &events, c->now_us) != 0 ||
	    audit_store(s->db, &audit, &from, c->now_us) != 0 || db_commit(s->db) != 0) {
		db_rollback(s->db);
		return -1;
	}
	if (events.first != NULL)
		wake_events(service_bus(s), s->conf, events.first);
	*reason_r = identity_verdict_text(verdict);
	return verdict == IDENTITY_ADMITTED;
}

static int
read_caller(struct context *c, const struct identity *identity, const char **reason_r)
{
	struct user user;
	int found = store_user_by_id(c->db, c->arena, identity->user_id, &user);

	if (found == 1)
		c->caller = (struct caller){
			.person = user.person,
			.is_admin = user.is_admin,
			.created_at = user.created_at,
			.login_id = identity->login_id,
		};
	else if (found == 0)
		*reason_r = "the login session has ended";
	return found;
}
