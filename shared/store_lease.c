#include "store_lease.h"

enum { ALL, RENEW };

static const char *const sql[] = {
	[ALL]	= "SELECT daemon, renewed_at FROM lease ORDER BY renewed_at",
	[RENEW]	= "INSERT INTO lease (daemon, started_at, renewed_at) VALUES ($1, $2, $3)"
		  " ON CONFLICT (daemon) DO UPDATE SET started_at = $2, renewed_at = $3",
};

/* There are few: one for each daemon of each number of daemons that there ever were. */
int
store_lease_last(struct db *db, const struct shard *shard, int64_t *renewed_us_r)
{
	struct db_stmt	*st = db_query(db, sql[ALL]);
	struct shard	 other;
	int64_t		 renewed_us = 0;
	bool		 found = false;
	int		 rc;

	while ((rc = db_step(st)) == 1) {
		if (shard_of_lease(db_text(st, 0), &other) && shard_overlaps(shard, &other)) {
			renewed_us = db_int(st, 1);
			found = true;
		}
	}
	db_done(st);
	if (rc == -1)
		return (-1);
	if (found)
		*renewed_us_r = renewed_us;
	return (found);
}

int
store_lease_renew(struct db *db, const struct shard *shard, int64_t started_us, int64_t now_us)
{
	char	name[SHARD_LEASE];

	shard_lease(shard, name);
	return (db_exec(db, sql[RENEW], DB_TEXT(name), DB_INT(started_us), DB_INT(now_us)) == -1 ? -1 : 0);
}
