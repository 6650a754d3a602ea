#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "clock.h"
#include "deadline.h"
#include "mem.h"

#define NOBODY	(-1)

/* The handler runs in the midst of the rest, in the same thread: each field is stored whole, and fd last. */
struct deadline {
	timer_t		 timer;
	int64_t		 timeout_us;
	_Atomic bool	 set;		/* the timer will strike */
	_Atomic int64_t	 at_us;		/* when fd's time is up */
	_Atomic int	 how;
	_Atomic int	 fd;
};

static void	strike(int signo, siginfo_t *info, void *context);
static void	set_timer(struct deadline *deadline, int64_t after_us);

struct deadline *
deadline_new(int64_t timeout_us)
{
	struct sigaction action = { .sa_sigaction = strike, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct deadline *deadline = mem_calloc(1, sizeof(*deadline));
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGALRM,
		.sigev_value.sival_ptr = deadline,
	};
	sigset_t alarm;

	deadline->timeout_us = timeout_us;
	deadline->fd = NOBODY;
	if (sigaction(SIGALRM, &action, NULL) != 0 || timer_create(CLOCK_MONOTONIC, &event, &deadline->timer) != 0) {
		free(deadline);
		return NULL;
	}
	/* whoever started us may have had it blocked, and what is blocked stays so across exec(3) */
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm, NULL);
	return deadline;
}

void
deadline_free(struct deadline **deadline)
{
	if (*deadline == NULL)
		return;
	timer_delete((*deadline)->timer);
	free(*deadline);
	*deadline = NULL;
}

void
deadline_begin(struct deadline *deadline, int fd, int how)
{
	deadline->how = how;
	deadline->at_us = clock_mono_us() + deadline->timeout_us;
	deadline->fd = fd;
	if (!deadline->set)
		set_timer(deadline, deadline->timeout_us);
}

void
deadline_end(struct deadline *deadline)
{
	deadline->fd = NOBODY;
}

/* Calls nothing that a handler may not (POSIX 2.4.3). */
static void
strike(int signo, siginfo_t *info, void *context)
{
	struct deadline *deadline = info->si_value.sival_ptr;
	int saved_errno = errno;
	int64_t left_us;

	(void)signo;
	(void)context;
	if (info->si_code != SI_TIMER)
		return;		/* somebody else's kill(2) */
	deadline->set = false;
	left_us = deadline->at_us - clock_mono_us();
	if (deadline->fd != NOBODY && left_us > 0)
		set_timer(deadline, left_us);
	else if (deadline->fd != NOBODY)
		shutdown(deadline->fd, deadline->how);
	errno = saved_errno;
}

static void
set_timer(struct deadline *deadline, int64_t after_us)
{
	struct itimerspec timer = { .it_value = { after_us / US_PER_S, after_us % US_PER_S * 1000 } };

	deadline->set = true;
	timer_settime(deadline->timer, 0, &timer, NULL);
}
