#include "db.h"
#include "log.h"

enum { BEGIN, KEEP, UNDO };

static const char *const sql[] = {
	[BEGIN]	= "SAVEPOINT part",
	[KEEP]	= "RELEASE part",
	[UNDO]	= "ROLLBACK TO part",
};

/* Outside of a transaction it would begin one. */
int
db_savepoint(struct db *db)
{
	return (db_go_on(db) && db_exec(db, sql[BEGIN]) != -1 ? 0 : -1);
}

int
db_savepoint_keep(struct db *db)
{
	return (db_exec(db, sql[KEEP]) != -1 ? 0 : -1);
}

/* To be rolled back does not end it.  If that cannot be done nothing of the whole may be kept. */
void
db_savepoint_undo(struct db *db)
{
	if (!db_go_on(db) || db_exec(db, sql[UNDO]) == -1 || db_exec(db, sql[KEEP]) == -1) {
		log_error("db_savepoint", LOG_TEXT("error", db_error_text(db)));
		db_rollback(db);
	}
}
