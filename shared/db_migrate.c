#include <stdio.h>

#include "db.h"
#include "schema.h"

#define MIGRATION_WAIT_S	60	/* for another program that is migrating at this moment */

static int	db_migrate_step(struct db *db, char *error_r, size_t error_size);

int
db_migrate(struct db *db, char *error_r, size_t error_size)
{
	int	rc;

	db_set_busy_timeout(db, MIGRATION_WAIT_S * US_PER_S);
	do
		rc = db_migrate_step(db, error_r, error_size);
	while (rc == 1);
	db_set_busy_timeout(db, db_busy_timeout(db));
	return (rc);
}

/* 1 one migration was applied, 0 there is none left, -1 error. */
static int
db_migrate_step(struct db *db, char *error_r, size_t error_size)
{
	char	pragma[64];
	int	version = db_version(db);

	if (version >= schema_version)
		return (0);
	/* The write lock is the lock: whoever gets it second finds the version raised. */
	if (version == -1 || db_begin(db, true) == -1 || (version = db_version(db)) == -1)
		goto fail;
	if (version >= schema_version) {
		db_rollback(db);
		return (0);
	}
	/* A pragma takes no parameters; the number is our own. */
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", version + 1);
	if (db_script(db, schema_migration[version]) == -1 || db_script(db, pragma) == -1 || db_commit(db) == -1)
		goto fail;
	return (1);
fail:
	snprintf(error_r, error_size, "cannot migrate the database from schema version %d: %s", version,
	    db_error_text(db));
	db_rollback(db);
	return (-1);
}
