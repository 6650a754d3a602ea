#include "store_count.h"

static const struct {
	const char	*name;
	const char	*sql;
} counts[] = {
	{ "users",		"SELECT count(*) FROM account" },
	{ "disabled_users",	"SELECT count(*) FROM account WHERE disabled_at IS NOT NULL" },
	{ "logins",		"SELECT count(*) FROM login WHERE revoked_at IS NULL" },
	{ "meetings",		"SELECT count(*) FROM meeting" },
	{ "ongoing_meetings",	"SELECT count(*) FROM meeting WHERE status = 'ongoing'" },
	{ "calls",		"SELECT count(*) FROM call" },
	{ "active_calls",	"SELECT count(*) FROM call WHERE status = 'active'" },
	{ "events",		"SELECT count(*) FROM event" },
	{ "webhooks",		"SELECT count(*) FROM webhook WHERE deleted_at IS NULL" },
	{ "deliveries_waiting",	"SELECT count(*) FROM delivery WHERE status = 'waiting'" },
	{ "event_id",		"SELECT coalesce(max(id), 0) FROM event" },
};

int
store_count(struct db *db, size_t i, const char **name_r, int64_t *number_r)
{
	if (i == COUNTOF(counts))
		return (0);
	*name_r = counts[i].name;
	return (db_one_int(db_query(db, counts[i].sql), number_r) == 1 ? 1 : -1);
}
