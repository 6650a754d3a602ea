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

static void		worker_signals(sigset_t *set_r);
static bool		watch(int epoll_fd, int fd, uint32_t events);
static enum worker_end	serve(struct service *service, struct fcgi *fcgi, int epoll_fd, int signal_fd);
static void		answer(struct service *service, struct fcgi *fcgi, struct request *request, struct buf *out);
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
	struct fcgi *fcgi;
	sigset_t set;
	int signal_fd, epoll_fd;

	if (service_open(&service, conf, rate, lane) != 0)
		return WORKER_FAILED;
	service.tally = tally;
	(void)service_bus(&service);	/* it connects before there is something to tell */
	worker_signals(&set);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	fcgi = fcgi_open(listen_fd, conf->request_timeout);
	if (fcgi != NULL && watch(epoll_fd, signal_fd, EPOLLIN) &&
	    watch(epoll_fd, listen_fd, EPOLLIN | EPOLLEXCLUSIVE))
		end = serve(&service, fcgi, epoll_fd, signal_fd);
	else
		log_error("start", LOG_ERRNO());
	fcgi_close(&fcgi);
	if (epoll_fd >= 0)
		close(epoll_fd);
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

/* A connection that this worker alone was woken for is taken even if it shall end: nobody else might hear of it. */
static enum worker_end
serve(struct service *service, struct fcgi *fcgi, int epoll_fd, int signal_fd)
{
	enum worker_end end = WORKER_STOP;
	int64_t alive_at_us = 0;
	struct request request = { 0 };
	struct buf out = { 0 };
	bool ending = false;

	while (!ending) {
		struct epoll_event event[2];
		int n = epoll_wait(epoll_fd, event, COUNTOF(event), say_alive(&alive_at_us));

		for (int i = 0; i < n; i++)
			if (event[i].data.fd == signal_fd)
				ending = take_signal(signal_fd, &end);
			else
				answer(service, fcgi, &request, &out);
	}
	buf_free(&request.body);
	buf_free(&out);
	return end;
}

static void
answer(struct service *service, struct fcgi *fcgi, struct request *request, struct buf *out)
{
	tally_busy(service->tally, true);
	if (fcgi_accept(fcgi, request)) {
		service_answer(service, request, out);
		fcgi_reply(fcgi, out);
		buf_reset(out, SERVICE_BUFFER);
	}
	tally_busy(service->tally, false);
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
