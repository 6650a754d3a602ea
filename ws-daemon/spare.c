#include <sys/resource.h>

#include <fcntl.h>
#include <unistd.h>

#include "log.h"
#include "spare.h"

#define MARGIN	4	/* free ones at which it is time: a connection of ours, and what others open meanwhile */

static size_t	take(int *, size_t);
static void	give(int *, size_t);
static bool	few_are_left(void);

void
spare_init(struct spare *spare)
{
	size_t n = take(spare->fd, BOUND_SPARE_FDS);

	spare->held = n == BOUND_SPARE_FDS;
	if (!spare->held)
		give(spare->fd, n);
}

/* Taken back only where as many again are free, so that it does not go to and fro. */
bool
spare_check(struct spare *spare)
{
	int	again[BOUND_SPARE_FDS];
	size_t	n;

	if (spare->held && few_are_left()) {
		log_error("out_of_descriptors");
		spare_close(spare);
	} else if (!spare->held) {
		spare_init(spare);
		if (!spare->held)
			return false;
		n = take(again, COUNTOF(again));
		give(again, n);
		if (n < COUNTOF(again))
			spare_close(spare);
		else
			log_info("descriptors_again");
	}
	return spare->held;
}

void
spare_close(struct spare *spare)
{
	if (spare->held)
		give(spare->fd, BOUND_SPARE_FDS);
	spare->held = false;
}

static size_t
take(int *fd, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		fd[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fd[i] == -1)
			break;
	}
	return i;
}

static void
give(int *fd, size_t n)
{
	while (n > 0)
		close(fd[--n]);
}

/* The next one's number tells, since the lowest free one is always taken. */
static bool
few_are_left(void)
{
	struct rlimit	limit;
	int		fd;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return false;
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return true;
	close(fd);
	return (rlim_t)fd + MARGIN >= limit.rlim_cur;
}
