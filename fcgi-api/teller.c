#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "log.h"
#include "scrape_at.h"
#include "teller.h"

struct teller {
	const struct conf	*conf;
	const struct tally	*tally;
	pid_t			 master;
};

static void	tell(void *arg, struct buf *out);
static bool	is_over(int signal_fd);

int
teller_run(const struct conf *conf, const struct tally *tally)
{
	struct teller teller = { .conf = conf, .tally = tally, .master = getppid() };
	struct scrape_at *at = scrape_at_new("api_metrics", tell, &teller);
	struct pollfd watch[] = { { .fd = -1, .events = POLLIN }, { .fd = -1, .events = POLLIN } };
	sigset_t set;

	scrape_at_move(at, conf->api_metrics);
	if (scrape_at_fd(at) == -1) {
		scrape_at_free(&at);
		return 1;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	watch[0].fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	watch[1].fd = scrape_at_fd(at);
	while (!is_over(watch[0].fd))
		if (poll(watch, COUNTOF(watch), -1) > 0 && watch[1].revents != 0)
			scrape_at_turn(at);
	scrape_at_free(&at);
	close(watch[0].fd);
	return 0;
}

static void
tell(void *arg, struct buf *out)
{
	const struct teller *teller = arg;

	tally_write(teller->tally, teller->conf, teller->master, out);
}

/* USR1 is for all processes: here it changes the log's level as well. */
static bool
is_over(int signal_fd)
{
	struct signalfd_siginfo info;

	while (read(signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGUSR1)
			return true;
		log_cycle_level();
	}
	return false;
}
