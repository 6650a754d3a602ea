#include "rows.h"
#include "store_user.h"

enum { BY_ID, BY_EMAIL, CREATE, SET_NAME, SET_PASSWORD, SET_PROVEN, SET_DISABLED, ERASE, COUNT_ADMINS, LIST };

#define COLUMNS	"id, email, full_name, password_hash, is_admin, disabled_at, created_at, erased_at, unproven"

static const char *const sql[] = {
	[BY_ID]		= "SELECT " COLUMNS " FROM account WHERE id = $1",
	[BY_EMAIL]	= "SELECT " COLUMNS " FROM account WHERE email = $1",
	[CREATE]	= "INSERT INTO account (email, full_name, password_hash, is_admin, disabled_at,"
			  " created_at, updated_at, unproven) VALUES ($1, $2, $3, $4, $5, $6, $6, $7)"
			  " ON CONFLICT DO NOTHING RETURNING id",
	[SET_NAME]	= "UPDATE account SET full_name = $2, updated_at = $3 WHERE id = $1",
	[SET_PASSWORD]	= "UPDATE account SET password_hash = $2, updated_at = $3 WHERE id = $1",
	[SET_PROVEN]	= "UPDATE account SET unproven = 0, updated_at = $2 WHERE id = $1",
	[SET_DISABLED]	= "UPDATE account SET disabled_at = $2, updated_at = $3 WHERE id = $1",
	[ERASE]		= "UPDATE account SET email = $2, full_name = $3, password_hash = '', is_admin = 0,"
			  " disabled_at = $4, erased_at = $4, updated_at = $4 WHERE id = $1 AND erased_at IS NULL",
	[COUNT_ADMINS]	= "SELECT count(*) FROM account WHERE is_admin = 1 AND disabled_at IS NULL",
	[LIST]		= "SELECT " COLUMNS " FROM account WHERE id > $1 ORDER BY id LIMIT $2",
};

static int	store_user_get(struct db_stmt *st, struct arena *arena, struct user *user_r);
static void	store_user_read(struct db_stmt *st, struct arena *arena, struct user *user);

int
store_user_by_id(struct db *db, struct arena *arena, int64_t id, struct user *user_r)
{
	return (store_user_get(db_query(db, sql[BY_ID], DB_INT(id)), arena, user_r));
}

int
store_user_by_email(struct db *db, struct arena *arena, const char *email, struct user *user_r)
{
	return (store_user_get(db_query(db, sql[BY_EMAIL], DB_TEXT(email)), arena, user_r));
}

int
store_user_create(struct db *db, const struct user *user, int64_t now_us, int64_t *id_r)
{
	return (db_one_int(db_query(db, sql[CREATE], DB_TEXT(user->person.email), DB_TEXT(user->person.full_name),
	    DB_TEXT(user->password_hash), DB_INT(user->is_admin), DB_INT_OR_NULL(user->disabled_at),
	    DB_INT(now_us), DB_INT(user->unproven)), id_r));
}

int
store_user_set_name(struct db *db, int64_t id, const char *full_name, int64_t now_us)
{
	return ((int)db_exec(db, sql[SET_NAME], DB_INT(id), DB_TEXT(full_name), DB_INT(now_us)));
}

int
store_user_set_password(struct db *db, int64_t id, const char *password_hash, int64_t now_us)
{
	return ((int)db_exec(db, sql[SET_PASSWORD], DB_INT(id), DB_TEXT(password_hash), DB_INT(now_us)));
}

int
store_user_set_proven(struct db *db, int64_t id, int64_t now_us)
{
	return ((int)db_exec(db, sql[SET_PROVEN], DB_INT(id), DB_INT(now_us)));
}

int
store_user_set_disabled(struct db *db, int64_t id, bool disabled, int64_t now_us)
{
	return ((int)db_exec(db, sql[SET_DISABLED], DB_INT(id), DB_INT_OR_NULL(disabled ? now_us : 0),
	    DB_INT(now_us)));
}

int
store_user_erase(struct db *db, int64_t id, const char *email, const char *full_name, int64_t now_us)
{
	return ((int)db_exec(db, sql[ERASE], DB_INT(id), DB_TEXT(email), DB_TEXT(full_name), DB_INT(now_us)));
}

int
store_user_count_admins(struct db *db, int64_t *count_r)
{
	return (db_one_int(db_query(db, sql[COUNT_ADMINS]), count_r) == 1 ? 0 : -1);
}

int
store_user_is_last_admin(struct db *db, const struct user *user)
{
	int64_t	admins;

	if (!user->is_admin || user->disabled_at != 0)
		return (0);
	return (store_user_count_admins(db, &admins) == -1 ? -1 : admins == 1);
}

int
store_user_list(struct db *db, struct arena *arena, int64_t after_id, size_t limit, struct user **users_r, size_t *n_r)
{
	struct rows	 rows = rows_in(arena, sizeof(struct user));
	struct db_stmt	*st = db_query(db, sql[LIST], DB_INT(after_id), DB_INT((int64_t)limit));
	int		 rc;

	while ((rc = db_step(st)) == 1)
		store_user_read(st, arena, rows_add(&rows));
	db_done(st);
	if (rc == -1)
		return (-1);
	*users_r = rows.data;
	*n_r = rows.n;
	return (0);
}

struct person
store_user_read_person(struct db_stmt *st, struct arena *arena, int column)
{
	struct person	person = {
		.id = db_int(st, column),
		.email = arena_strdup(arena, db_text(st, column + 1)),
		.full_name = arena_strdup(arena, db_text(st, column + 2)),
	};

	return (person);
}

void
store_user_emit_person(struct emit *e, const char *key, const struct person *person)
{
	emit_object(e, key);
	emit_int(e, "id", person->id);
	emit_text(e, "email", person->email);
	emit_text(e, "full_name", person->full_name);
	emit_end(e);
}

static int
store_user_get(struct db_stmt *st, struct arena *arena, struct user *user_r)
{
	int	rc = db_step(st);

	if (rc == 1)
		store_user_read(st, arena, user_r);
	db_done(st);
	return (rc);
}

static void
store_user_read(struct db_stmt *st, struct arena *arena, struct user *user)
{
	*user = (struct user){
		.person = store_user_read_person(st, arena, 0),
		.password_hash = arena_strdup(arena, db_text(st, 3)),
		.is_admin = db_int(st, 4) != 0,
		.disabled_at = db_int(st, 5),
		.created_at = db_int(st, 6),
		.erased_at = db_int(st, 7),
		.unproven = db_int(st, 8) != 0,
	};
}
