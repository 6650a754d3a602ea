#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "fcgi.h"
#include "log.h"
#include "ready.h"
#include "service.h"
#include "worker.h"

static void		worker_signals(sigset_t *set_r);
static enum worker_end	serve(struct service *service, struct fcgi *fcgi, int listen_fd, int signal_fd);
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

enum worker_end
worker_run(const struct conf *conf, struct rate *rate, int listen_fd)
{
	enum worker_end end = WORKER_FAILED;
	struct service service;
	struct fcgi *fcgi;
	sigset_t set;
	int signal_fd;

	if (service_open(&service, conf, rate) != 0)
		return WORKER_FAILED;
	worker_signals(&set);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	fcgi = fcgi_open(listen_fd, conf->request_timeout);
	if (signal_fd >= 0 && fcgi != NULL)
		end = serve(&service, fcgi, listen_fd, signal_fd);
	else
		log_error("start", LOG_ERRNO());
	fcgi_close(&fcgi);
	if (signal_fd >= 0)
		close(signal_fd);
	service_close(&service);
	return end;
}

static enum worker_end
serve(struct service *service, struct fcgi *fcgi, int listen_fd, int signal_fd)
{
	struct pollfd watch[] = {
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = listen_fd, .events = POLLIN },
	};
	enum worker_end end = WORKER_STOP;
	int64_t alive_at_us = 0;
	struct request request = { 0 };
	struct buf out = { 0 };

	while (!take_signal(signal_fd, &end)) {
		if (poll(watch, COUNTOF(watch), say_alive(&alive_at_us)) < 0 || (watch[1].revents & POLLIN) == 0)
			continue;
		if (fcgi_accept(fcgi, &request)) {
			service_answer(service, &request, &out);
			fcgi_reply(fcgi, &out);
			buf_reset(&out, SERVICE_BUFFER);
		}
	}
	buf_free(&request.body);
	buf_free(&out);
	return end;
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
