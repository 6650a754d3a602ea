#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "log.h"
#include "peer.h"
#include "session.h"
#include "store_login.h"
#include "str.h"
#include "tell.h"

#define REFRESH_CHARS	43	/* 258 bits: more than any guess */
#define ROOM_ROWS	50	/* sessions ended by one login: more than one only if the limit has been lowered */

static void	audit_begin(struct reply *r, int64_t user_id, int64_t login_id);
static int	make_room(const struct context *c, struct reply *r, int64_t user_id);
static bool	add_refresh(const struct context *c, int64_t login_id, char token_r[REFRESH_CHARS + 1]);
static char	*issue(const struct context *c, const struct person *user, int64_t login_id);
static void	reply_pair(const struct context *c, struct reply *r, int status, const struct person *user,
		    int64_t login_id);

void
session_open(const struct context *c, struct reply *r, int status, const struct person *user)
{
	const char *agent = c->request->user_agent != NULL ? c->request->user_agent : "";
	char address[LIMIT_ADDRESS];
	int64_t login_id;
	struct login login = {
		.user_id = user->id,
		.address = address,
		.user_agent = arena_strndup(c->arena, agent, strnlen(agent, LIMIT_USER_AGENT)),
		.created_at = c->now_us,
		.last_used_at = c->now_us,
		.expires_at = c->now_us + c->conf->refresh_ttl,
	};

	peer_shown((enum conf_addresses)c->conf->log_addresses, c->request->address, address);
	if (store_login_create(c->db, &login, &login_id) != 0)
		reply_database(r, c->db);
	else
		reply_pair(c, r, status, user, login_id);
	if (r->commit)
		audit_begin(r, user->id, login_id);
	if (r->commit && make_room(c, r, user->id) != 0)
		reply_database(r, c->db);
}

static void
audit_begin(struct reply *r, int64_t user_id, int64_t login_id)
{
	struct audit *audit = audit_add(&r->audit, AUDIT_SESSION_BEGIN);

	audit->actor_id = user_id;
	audit->object_id = login_id;
}

/* The oldest sessions go, each with its event, until no more than LIMIT_LOGINS are left; 0/-1. */
static int
make_room(const struct context *c, struct reply *r, int64_t user_id)
{
	int64_t *ids;
	size_t n;

	if (store_login_beyond(c->db, c->arena, user_id, c->now_us, LIMIT_LOGINS, ROOM_ROWS, &ids, &n) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (session_revoke(c, r, user_id, ids[i], AUDIT_SESSION_REVOKE) < 0)
			return -1;
	return 0;
}

void
session_renew(const struct context *c, struct reply *r, const struct person *user, int64_t login_id)
{
	if (store_login_touch(c->db, login_id, c->now_us, c->now_us + c->conf->refresh_ttl) != 0)
		reply_database(r, c->db);
	else
		reply_pair(c, r, 200, user, login_id);
}

int
session_revoke(const struct context *c, struct reply *r, int64_t user_id, int64_t login_id, enum audit_action action)
{
	int revoked = store_login_revoke(c->db, login_id, user_id, c->now_us);
	struct audit *audit;

	if (revoked == 1) {
		tell_login_revoked(&r->events, user_id, login_id);
		audit = audit_add(&r->audit, action);
		audit->user_id = user_id;
		audit->object_id = login_id;
	}
	return revoked;
}

static void
reply_pair(const struct context *c, struct reply *r, int status, const struct person *user, int64_t login_id)
{
	char refresh[REFRESH_CHARS + 1];
	char *access;
	struct emit e;

	if (!add_refresh(c, login_id, refresh)) {
		reply_database(r, c->db);
		return;
	}
	if ((access = issue(c, user, login_id)) == NULL) {
		log_error("token", LOG_TEXT("error", "no token could be made"));
		reply_error(r, 500, "internal", NULL, "something went wrong here");
		return;
	}
	e = reply_ok(r, status);
	emit_object(&e, NULL);
	emit_text(&e, "access", access);
	emit_text(&e, "refresh", refresh);
	emit_text(&e, "token_type", "Bearer");
	emit_int(&e, "expires_in", c->conf->token_ttl / US_PER_S);
	store_user_emit_person(&e, "user", user);
	emit_end(&e);
	free(access);
}

static bool
add_refresh(const struct context *c, int64_t login_id, char token_r[REFRESH_CHARS + 1])
{
	char hash[DIGEST_SHA256_SIZE];

	str_random(token_r, REFRESH_CHARS);
	digest_sha256(hash, token_r, REFRESH_CHARS);
	return store_login_add_refresh(c->db, hash, login_id, c->now_us, c->now_us + c->conf->refresh_ttl) == 0;
}

static char *
issue(const struct context *c, const struct person *user, int64_t login_id)
{
	struct token_claims claims = {
		.user_id = user->id,
		.session_id = login_id,
		.issued_s = c->now_us / US_PER_S,
		.expires_s = (c->now_us + c->conf->token_ttl) / US_PER_S,
		.email = user->email,
		.full_name = user->full_name,
	};

	str_random(claims.jti, TOKEN_JTI);
	return token_issue(c->ring, &claims);
}
