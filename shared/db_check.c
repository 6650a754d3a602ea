#include <stdio.h>
#include <string.h>

#include "db.h"

enum { INTEGRITY, REFERENCES };

static const char *const sql[] = {
	[INTEGRITY]	= "PRAGMA integrity_check(1)",
	[REFERENCES]	= "PRAGMA foreign_key_check",	/* table, rowid, parent, which */
};

int
db_check(struct db *db, char *error_r, size_t error_size)
{
	struct db_stmt	*st = db_query(db, sql[INTEGRITY]);
	int		 rc = db_step(st);
	bool		 sound = rc == 1 && strcmp(db_text(st, 0), "ok") == 0;

	if (!sound)
		snprintf(error_r, error_size, "the database is damaged: %s",
		    rc == 1 ? db_text(st, 0) : db_error_text(db));
	db_done(st);
	if (!sound)
		return (-1);

	st = db_query(db, sql[REFERENCES]);
	rc = db_step(st);
	if (rc == 1)
		snprintf(error_r, error_size, "a row of %s refers to a row of %s that does not exist",
		    db_text(st, 0), db_text(st, 2));
	else if (rc == -1)
		snprintf(error_r, error_size, "cannot check the database: %s", db_error_text(db));
	db_done(st);
	return (rc == 0 ? 0 : -1);
}
