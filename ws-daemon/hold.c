#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hold.h"

static bool	lock(int fd, int bucket, struct flock *other_r);
static void	explain(const struct shard *shard, const struct flock *other, char *error_r, size_t error_size);

int
hold_take(const char *database, const struct shard *shard, char *error_r, size_t error_size)
{
	struct flock other;
	struct buf path = { 0 };
	int fd;

	buf_addf(&path, "%s-daemons", database);
	fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
	if (fd == -1)
		snprintf(error_r, error_size, "%s: %s", path.data, strerror(errno));
	buf_free(&path);
	for (int bucket = 0; fd != -1 && bucket < SHARD_BUCKETS; bucket++)
		if (shard_owns(shard, bucket) && !lock(fd, bucket, &other)) {
			explain(shard, &other, error_r, error_size);
			close(fd);
			fd = -1;
		}
	return fd;
}

/* false with the process that has it, or none if it cannot be told. */
static bool
lock(int fd, int bucket, struct flock *other_r)
{
	struct flock wanted = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = bucket, .l_len = 1 };

	if (fcntl(fd, F_SETLK, &wanted) == 0)
		return true;
	*other_r = wanted;
	if ((errno != EAGAIN && errno != EACCES) || fcntl(fd, F_GETLK, other_r) == -1)
		other_r->l_pid = 0;
	return false;
}

static void
explain(const struct shard *shard, const struct flock *other, char *error_r, size_t error_size)
{
	int own = MAX(shard->own, 1), daemons = MAX(shard->daemons, 1);

	if (other->l_pid > 0)
		snprintf(error_r, error_size, "process %ld serves meetings of daemon %d of %d already; "
		    "after a change of daemons all of them must be stopped before the first starts",
		    (long)other->l_pid, own, daemons);
	else
		snprintf(error_r, error_size, "the meetings of daemon %d of %d cannot be locked", own, daemons);
}
