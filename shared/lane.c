#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

#include "clock.h"
#include "lane.h"

struct lane {
	pthread_mutex_t	mutex;
};

static int	make(pthread_mutex_t *mutex);

struct lane *
lane_new(void)
{
	struct lane *lane = mmap(NULL, sizeof(*lane), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (lane == MAP_FAILED)
		return NULL;
	if (make(&lane->mutex) != 0)
		lane_free(&lane);
	return lane;
}

void
lane_free(struct lane **lane)
{
	if (*lane != NULL)
		munmap(*lane, sizeof(**lane));
	*lane = NULL;
}

/*
 * One that inherits priorities the kernel hands to who has waited longest; others go to
 * whoever asks first.  It knows its owner: who is not it unlocks nothing, and who is it
 * does not wait for itself.
 */
static int
make(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t how;
	int error;

	if ((error = pthread_mutexattr_init(&how)) != 0)
		return error;
	if ((error = pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED)) == 0 &&
	    (error = pthread_mutexattr_settype(&how, PTHREAD_MUTEX_ERRORCHECK)) == 0 &&
	    (error = pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST)) == 0 &&
	    (error = pthread_mutexattr_setprotocol(&how, PTHREAD_PRIO_INHERIT)) == 0)
		error = pthread_mutex_init(mutex, &how);
	pthread_mutexattr_destroy(&how);
	return error;
}

/* The clock that such a mutex knows on every kernel: if it is set, somebody is refused too early, or too late. */
int
lane_enter(struct lane *lane, int64_t timeout_us)
{
	int64_t until_us = clock_wall_us() + timeout_us;
	struct timespec until = { until_us / US_PER_S, until_us % US_PER_S * 1000 };
	int error;

	if (lane == NULL)
		return -1;
	error = pthread_mutex_timedlock(&lane->mutex, &until);
	/* its owner has died: what that one was at, SQLite rolls back */
	if (error == EOWNERDEAD)
		error = pthread_mutex_consistent(&lane->mutex);
	return error == 0 ? 1 : error == ETIMEDOUT ? 0 : -1;
}

void
lane_leave(struct lane *lane)
{
	if (lane != NULL)
		pthread_mutex_unlock(&lane->mutex);
}
