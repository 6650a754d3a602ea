#include "db.h"

static const char	sql[] = "PRAGMA user_version";

int
db_version(struct db *db)
{
	int64_t	version;

	return (db_one_int(db_query(db, sql), &version) == 1 ? (int)version : -1);
}
