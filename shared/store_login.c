#include "rows.h"
#include "store_login.h"

enum {
	CREATE, LIST, IS_LIVE, REVOKE, OTHERS, BEYOND, TOUCH,
	ADD_REFRESH, FIND_REFRESH, USE_REFRESH,
	FAILURES, FAILED, SUCCEEDED,
	PURGE_REFRESH, PURGE_LOGIN, PURGE_ENDED_REFRESH, PURGE_ENDED, PURGE_FAILURE, TRIM_FAILURE
};

#define FAILURES_MAX	20000	/* rows, whatever is tried from wherever: what is older goes */

/* But not those of a provider's sessions, whose tokens may still come: they stay until they expire (identity.h). */
#define ENDED	"SELECT l.id FROM login l WHERE l.revoked_at < $1 AND NOT EXISTS" \
	" (SELECT 1 FROM identity_login i WHERE i.login_id = l.id) ORDER BY l.revoked_at LIMIT $2"

static const char *const sql[] = {
	[CREATE]	= "INSERT INTO login (user_id, address, user_agent, created_at, last_used_at, expires_at)"
			  " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
	[LIST]		= "SELECT id, user_id, address, user_agent, created_at, last_used_at, expires_at FROM login"
			  " WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY id DESC LIMIT $3",
	[IS_LIVE]	= "SELECT 1 FROM login l JOIN account a ON a.id = l.user_id"
			  " WHERE l.id = $1 AND l.user_id = $2 AND l.revoked_at IS NULL AND a.disabled_at IS NULL",
	[REVOKE]	= "UPDATE login SET revoked_at = $3 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL",
	[OTHERS]	= "SELECT id FROM login WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL ORDER BY id",
	[BEYOND]	= "SELECT id FROM login WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2"
			  " ORDER BY id DESC LIMIT $4 OFFSET $3",
	[TOUCH]		= "UPDATE login SET last_used_at = $2, expires_at = $3 WHERE id = $1",

	[ADD_REFRESH]	= "INSERT INTO refresh_token (hash, login_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
	[FIND_REFRESH]	= "SELECT r.login_id, l.user_id, r.expires_at, r.used_at, l.revoked_at"
			  " FROM refresh_token r JOIN login l ON l.id = r.login_id WHERE r.hash = $1",
	[USE_REFRESH]	= "UPDATE refresh_token SET used_at = $2 WHERE hash = $1 AND used_at IS NULL",

	[FAILURES]	= "SELECT failures, window_start FROM login_failure"
			  " WHERE account = $1 AND address = $2 AND window_start > $3",
	/* A window that has passed begins anew with this failure. */
	[FAILED]	= "INSERT INTO login_failure (account, address, failures, window_start) VALUES ($1, $2, 1, $3)"
			  " ON CONFLICT (account, address) DO UPDATE SET"
			  " failures = CASE WHEN login_failure.window_start > $4"
			  " THEN login_failure.failures + 1 ELSE 1 END,"
			  " window_start = CASE WHEN login_failure.window_start > $4"
			  " THEN login_failure.window_start ELSE $3 END",
	[SUCCEEDED]	= "DELETE FROM login_failure WHERE account = $1 AND address = $2",

	[PURGE_REFRESH]	= "DELETE FROM refresh_token WHERE hash IN"
			  " (SELECT hash FROM refresh_token WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
	[PURGE_LOGIN]	= "DELETE FROM login WHERE id IN"
			  " (SELECT id FROM login WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
	[PURGE_ENDED_REFRESH] = "DELETE FROM refresh_token WHERE hash IN (SELECT r.hash FROM refresh_token r"
			  " WHERE r.login_id IN (" ENDED ") LIMIT $2)",
	[PURGE_ENDED]	= "DELETE FROM login WHERE id IN (" ENDED ")",
	/* By age and not by key, which would walk all addresses that an account was tried from. */
	[PURGE_FAILURE]	= "DELETE FROM login_failure WHERE window_start <= (SELECT max(window_start) FROM"
			  " (SELECT window_start FROM login_failure WHERE window_start <= $1"
			  " ORDER BY window_start LIMIT $2) oldest)",
	[TRIM_FAILURE]	= "DELETE FROM login_failure WHERE window_start <"
			  " (SELECT window_start FROM login_failure ORDER BY window_start DESC LIMIT 1 OFFSET $1)",
};

int
store_login_create(struct db *db, const struct login *login, int64_t *id_r)
{
	return (db_one_int(db_query(db, sql[CREATE], DB_INT(login->user_id), DB_TEXT(login->address),
	    DB_TEXT(login->user_agent), DB_INT(login->created_at), DB_INT(login->last_used_at),
	    DB_INT(login->expires_at)), id_r) == 1 ? 0 : -1);
}

int
store_login_list(struct db *db, struct arena *arena, int64_t user_id, int64_t now_us, size_t limit,
    struct login **logins_r, size_t *n_r)
{
	struct rows	 rows = rows_in(arena, sizeof(struct login));
	struct db_stmt	*st = db_query(db, sql[LIST], DB_INT(user_id), DB_INT(now_us), DB_INT((int64_t)limit));
	struct login	*login;
	int		 rc;

	while ((rc = db_step(st)) == 1) {
		login = rows_add(&rows);
		login->id = db_int(st, 0);
		login->user_id = db_int(st, 1);
		login->address = arena_strdup(arena, db_text(st, 2));
		login->user_agent = arena_strdup(arena, db_text(st, 3));
		login->created_at = db_int(st, 4);
		login->last_used_at = db_int(st, 5);
		login->expires_at = db_int(st, 6);
	}
	db_done(st);
	if (rc == -1)
		return (-1);
	*logins_r = rows.data;
	*n_r = rows.n;
	return (0);
}

int
store_login_is_live(struct db *db, int64_t login_id, int64_t user_id)
{
	int64_t	one;

	return (db_one_int(db_query(db, sql[IS_LIVE], DB_INT(login_id), DB_INT(user_id)), &one));
}

int
store_login_revoke(struct db *db, int64_t login_id, int64_t user_id, int64_t now_us)
{
	return ((int)db_exec(db, sql[REVOKE], DB_INT(login_id), DB_INT(user_id), DB_INT(now_us)));
}

int
store_login_others(struct db *db, struct arena *arena, int64_t user_id, int64_t keep_id, int64_t **ids_r, size_t *n_r)
{
	return (rows_ids(arena, db_query(db, sql[OTHERS], DB_INT(user_id), DB_INT(keep_id)), ids_r, n_r));
}

int
store_login_beyond(struct db *db, struct arena *arena, int64_t user_id, int64_t now_us, size_t keep, size_t limit,
    int64_t **ids_r, size_t *n_r)
{
	return (rows_ids(arena, db_query(db, sql[BEYOND], DB_INT(user_id), DB_INT(now_us), DB_INT((int64_t)keep),
	    DB_INT((int64_t)limit)), ids_r, n_r));
}

int
store_login_touch(struct db *db, int64_t login_id, int64_t now_us, int64_t expires_us)
{
	return (db_exec(db, sql[TOUCH], DB_INT(login_id), DB_INT(now_us), DB_INT(expires_us)) == -1 ? -1 : 0);
}

/* ---- refresh tokens ---- */

int
store_login_add_refresh(struct db *db, const char *hash, int64_t login_id, int64_t now_us, int64_t expires_us)
{
	return (db_exec(db, sql[ADD_REFRESH], DB_TEXT(hash), DB_INT(login_id), DB_INT(now_us),
	    DB_INT(expires_us)) == -1 ? -1 : 0);
}

int
store_login_find_refresh(struct db *db, const char *hash, struct refresh *refresh_r)
{
	struct db_stmt	*st = db_query(db, sql[FIND_REFRESH], DB_TEXT(hash));
	int		 rc = db_step(st);

	if (rc == 1)
		*refresh_r = (struct refresh){
			.login_id = db_int(st, 0),
			.user_id = db_int(st, 1),
			.expires_at = db_int(st, 2),
			.used_at = db_int(st, 3),
			.revoked_at = db_int(st, 4),
		};
	db_done(st);
	return (rc);
}

int
store_login_use_refresh(struct db *db, const char *hash, int64_t now_us)
{
	return (db_exec(db, sql[USE_REFRESH], DB_TEXT(hash), DB_INT(now_us)) == -1 ? -1 : 0);
}

/* ---- failed sign-ins ---- */

int
store_login_failures(struct db *db, const char *account, const char *address, int64_t now_us, int64_t window_us,
    int64_t *failures_r, int64_t *until_us_r)
{
	struct db_stmt	*st = db_query(db, sql[FAILURES], DB_TEXT(account), DB_TEXT(address),
			    DB_INT(now_us - window_us));
	int		 rc = db_step(st);

	if (rc != -1) {
		*failures_r = rc == 1 ? db_int(st, 0) : 0;
		*until_us_r = rc == 1 ? db_int(st, 1) + window_us : now_us;
	}
	db_done(st);
	return (rc == -1 ? -1 : 0);
}

int
store_login_failed(struct db *db, const char *account, const char *address, int64_t now_us, int64_t window_us)
{
	return (db_exec(db, sql[FAILED], DB_TEXT(account), DB_TEXT(address), DB_INT(now_us),
	    DB_INT(now_us - window_us)) == -1 ? -1 : 0);
}

int
store_login_succeeded(struct db *db, const char *account, const char *address)
{
	return (db_exec(db, sql[SUCCEEDED], DB_TEXT(account), DB_TEXT(address)) == -1 ? -1 : 0);
}

int
store_login_purge(struct db *db, int64_t now_us, int64_t window_us, size_t limit)
{
	struct db_value	most = DB_INT((int64_t)limit);

	if (db_exec(db, sql[PURGE_REFRESH], DB_INT(now_us), most) == -1 ||
	    db_exec(db, sql[PURGE_LOGIN], DB_INT(now_us), most) == -1 ||
	    db_exec(db, sql[PURGE_FAILURE], DB_INT(now_us - window_us), most) == -1 ||
	    db_exec(db, sql[TRIM_FAILURE], DB_INT(FAILURES_MAX)) == -1)
		return (-1);
	return (0);
}

int64_t
store_login_purge_expired(struct db *db, int64_t before_us, size_t limit)
{
	static const struct {
		int	query;
		int64_t	keep_us;
	} kinds[] = { { PURGE_REFRESH, 0 }, { PURGE_LOGIN, 0 }, { PURGE_FAILURE, STORE_LOGIN_FAILURE_KEEP } };
	int64_t	deleted = 0;

	/* a session goes after its tokens, which it would otherwise take with it, however many they are */
	for (size_t i = 0; i < COUNTOF(kinds) && deleted == 0; i++)
		deleted = db_exec(db, sql[kinds[i].query], DB_INT(before_us - kinds[i].keep_us),
		    DB_INT((int64_t)limit));
	return (deleted);
}

int64_t
store_login_purge_ended(struct db *db, int64_t before_us, size_t limit)
{
	struct db_value	most = DB_INT((int64_t)limit);
	int64_t		deleted = db_exec(db, sql[PURGE_ENDED_REFRESH], DB_INT(before_us), most);

	if (deleted != 0)
		return (deleted);
	return (db_exec(db, sql[PURGE_ENDED], DB_INT(before_us), most));
}
