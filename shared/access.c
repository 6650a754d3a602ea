#include <string.h>

#include "access.h"

static const char	sql_access[] =
    "SELECT a.id, a.email, a.full_name, a.is_admin, m.id, m.title, m.status, m.ice_policy, b.role,"
    /* asked for outsiders alone: a member is never banned */
    " b.role IS NULL AND EXISTS (SELECT 1 FROM ban x WHERE x.meeting_id = m.id AND x.user_id = a.id)"
    " FROM account a"
    " LEFT JOIN meeting m ON m.id = $3"
    " LEFT JOIN member b ON b.meeting_id = m.id AND b.user_id = a.id"
    " WHERE a.id = $1 AND a.disabled_at IS NULL AND ($2 = 0 OR EXISTS"
    " (SELECT 1 FROM login l WHERE l.id = $2 AND l.user_id = $1 AND l.revoked_at IS NULL))";

static void		 access_read(struct db_stmt *st, struct arena *arena, struct access *access);
static enum access_role	 access_role_parse(const char *name);

static const char *const role_names[] = {
	[ACCESS_ROLE_NONE]		= "none",
	[ACCESS_ROLE_PARTICIPANT]	= "participant",
	[ACCESS_ROLE_HOST]		= "host",
};

int
access_check(struct db *db, struct arena *arena, int64_t user_id, int64_t login_id, int64_t meeting_id,
    struct access *access_r)
{
	struct db_stmt	*st = db_query(db, sql_access, DB_INT(user_id), DB_INT(login_id), DB_INT(meeting_id));
	int		 rc = db_step(st);

	if (rc == 0)
		*access_r = (struct access){ .verdict = ACCESS_UNAUTHORIZED };
	else if (rc == 1)
		access_read(st, arena, access_r);
	db_done(st);
	return (rc == -1 ? -1 : 0);
}

const char *
access_role_name(enum access_role role)
{
	return (role_names[role]);
}

static void
access_read(struct db_stmt *st, struct arena *arena, struct access *access)
{
	*access = (struct access){
		.verdict = ACCESS_NOT_FOUND,
		.is_admin = db_int(st, 3) != 0,
		.person = store_user_read_person(st, arena, 0),
	};
	if (db_is_null(st, 4))
		return;
	access->meeting_id = db_int(st, 4);
	access->title = arena_strdup(arena, db_text(st, 5));
	/* The schema's CHECK lets no other status in. */
	if (!store_meeting_status_parse(db_text(st, 6), &access->status))
		access->status = MEETING_SCHEDULED;
	access->ice_policy = arena_strdup(arena, db_text(st, 7));
	access->role = access_role_parse(db_text(st, 8));
	if (access->role != ACCESS_ROLE_NONE)
		access->verdict = ACCESS_GRANTED;
	else
		access->verdict = db_int(st, 9) != 0 ? ACCESS_BANNED : ACCESS_FORBIDDEN;
}

static enum access_role
access_role_parse(const char *name)
{
	for (size_t i = 0; i < COUNTOF(role_names); i++)
		if (name != NULL && strcmp(name, role_names[i]) == 0)
			return ((enum access_role)i);
	return (ACCESS_ROLE_NONE);
}
