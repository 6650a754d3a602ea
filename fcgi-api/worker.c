#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "fcgi.h"
#include "log.h"
#include "ready.h"
#include "service.h"
#include "worker.h"

#define IN_A_ROW	16	/* requests until signals and connections that wait are looked at */
#define GRACE_US	(500 * US_PER_MS)	/* when the worker ends, for requests of which a part has come */

/* Where requests are answered. */
struct desk {
	struct service	*service;
	struct fcgi	*fcgi;
	int		 epoll_fd;
	size_t		 seats;		/* requests that it takes at a time */
	struct request	 request[FCGI_SEATS];
	struct buf	 out[FCGI_SEATS];
};

static void		worker_signals(sigset_t *set_r);
static bool		watch(int epoll_fd, int fd, uint32_t events);
static void		give_way(void);
static enum worker_end	serve(struct desk *desk, int listen_fd, int signal_fd);
static void		take(struct desk *desk);
static void		finish(struct desk *desk, int listen_fd, int signal_fd);
static void		answer(struct desk *desk);
static void		reply(struct desk *desk, size_t first, size_t end);
static int		sooner(int a, int b);
static int		say_alive(int64_t *next_us);
static bool		take_signal(int signal_fd, enum worker_end *end_r);

void
worker_block_signals(void)
{
	sigset_t set;

	worker_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void
worker_signals(sigset_t *set_r)
{
	sigemptyset(set_r);
	sigaddset(set_r, SIGTERM);
	sigaddset(set_r, SIGINT);
	sigaddset(set_r, SIGHUP);
	sigaddset(set_r, SIGUSR1);
}

/* Of the workers that wait, the kernel wakes one for each connection: always the first, whose caches are warm. */
enum worker_end
worker_run(const struct conf *conf, struct rate *rate, struct lane *lane, struct tally_worker *tally, int listen_fd)
{
	enum worker_end end = WORKER_FAILED;
	struct service service;
	struct desk desk = { .service = &service, .seats = FCGI_SEATS };
	sigset_t set;
	int signal_fd;

	if (service_open(&service, conf, rate, lane) != 0)
		return WORKER_FAILED;
	give_way();
	service.tally = tally;
	(void)service_bus(&service);	/* it connects before there is something to tell */
	worker_signals(&set);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	desk.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	desk.fcgi = fcgi_open(listen_fd, desk.epoll_fd, conf->request_timeout);
	if (desk.fcgi != NULL && watch(desk.epoll_fd, signal_fd, EPOLLIN) &&
	    watch(desk.epoll_fd, listen_fd, EPOLLIN | EPOLLEXCLUSIVE))
		end = serve(&desk, listen_fd, signal_fd);
	else
		log_error("start", LOG_ERRNO());
	for (size_t i = 0; i < FCGI_SEATS; i++) {
		buf_free(&desk.request[i].body);
		buf_free(&desk.out[i]);
	}
	fcgi_close(&desk.fcgi);
	if (desk.epoll_fd >= 0)
		close(desk.epoll_fd);
	if (signal_fd >= 0)
		close(signal_fd);
	service_close(&service);
	return end;
}

static bool
watch(int epoll_fd, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/*
 * A front server wakes a worker when it connects, before it has sent anything.  One that took the processor from it at
 * once would find nothing, and sleep again; as it is it comes when the front server has sent all that it has.
 */
static void
give_way(void)
{
	if (sched_getscheduler(0) == SCHED_OTHER && sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 }) != 0)
		log_debug("scheduler", LOG_ERRNO());
}

/* A connection that this worker alone was woken for is taken even if it shall end: nobody else might hear of it. */
static enum worker_end
serve(struct desk *desk, int listen_fd, int signal_fd)
{
	enum worker_end end = WORKER_STOP;
	int64_t alive_at_us = 0;
	bool ending = false;

	while (!ending) {
		struct epoll_event event[8];
		int n = epoll_wait(desk->epoll_fd, event, COUNTOF(event),
		    sooner(say_alive(&alive_at_us), fcgi_patience(desk->fcgi)));

		for (int i = 0; i < n; i++)
			if (event[i].data.fd == signal_fd)
				ending = take_signal(signal_fd, &end) || ending;
			else if (event[i].data.fd == listen_fd)
				take(desk);
			else if (fcgi_resume(desk->fcgi, event[i].data.fd, event[i].events, desk->request))
				answer(desk);
		if (fcgi_late(desk->fcgi, desk->request))
			answer(desk);
	}
	finish(desk, listen_fd, signal_fd);
	return end;
}

/* Where there is much to do the next one is there already: it is taken without asking first whether it is. */
static void
take(struct desk *desk)
{
	for (int i = 0; i < IN_A_ROW && fcgi_accept(desk->fcgi, 0, desk->request); i++)
		answer(desk);
}

/* No more connections: but those that were taken and are not whole yet are this worker's alone. */
static void
finish(struct desk *desk, int listen_fd, int signal_fd)
{
	int64_t until_us = clock_mono_us() + GRACE_US, left_us;
	struct epoll_event event;

	desk->seats = 1;
	epoll_ctl(desk->epoll_fd, EPOLL_CTL_DEL, listen_fd, NULL);
	epoll_ctl(desk->epoll_fd, EPOLL_CTL_DEL, signal_fd, NULL);
	while (fcgi_patience(desk->fcgi) != -1 && (left_us = until_us - clock_mono_us()) > 0)
		if (epoll_wait(desk->epoll_fd, &event, 1, (int)(left_us / US_PER_MS) + 1) == 1 &&
		    fcgi_resume(desk->fcgi, event.data.fd, event.events, desk->request))
			answer(desk);
}

/* The request of seat 0; and where others wait to write as well, those that are there to share its commit. */
static void
answer(struct desk *desk)
{
	struct service *service = desk->service;
	size_t n = 1;
	bool joined = true;

	tally_busy(service->tally, true);
	if (service_begin(service, desk->request, desk->out)) {
		while (joined && n < desk->seats && fcgi_accept(desk->fcgi, n, &desk->request[n])) {
			joined = service_join(service, &desk->request[n], &desk->out[n]);
			n++;
		}
		service_commit(service);
	}
	reply(desk, 0, joined ? n : n - 1);
	if (!joined) {
		service_answer(service, &desk->request[n - 1], &desk->out[n - 1]);
		reply(desk, n - 1, n);
	}
	tally_busy(service->tally, false);
}

static void
reply(struct desk *desk, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		fcgi_reply(desk->fcgi, i, &desk->out[i]);
		buf_reset(&desk->out[i], i == 0 ? SERVICE_BUFFER : 0);
	}
}

/* Of two timeouts of epoll_wait(2), -1 being none. */
static int
sooner(int a, int b)
{
	return a >= 0 && (b < 0 || a < b) ? a : b;
}

/* To the service manager, who asks it of a process without a master only; the milliseconds until the next, or -1. */
static int
say_alive(int64_t *next_us)
{
	int64_t interval = ready_interval();
	int64_t now_us;

	if (interval == 0)
		return -1;
	now_us = clock_mono_us();
	if (now_us >= *next_us) {
		*next_us = now_us + interval;
		ready_alive(NULL);
	}
	return (int)((*next_us - now_us) / US_PER_MS + 1);
}

/* True when the loop shall end. */
static bool
take_signal(int signal_fd, enum worker_end *end_r)
{
	struct signalfd_siginfo info;

	if (read(signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return false;
	if (info.ssi_signo == SIGUSR1) {
		log_cycle_level();
		return false;
	}
	*end_r = info.ssi_signo == SIGHUP ? WORKER_RELOAD : WORKER_STOP;
	return true;
}
