#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "db.h"

#define FILE_MODE	0660	/* where there is no older file whose mode and owner it takes */
#define CHUNK		65536	/* bytes copied at a time */

static const char	sql_epoch[] = "UPDATE meta SET value = lower(hex(randomblob(8))) WHERE name = 'epoch'";

static int	db_restore_idle(const char *path, char *error_r, size_t error_size);
static int	db_restore_locked(const char *path, const char *suffix);
static int	db_restore_copy(const char *copy, const char *partial, const char *path);
static int	db_restore_bytes(int from, int to);
static int	db_restore_renew(const char *partial, char *error_r, size_t error_size);
static int	db_restore_replace(const char *partial, const char *path);
static int	db_restore_move(const char *from, const char *to, const char *suffix);

int
db_restore(const char *path, const char *copy, char *error_r, size_t error_size)
{
	struct buf	partial = { 0 };
	int		rc = db_restore_idle(path, error_r, error_size);

	if (rc != 1)
		return (rc);
	buf_addf(&partial, "%s.partial", path);
	if (db_restore_copy(copy, partial.data, path) == -1) {
		snprintf(error_r, error_size, "cannot copy %s to %s: %s", copy, partial.data, strerror(errno));
		rc = -1;
	} else if (db_restore_renew(partial.data, error_r, error_size) == -1)
		rc = -1;
	else if ((rc = db_restore_idle(path, error_r, error_size)) == 1 &&
	    db_restore_replace(partial.data, path) == -1) {
		snprintf(error_r, error_size, "cannot put %s in its place: %s", path, strerror(errno));
		rc = -1;
	}
	unlink(partial.data);
	buf_free(&partial);
	return (rc);
}

static int
db_restore_idle(const char *path, char *error_r, size_t error_size)
{
	int	main_file = db_restore_locked(path, ""), index_file = db_restore_locked(path, "-shm");

	if (main_file == 0 && index_file == 0)
		return (1);
	if (main_file == 1 || index_file == 1) {
		snprintf(error_r, error_size, "%s is in use: stop unio-api, unio-signald and unio-hookd first", path);
		return (0);
	}
	snprintf(error_r, error_size, "cannot look at %s: %s", path, strerror(errno));
	return (-1);
}

/*
 * Asks for SQLite's own locks (https://www.sqlite.org/walformat.html, "WAL Locks"): whoever has a WAL database open
 * holds one on the index file. Asking works on a damaged database, too, which is when a copy is wanted.
 */
static int
db_restore_locked(const char *path, const char *suffix)
{
	struct flock	lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct buf	name = { 0 };
	int		fd, rc = -1;

	buf_addf(&name, "%s%s", path, suffix);
	if ((fd = open(name.data, O_RDONLY | O_CLOEXEC)) == -1)
		rc = errno == ENOENT ? 0 : -1;
	else if (fcntl(fd, F_GETLK, &lock) == 0)
		rc = lock.l_type != F_UNLCK;
	if (fd != -1)
		close(fd);
	buf_free(&name);
	return (rc);
}

/* With the owner and the mode of the database that it replaces: root may do this for the programs' user. */
static int
db_restore_copy(const char *copy, const char *partial, const char *path)
{
	struct stat	st;
	bool		old = stat(path, &st) == 0;
	int		from = open(copy, O_RDONLY | O_CLOEXEC), to = -1, rc = -1;

	unlink(partial);	/* left behind by one that was interrupted */
	if (from != -1 && (to = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) != -1 &&
	    fchmod(to, old ? st.st_mode & 0777 : FILE_MODE) == 0 &&
	    (!old || (st.st_uid == geteuid() && st.st_gid == getegid()) || fchown(to, st.st_uid, st.st_gid) == 0) &&
	    db_restore_bytes(from, to) == 0 && fsync(to) == 0)
		rc = 0;
	if (from != -1)
		close(from);
	if (to != -1)
		close(to);
	return (rc);
}

static int
db_restore_bytes(int from, int to)
{
	char	chunk[CHUNK];
	ssize_t	n, written;

	while ((n = read(from, chunk, sizeof(chunk))) > 0) {
		for (ssize_t at = 0; at < n; at += written) {
			if ((written = write(to, chunk + at, (size_t)(n - at))) == -1)
				return (-1);
		}
	}
	return (n == 0 ? 0 : -1);
}

/* Sound, ours, of this program's version, and the beginning of a history of its own. */
static int
db_restore_renew(const char *partial, char *error_r, size_t error_size)
{
	struct db_options	 options = { .path = partial, .full_sync = true, .create = true };
	struct db		*db = db_open(&options, error_r, error_size);
	int			 rc = -1;

	if (db == NULL)
		return (-1);
	if (db_version(db) < 1)
		snprintf(error_r, error_size, "the copy is no database of Unio");
	else if (db_check(db, error_r, error_size) == 0 && db_migrate(db, error_r, error_size) == 0) {
		if (db_exec(db, sql_epoch) == 1)
			rc = 0;
		else
			snprintf(error_r, error_size, "cannot renew the epoch: %s", db_error_text(db));
	}
	db_close(&db);
	return (rc);
}

/* The old one steps aside with what its log holds; the new one comes last, whole or not at all. */
static int
db_restore_replace(const char *partial, const char *path)
{
	struct buf	old = { 0 }, directory = { 0 };
	int		fd = -1, rc = -1;

	buf_addf(&old, "%s" DB_RESTORE_OLD, path);
	buf_adds(&directory, path);
	if (db_restore_move(path, old.data, "") == 0 && db_restore_move(path, old.data, "-wal") == 0 &&
	    db_restore_move(path, old.data, "-shm") == 0 && rename(partial, path) == 0 &&
	    (fd = open(dirname(directory.data), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) != -1 && fsync(fd) == 0)
		rc = 0;
	if (fd != -1)
		close(fd);
	buf_free(&old);
	buf_free(&directory);
	return (rc);
}

/* One of a database's files, and nothing of a database that stood there before. */
static int
db_restore_move(const char *from, const char *to, const char *suffix)
{
	struct buf	source = { 0 }, target = { 0 };
	int		rc;

	buf_addf(&source, "%s%s", from, suffix);
	buf_addf(&target, "%s%s", to, suffix);
	rc = rename(source.data, target.data);
	if (rc == -1 && errno == ENOENT)
		rc = unlink(target.data) == 0 || errno == ENOENT ? 0 : -1;
	buf_free(&source);
	buf_free(&target);
	return (rc);
}
