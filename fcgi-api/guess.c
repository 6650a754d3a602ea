#include "guess.h"
#include "peer.h"
#include "store_guess.h"
#include "store_login.h"

#define KNOWN_US	(90 * 24 * 3600 * US_PER_S)	/* an address is an account's own for so long after a success */
#define QUIET_US	(24 * 3600 * US_PER_S)	/* nothing is left by then of what was slow */
#define PURGE_ROWS	50	/* of each kind with every login or refresh: more than either adds */

static int64_t	forget_after(const struct conf *conf, enum store_guess_kind kind);
static int	count(const struct context *c, enum store_guess_kind kind, const char *name);
static int	wait_for(const struct context *c, enum store_guess_kind kind, const char *name, int64_t *until_us);

/* The same questions whether or not there is such an account. */
bool
guess_is_refused(const struct context *c, struct reply *r, const char *email, int64_t user_id)
{
	int64_t failures, locked_us, until_us = 0;
	char key[LIMIT_ADDRESS];
	int known;

	peer_limit_key(c->request->address, key);
	known = store_guess_is_known(c->db, user_id, key, c->now_us - KNOWN_US);
	if (known == -1 || wait_for(c, STORE_GUESS_ACCOUNT, email, &until_us) != 0 ||
	    wait_for(c, STORE_GUESS_ADDRESS, key, &until_us) != 0 ||
	    store_login_failures(c->db, email, key, c->now_us, c->conf->login_window, &failures, &locked_us) != 0) {
		reply_database(r, c->db);
		return true;
	}
	if (known == 1)
		until_us = 0;
	if (failures >= c->conf->login_failures)
		until_us = MAX(until_us, locked_us);
	if (until_us <= c->now_us)
		return false;
	reply_error(r, 429, "too_many_failures", NULL, "too many wrong passwords, please wait");
	r->retry_after_s = MAX((until_us - c->now_us + US_PER_S - 1) / US_PER_S, 1);
	return true;
}

/* Those of an account one by one, those of an address as fast as they are allowed to come. */
static int64_t
forget_after(const struct conf *conf, enum store_guess_kind kind)
{
	return kind == STORE_GUESS_ACCOUNT ? conf->login_window :
	    conf->login_window / MAX(conf->login_address_failures, 1);
}

/* A second after the first one too many, then twice as long each time; 0/-1. */
static int
wait_for(const struct context *c, enum store_guess_kind kind, const char *name, int64_t *until_us)
{
	const struct conf *conf = c->conf;
	int64_t allowed = kind == STORE_GUESS_ACCOUNT ? conf->login_account_failures : conf->login_address_failures;
	int64_t failures, failed_us, wait_us = US_PER_S;

	if (store_guess_count(c->db, kind, name, forget_after(conf, kind), c->now_us, &failures, &failed_us) != 0)
		return -1;
	if (allowed == 0 || failures < allowed)
		return 0;
	for (int64_t i = allowed; i < failures && wait_us < conf->login_wait_max; i++)
		wait_us *= 2;
	*until_us = MAX(*until_us, failed_us + MIN(wait_us, conf->login_wait_max));
	return 0;
}

static int
count(const struct context *c, enum store_guess_kind kind, const char *name)
{
	return store_guess_add(c->db, kind, name, forget_after(c->conf, kind), c->now_us);
}

int
guess_failed(const struct context *c, const char *email)
{
	char key[LIMIT_ADDRESS];

	peer_limit_key(c->request->address, key);
	if (store_login_failed(c->db, email, key, c->now_us, c->conf->login_window) != 0 ||
	    count(c, STORE_GUESS_ACCOUNT, email) != 0 || count(c, STORE_GUESS_ADDRESS, key) != 0)
		return -1;
	return guess_forget_old(c);
}

int
guess_audit(const struct context *c, struct reply *r, const char *email, int64_t user_id)
{
	int64_t failures, until_us;
	enum audit_action action;
	char key[LIMIT_ADDRESS];

	peer_limit_key(c->request->address, key);
	if (store_login_failures(c->db, email, key, c->now_us, c->conf->login_window, &failures, &until_us) != 0)
		return -1;
	action = failures < c->conf->login_failures ? AUDIT_SESSION_REFUSED : AUDIT_SESSION_LOCKED;
	audit_add(&r->audit, action)->user_id = user_id;
	return 0;
}

int
guess_succeeded(const struct context *c, const char *email, int64_t user_id)
{
	char key[LIMIT_ADDRESS];

	peer_limit_key(c->request->address, key);
	if (store_login_succeeded(c->db, email, key) != 0 ||
	    store_guess_know(c->db, user_id, key, c->now_us) != 0)
		return -1;
	return guess_forget_old(c);
}

int
guess_forget_old(const struct context *c)
{
	if (store_guess_purge(c->db, c->now_us - QUIET_US, PURGE_ROWS) == -1)
		return -1;
	return store_login_purge(c->db, c->now_us, c->conf->login_window, PURGE_ROWS);
}
