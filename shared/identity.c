#include <string.h>

#include "buf.h"
#include "digest.h"
#include "identity.h"
#include "sizes.h"
#include "store_login.h"
#include "store_user.h"
#include "str.h"
#include "tell.h"

#define NO_PASSWORD	"!"		/* no hash: nothing is its password */
#define ROOM_ROWS	50		/* sessions ended by a new one: more than one only if the limit was lowered */
#define SLACK		24		/* a session is written to when a 24th of what it is kept has gone by */

enum { FIND, IDENTITY, LINK, LINKED, SESSION, LAST_REVOKED, OPEN, OF_USER, UNLINK, ERASE, IS_ERASED, READMIT };

static const char *const sql[] = {
	[FIND]		= "SELECT l.user_id, l.id, l.expires_at,"
			  " CASE WHEN $3 = '' THEN (SELECT max(r.revoked_at) FROM login r WHERE r.user_id = l.user_id)"
			  " ELSE NULL END"
			  " FROM identity i JOIN identity_login s ON s.identity_id = i.id"
			  " JOIN login l ON l.id = s.login_id"
			  " JOIN account a ON a.id = l.user_id"
			  " WHERE i.issuer = $1 AND i.subject = $2 AND s.session = $3 AND l.revoked_at IS NULL"
			  " AND a.disabled_at IS NULL",
	[IDENTITY]	= "SELECT i.id, i.user_id, a.disabled_at FROM identity i JOIN account a ON a.id = i.user_id"
			  " WHERE i.issuer = $1 AND i.subject = $2",
	[LINK]		= "INSERT INTO identity (issuer, subject, user_id, created_at) VALUES ($1, $2, $3, $4)"
			  " RETURNING id",
	[LINKED]	= "SELECT id FROM identity WHERE user_id = $1 AND issuer = $2",
	[SESSION]	= "SELECT l.id, l.revoked_at FROM identity_login s JOIN login l ON l.id = s.login_id"
			  " WHERE s.identity_id = $1 AND s.session = $2",
	[LAST_REVOKED]	= "SELECT coalesce(max(revoked_at), 0) FROM login WHERE user_id = $1",
	[OPEN]		= "INSERT INTO identity_login (identity_id, session, login_id) VALUES ($1, $2, $3)"
			  " ON CONFLICT (identity_id, session) DO UPDATE SET login_id = $3",
	[OF_USER]	= "SELECT id, issuer, subject FROM identity WHERE user_id = $1 LIMIT 1",
	[UNLINK]	= "DELETE FROM identity WHERE id = $1",
	[ERASE]		= "INSERT INTO identity_erased (digest) VALUES ($1) ON CONFLICT DO NOTHING",
	[IS_ERASED]	= "SELECT 1 FROM identity_erased WHERE digest = $1",
	[READMIT]	= "DELETE FROM identity_erased WHERE digest = $1",
};

/* What an admission is about, and what it has found. */
struct admission {
	struct db			*db;
	struct arena			*arena;
	struct event_list		*events;
	struct audit_list		*audit;
	const struct provider_claims	*claims;
	const struct identity_rules	*rules;
	int64_t				 now_us;
	int64_t				 identity_id;
	struct identity			 found;
};

static bool	is_older(const struct provider_claims *claims, int64_t revoked_us);
static int64_t	kept_until(const struct provider_claims *claims, const struct identity_rules *rules);
static int	find_account(struct admission *a, enum identity_verdict *verdict_r);
static int	find_erased(struct admission *a, enum identity_verdict *verdict_r);
static int	find_by_email(struct admission *a, enum identity_verdict *verdict_r);
static int	link_account(struct admission *a, const struct user *user, enum identity_verdict *verdict_r);
static int	make_account(struct admission *a, enum identity_verdict *verdict_r);
static const char *name_of(struct arena *arena, const char *email);
static int	add_identity(struct admission *a, int64_t user_id);
static int	find_session(struct admission *a, enum identity_verdict *verdict_r);
static int	open_session(struct admission *a, const char *address, const char *agent);
static int	make_room(struct admission *a);
static void	digest_of(const char *issuer, const char *subject, char digest_r[DIGEST_SHA256_SIZE]);

struct identity_rules
identity_rules(const struct conf *conf)
{
	return (struct identity_rules){
		.provision = conf->jwks_provision, .link_email = conf->jwks_link_email, .keep_us = conf->refresh_ttl,
	};
}

int
identity_find(struct db *db, const struct provider_claims *claims, const struct identity_rules *rules,
    struct identity *identity_r)
{
	struct db_stmt *st = db_query(db, sql[FIND], DB_TEXT(claims->issuer), DB_TEXT(claims->subject),
	    DB_TEXT(claims->session));
	struct identity identity = { 0 };
	int rc = db_step(st);

	if (rc == 1) {
		identity = (struct identity){ db_int(st, 0), db_int(st, 1) };
		if (db_int(st, 2) < kept_until(claims, rules) - rules->keep_us / SLACK ||
		    is_older(claims, db_int(st, 3)))
			rc = 0;
	}
	db_done(st);
	if (rc == 1)
		*identity_r = identity;
	return rc;
}

int
identity_admit(struct db *db, struct arena *arena, struct event_list *events, struct audit_list *audit,
    const struct provider_claims *claims, const struct identity_rules *rules, const char *address, const char *agent,
    int64_t now_us, enum identity_verdict *verdict_r, struct identity *identity_r)
{
	struct admission a = {
		.db = db, .arena = arena, .events = events, .audit = audit, .claims = claims, .rules = rules,
		.now_us = now_us,
	};
	enum identity_verdict verdict = IDENTITY_ADMITTED;

	if (find_account(&a, &verdict) == -1 || (verdict == IDENTITY_ADMITTED && find_session(&a, &verdict) == -1))
		return -1;
	if (verdict == IDENTITY_ADMITTED && a.found.login_id == 0 && open_session(&a, address, agent) == -1)
		return -1;
	if (verdict == IDENTITY_ADMITTED)
		*identity_r = a.found;
	*verdict_r = verdict;
	return 0;
}

/* The claim has whole seconds: what was issued in the very second may be what was ended, and counts as older. */
static bool
is_older(const struct provider_claims *claims, int64_t revoked_us)
{
	return claims->issued_s <= revoked_us / US_PER_S;
}

static int64_t
kept_until(const struct provider_claims *claims, const struct identity_rules *rules)
{
	return claims->expires_s * US_PER_S + rules->keep_us;
}

static int
find_account(struct admission *a, enum identity_verdict *verdict_r)
{
	struct db_stmt *st = db_query(a->db, sql[IDENTITY], DB_TEXT(a->claims->issuer), DB_TEXT(a->claims->subject));
	int rc = db_step(st);

	if (rc == 1) {
		a->identity_id = db_int(st, 0);
		a->found.user_id = db_int(st, 1);
		if (!db_is_null(st, 2))
			*verdict_r = IDENTITY_DISABLED;
	}
	db_done(st);
	if (rc == 0)
		return find_erased(a, verdict_r);
	return rc == 1 ? 0 : -1;
}

/* Before the address is looked at: somebody else may have it by now. */
static int
find_erased(struct admission *a, enum identity_verdict *verdict_r)
{
	char digest[DIGEST_SHA256_SIZE];
	int64_t one;
	int found;

	digest_of(a->claims->issuer, a->claims->subject, digest);
	found = db_one_int(db_query(a->db, sql[IS_ERASED], DB_TEXT(digest)), &one);
	if (found == 1)
		*verdict_r = IDENTITY_ERASED;
	return found == 0 ? find_by_email(a, verdict_r) : found == 1 ? 0 : -1;
}

static int
find_by_email(struct admission *a, enum identity_verdict *verdict_r)
{
	struct user user;
	int found;

	*verdict_r = IDENTITY_STRANGER;
	if (!a->rules->provision && !a->rules->link_email)
		return 0;
	*verdict_r = IDENTITY_NO_EMAIL;
	if (a->claims->email == NULL)
		return 0;
	if ((found = store_user_by_email(a->db, a->arena, a->claims->email, &user)) == 1)
		return link_account(a, &user, verdict_r);
	*verdict_r = IDENTITY_STRANGER;
	if (found == 0 && a->rules->provision)
		return make_account(a, verdict_r);
	return found;
}

/*
 * Never an administrator's, and never one that has a subject already: that would be two people.  Nor one that somebody
 * made who may have known the address and no more (registration = open, now or once), and who has its password.
 */
static int
link_account(struct admission *a, const struct user *user, enum identity_verdict *verdict_r)
{
	int64_t other;
	int linked;

	*verdict_r = IDENTITY_EMAIL_TAKEN;
	if (!a->rules->link_email || user->is_admin || user->unproven)
		return 0;
	linked = db_one_int(db_query(a->db, sql[LINKED], DB_INT(user->person.id), DB_TEXT(a->claims->issuer)), &other);
	if (linked != 0)
		return linked == 1 ? 0 : -1;
	*verdict_r = user->disabled_at != 0 ? IDENTITY_DISABLED : IDENTITY_ADMITTED;
	return *verdict_r == IDENTITY_ADMITTED ? add_identity(a, user->person.id) : 0;
}

static int
make_account(struct admission *a, enum identity_verdict *verdict_r)
{
	const char *email = a->claims->email;
	struct user user = {
		.person = {
		    .email = email,
		    .full_name = a->claims->full_name != NULL ? a->claims->full_name :
		    name_of(a->arena, email),
		},
		.password_hash = NO_PASSWORD,
	};

	*verdict_r = IDENTITY_ADMITTED;
	if (store_user_create(a->db, &user, a->now_us, &user.person.id) != 1)
		return -1;
	audit_add(a->audit, AUDIT_USER_REGISTER)->actor_id = user.person.id;
	return add_identity(a, user.person.id);
}

/* What stands before the @, as whole characters: as many as fit. */
static const char *
name_of(struct arena *arena, const char *email)
{
	size_t length = strcspn(email, "@"), n = 0, step;

	while ((step = str_utf8_next(email + n, length - n)) > 0 && n + step <= LIMIT_FULL_NAME)
		n += step;
	return arena_strndup(arena, email, n);
}

static int
add_identity(struct admission *a, int64_t user_id)
{
	a->found.user_id = user_id;
	return db_one_int(db_query(a->db, sql[LINK], DB_TEXT(a->claims->issuer), DB_TEXT(a->claims->subject),
	    DB_INT(user_id), DB_INT(a->now_us)), &a->identity_id) == 1 ? 0 : -1;
}

/* Leaves login_id 0 if one may be opened. */
static int
find_session(struct admission *a, enum identity_verdict *verdict_r)
{
	const char *session = a->claims->session;
	struct db_stmt *st = db_query(a->db, sql[SESSION], DB_INT(a->identity_id), DB_TEXT(session));
	int64_t login_id = 0, revoked_us = 0;
	int rc = db_step(st);

	if (rc == 1) {
		login_id = db_int(st, 0);
		revoked_us = db_int(st, 1);
	}
	db_done(st);
	if (rc == 1 && *session != '\0' && revoked_us != 0) {
		*verdict_r = IDENTITY_ENDED;
		return 0;
	}
	if (rc != -1 && (login_id == 0 || *session == '\0')) {
		int64_t last_us;

		if (db_one_int(db_query(a->db, sql[LAST_REVOKED], DB_INT(a->found.user_id)), &last_us) != 1)
			return -1;
		if (is_older(a->claims, last_us)) {
			*verdict_r = IDENTITY_ENDED;
			return 0;
		}
	}
	if (rc == -1 || login_id == 0 || revoked_us != 0)
		return rc == -1 ? -1 : 0;
	a->found.login_id = login_id;
	return store_login_touch(a->db, login_id, a->now_us, kept_until(a->claims, a->rules));
}

static int
open_session(struct admission *a, const char *address, const char *agent)
{
	struct login login = {
		.user_id = a->found.user_id,
		.address = address,
		.user_agent = arena_strndup(a->arena, agent, strnlen(agent, LIMIT_USER_AGENT)),
		.created_at = a->now_us,
		.last_used_at = a->now_us,
		.expires_at = kept_until(a->claims, a->rules),
	};
	struct audit *row;

	if (store_login_create(a->db, &login, &a->found.login_id) == -1 ||
	    db_exec(a->db, sql[OPEN], DB_INT(a->identity_id), DB_TEXT(a->claims->session),
	    DB_INT(a->found.login_id)) == -1)
		return -1;
	row = audit_add(a->audit, AUDIT_SESSION_BEGIN);
	row->actor_id = a->found.user_id;
	row->object_id = a->found.login_id;
	return make_room(a);
}

/* The oldest sessions go until no more than LIMIT_LOGINS are left. */
static int
make_room(struct admission *a)
{
	int64_t *ids, user_id = a->found.user_id;
	struct audit *row;
	size_t n;

	if (store_login_beyond(a->db, a->arena, user_id, a->now_us, LIMIT_LOGINS, ROOM_ROWS, &ids, &n) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (store_login_revoke(a->db, ids[i], user_id, a->now_us) == -1)
			return -1;
		tell_login_revoked(a->events, user_id, ids[i]);
		row = audit_add(a->audit, AUDIT_SESSION_REVOKE);
		row->user_id = user_id;
		row->object_id = ids[i];
	}
	return 0;
}

const char *
identity_verdict_text(enum identity_verdict verdict)
{
	static const char *const texts[] = {
		[IDENTITY_ADMITTED] = "the token is valid",
		[IDENTITY_STRANGER] = "nobody has an account here by this token",
		[IDENTITY_NO_EMAIL] = "the token names no e-mail address that its provider has verified",
		[IDENTITY_EMAIL_TAKEN] = "the token's e-mail address belongs to an account of its own",
		[IDENTITY_DISABLED] = "the login session has ended",
		[IDENTITY_ENDED] = "the login session has ended",
		[IDENTITY_ERASED] = "the account of this token was erased here",
	};

	return texts[verdict];
}

int
identity_erase(struct db *db, int64_t user_id)
{
	char digest[DIGEST_SHA256_SIZE];
	int64_t id = 0;
	int found;

	for (;;) {
		struct db_stmt *st = db_query(db, sql[OF_USER], DB_INT(user_id));

		if ((found = db_step(st)) == 1) {
			id = db_int(st, 0);
			digest_of(db_text(st, 1), db_text(st, 2), digest);
		}
		db_done(st);
		if (found != 1)
			return found;
		if (db_exec(db, sql[ERASE], DB_TEXT(digest)) == -1 || db_exec(db, sql[UNLINK], DB_INT(id)) != 1)
			return -1;
	}
}

int
identity_readmit(struct db *db, const char *issuer, const char *subject)
{
	char digest[DIGEST_SHA256_SIZE];

	digest_of(issuer, subject, digest);
	return (int)db_exec(db, sql[READMIT], DB_TEXT(digest));
}

/* A line feed stands in neither: one pair has one text. */
static void
digest_of(const char *issuer, const char *subject, char digest_r[DIGEST_SHA256_SIZE])
{
	struct buf text = { 0 };

	buf_addf(&text, "%s\n%s", issuer, subject);
	digest_sha256(digest_r, text.data, text.len);
	buf_free(&text);
}
