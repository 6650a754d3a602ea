#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "db.h"
#include "schema.h"

#define FILE_MODE	0660	/* API and daemon may be two users of one group */
#define RETRY_NAP_US	2000	/* between two attempts at the change to WAL */

static int	db_open_create(const char *path);
static bool	db_open_configure(struct db *db, const struct db_options *options, char *error_r, size_t error_size);
static int	db_open_wal(struct db *db);
static int	db_open_try_wal(struct db *db);
static bool	db_open_version(struct db *db, const struct db_options *options, char *error_r, size_t error_size);

/* Per connection; SQLite forgets them. */
static const char	pragmas[] =
    "PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA temp_store = MEMORY;"	/* what savepoints need to go back, too: the programs make no other files */
    "PRAGMA journal_size_limit = 16777216;"	/* bytes of WAL kept after a checkpoint */
    "PRAGMA wal_autocheckpoint = 3000;";	/* pages: within those bytes, and within one hash of the log's index */

struct db *
db_open(const struct db_options *options, char *error_r, size_t error_size)
{
	struct db	*db;

	if (options->create && db_open_create(options->path) == -1) {
		snprintf(error_r, error_size, "cannot create the database %s: %s", options->path, strerror(errno));
		return (NULL);
	}
	if (access(options->path, R_OK | W_OK) == -1) {
		snprintf(error_r, error_size, "cannot open the database %s: %s%s", options->path, strerror(errno),
		    errno == ENOENT ? "; \"unioctl migrate\" makes it" : "");
		return (NULL);
	}
	db = db_connect(options->path, options->busy_timeout, error_r, error_size);
	if (db == NULL)
		return (NULL);
	if (!db_open_configure(db, options, error_r, error_size) ||
	    !db_open_version(db, options, error_r, error_size))
		db_close(&db);
	else
		db_set_lane(db, options->lane);
	return (db);
}

/* SQLite would make it for everybody to read, and it holds password hashes; -wal and -shm get its mode. */
static int
db_open_create(const char *path)
{
	int	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	int	rc;

	if (fd == -1)
		return (errno == EEXIST ? 0 : -1);
	rc = fchmod(fd, FILE_MODE);	/* whatever the umask */
	close(fd);
	return (rc);
}

static bool
db_open_configure(struct db *db, const struct db_options *options, char *error_r, size_t error_size)
{
	const char	*sync = options->full_sync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";
	int		 wal = -1;

	if (db_script(db, pragmas) == 0)
		wal = db_open_wal(db);
	if (wal == 1 && db_script(db, sync) == 0)
		return (true);
	if (wal == 0)
		snprintf(error_r, error_size, "cannot use the database %s: SQLite does not keep it in WAL mode there "
		    "(a network file system?), which several programs at once need", options->path);
	else
		snprintf(error_r, error_size, "cannot open the database %s: %s", options->path, db_error_text(db));
	return (false);
}

/*
 * The change to WAL, once in a database's life, needs the file for itself alone, and
 * SQLite does not wait for that by its busy timeout: two programs that start at the
 * same instant take turns here.  1, 0 it stays in another mode, -1.
 */
static int
db_open_wal(struct db *db)
{
	int64_t	deadline = clock_mono_us() + db_busy_timeout(db);
	int	rc;

	while ((rc = db_open_try_wal(db)) == -1) {
		if (db_error(db) != DB_BUSY || clock_mono_us() >= deadline)
			return (-1);
		usleep(RETRY_NAP_US);
	}
	return (rc);
}

/* Where the mode cannot be changed SQLite answers with the one that stays, and no error. */
static int
db_open_try_wal(struct db *db)
{
	struct db_stmt	*st = db_query(db, "PRAGMA journal_mode = WAL");
	int		 rc = db_step(st);

	if (rc == 1)
		rc = strcmp(db_text(st, 0), "wal") == 0;
	db_done(st);
	return (rc);
}

static bool
db_open_version(struct db *db, const struct db_options *options, char *error_r, size_t error_size)
{
	int	version = db_version(db);

	if (version == -1)
		snprintf(error_r, error_size, "cannot read the database %s: %s", options->path, db_error_text(db));
	else if (version > schema_version)
		snprintf(error_r, error_size, "the database %s has schema version %d, this program knows %d: "
		    "it belongs to a newer version of Unio", options->path, version, schema_version);
	else if (version < schema_version && !options->create)
		snprintf(error_r, error_size, "the database %s has schema version %d, this program needs %d: "
		    "run \"unioctl migrate\"", options->path, version, schema_version);
	else
		return (true);
	return (false);
}
