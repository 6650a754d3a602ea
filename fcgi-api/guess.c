#include "guess.h"
#include "peer.h"
#include "store_login.h"

#define PURGE_ROWS	50	/* of each kind with every login or refresh: more than either adds */

bool
guess_is_refused(const struct context *c, struct reply *r, const char *email)
{
	int64_t failures, until_us;
	char key[LIMIT_ADDRESS];

	peer_limit_key(c->request->address, key);
	if (store_login_failures(c->db, email, key, c->now_us, c->conf->login_window, &failures, &until_us) != 0) {
		reply_database(r, c->db);
		return true;
	}
	if (failures < c->conf->login_failures)
		return false;
	reply_error(r, 429, "too_many_failures", NULL, "too many wrong passwords, please wait");
	r->retry_after_s = MAX((until_us - c->now_us + US_PER_S - 1) / US_PER_S, 1);
	return true;
}

int
guess_failed(const struct context *c, const char *email)
{
	char key[LIMIT_ADDRESS];

	peer_limit_key(c->request->address, key);
	if (store_login_failed(c->db, email, key, c->now_us, c->conf->login_window) != 0)
		return -1;
	return guess_forget_old(c);
}

int
guess_succeeded(const struct context *c, const char *email)
{
	char key[LIMIT_ADDRESS];

	peer_limit_key(c->request->address, key);
	if (store_login_succeeded(c->db, email, key) != 0)
		return -1;
	return guess_forget_old(c);
}

int
guess_forget_old(const struct context *c)
{
	return store_login_purge(c->db, c->now_us, c->conf->login_window, PURGE_ROWS);
}
