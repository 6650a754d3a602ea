#include "admit.h"
#include "hub.h"
#include "join.h"
#include "peer.h"

void
admit_ask(struct hub *hub, struct conn *conn, const struct provider_claims *claims)
{
	struct job *job = job_new(JOB_ADMIT);
	char address[LIMIT_ADDRESS];

	peer_shown((enum conf_addresses)hub->conf->log_addresses, conn->address, address);
	job->admit.conn_id = conn->id;
	job->admit.claims = provider_claims_copy(job->arena, claims);
	job->admit.rules = identity_rules(hub->conf);
	job->admit.address = arena_strdup(job->arena, address);
	job_push(&hub->jobs, job);
}

void
admit_answer(struct hub *hub, const struct job_admit *admit)
{
	struct conn *conn;

	HASH_FIND(hh, hub->conns, &admit->conn_id, sizeof(admit->conn_id), conn);
	if (conn == NULL || conn->state != CONN_CHECKING)
		return;
	if (admit->refusal != 0)
		conn_close(conn, admit->refusal);
	else
		join_as(hub, conn, admit->identity.user_id, admit->identity.login_id);
}
