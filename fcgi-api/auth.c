#include <string.h>
#include <strings.h>

#include "auth.h"

/* The token says who; the database says whether that is still so, and as what. */
enum { CALLER };
static const char *const sql[] = {
	[CALLER] =
	    "SELECT a.id, a.email, a.full_name, a.is_admin, a.created_at"
	    " FROM login l JOIN account a ON a.id = l.user_id"
	    " WHERE l.id = $1 AND l.user_id = $2 AND l.revoked_at IS NULL AND a.disabled_at IS NULL",
};

bool
auth_bearer(const char *header, struct slice *token_r)
{
	static const char scheme[] = "Bearer ";
	struct slice token;

	if (header == NULL || strncasecmp(header, scheme, sizeof(scheme) - 1) != 0)
		return false;
	header += sizeof(scheme) - 1;
	header += strspn(header, " ");
	token = (struct slice){ header, strcspn(header, " \t,") };
	if (token.n == 0 || token.p[token.n] != '\0')
		return false;
	*token_r = token;
	return true;
}

int
auth_check(struct token_ring *ring, struct db *db, struct arena *arena, struct slice token, int64_t now_us,
    struct caller *caller_r, const char **reason_r)
{
	struct token_claims claims;
	enum token_verdict verdict = token_verify(ring, token.p, token.n, now_us / US_PER_S, &claims);
	struct db_stmt *st;
	int rc;

	if (verdict != TOKEN_VALID) {
		*reason_r = token_verdict_text(verdict);
		return 0;
	}
	st = db_query(db, sql[CALLER], DB_INT(claims.session_id), DB_INT(claims.user_id));
	if ((rc = db_step(st)) == 1)
		*caller_r = (struct caller){
			.person = {
			    .id = db_int(st, 0),
			    .email = arena_strdup(arena, db_text(st, 1)),
			    .full_name = arena_strdup(arena, db_text(st, 2)),
			},
			.is_admin = db_int(st, 3) != 0,
			.created_at = db_int(st, 4),
			.login_id = claims.session_id,
		};
	else if (rc == 0)
		*reason_r = "the login session has ended";
	db_done(st);
	return rc;
}
