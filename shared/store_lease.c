#include "store_lease.h"

enum { GET, RENEW };

static const char *const sql[] = {
	[GET]	= "SELECT renewed_at FROM lease WHERE daemon = $1",
	[RENEW]	= "INSERT INTO lease (daemon, started_at, renewed_at) VALUES ($1, $2, $3)"
		  " ON CONFLICT (daemon) DO UPDATE SET started_at = $2, renewed_at = $3",
};

int
store_lease_get(struct db *db, const char *daemon, int64_t *renewed_us_r)
{
	return (db_one_int(db_query(db, sql[GET], DB_TEXT(daemon)), renewed_us_r));
}

int
store_lease_renew(struct db *db, const char *daemon, int64_t started_us, int64_t now_us)
{
	return (db_exec(db, sql[RENEW], DB_TEXT(daemon), DB_INT(started_us), DB_INT(now_us)) == -1 ? -1 : 0);
}
