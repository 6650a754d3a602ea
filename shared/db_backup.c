#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "db.h"

#define FILE_MODE	0600	/* it holds every password hash */

static const char	sql_copy[] = "VACUUM INTO $1";

static int	db_backup_copy(struct db *db, const char *partial, char *error_r, size_t error_size);
static int	db_backup_verify(const char *partial, char *error_r, size_t error_size);
static int	db_backup_sync(const char *path);

int
db_backup(struct db *db, const char *path, char *error_r, size_t error_size)
{
	struct buf	partial = { 0 };
	int		rc = -1;

	if (access(path, F_OK) == 0) {
		snprintf(error_r, error_size, "%s exists already", path);
		return (-1);
	}
	buf_addf(&partial, "%s.partial", path);
	unlink(partial.data);	/* left behind by a backup that was interrupted */
	if (db_backup_copy(db, partial.data, error_r, error_size) == 0 &&
	    db_backup_verify(partial.data, error_r, error_size) == 0) {
		/* link(2), not rename(2): it never replaces a file. */
		if (db_backup_sync(partial.data) == 0 && link(partial.data, path) == 0)
			rc = 0;
		else
			snprintf(error_r, error_size, "cannot finish %s: %s", path, strerror(errno));
	}
	unlink(partial.data);
	buf_free(&partial);
	return (rc);
}

static int
db_backup_copy(struct db *db, const char *partial, char *error_r, size_t error_size)
{
	int	fd = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);

	if (fd == -1) {
		snprintf(error_r, error_size, "cannot create %s: %s", partial, strerror(errno));
		return (-1);
	}
	close(fd);
	if (db_exec(db, sql_copy, DB_TEXT(partial)) != -1)
		return (0);
	snprintf(error_r, error_size, "cannot copy the database to %s: %s", partial, db_error_text(db));
	return (-1);
}

/* Opening it makes it a WAL database as the original is; closing leaves no second file. */
static int
db_backup_verify(const char *partial, char *error_r, size_t error_size)
{
	struct db_options	 options = { .path = partial, .full_sync = true };
	struct db		*copy = db_open(&options, error_r, error_size);
	int			 rc;

	if (copy == NULL)
		return (-1);
	rc = db_check(copy, error_r, error_size);
	db_close(&copy);
	return (rc);
}

static int
db_backup_sync(const char *path)
{
	int	fd = open(path, O_RDONLY | O_CLOEXEC);
	int	rc;

	if (fd == -1)
		return (-1);
	rc = fsync(fd);
	close(fd);
	return (rc);
}
