#include <stdlib.h>

#include <ev.h>

#include "log.h"
#include "loop.h"
#include "mem.h"

struct loop_signal {
	struct ev_signal	 watcher;
	struct loop_signal	*next;
	loop_call		*call;
	void			*arg;
};

struct loop {
	struct ev_loop		*ev;
	struct ev_prepare	 turn;
	loop_call		*turn_call;
	void			*turn_arg;
	struct ev_check		 wake;
	loop_call		*wake_call;
	void			*wake_arg;
	struct loop_signal	*signals;
};

struct loop_io {
	struct ev_io	 watcher;
	struct loop	*loop;
	loop_io_call	*call;
	void		*arg;
};

struct loop_timer {
	struct ev_timer	 watcher;
	struct loop	*loop;
	loop_call	*call;
	void		*arg;
};

static void	on_turn(struct ev_loop *, struct ev_prepare *, int);
static void	on_wake(struct ev_loop *, struct ev_check *, int);
static void	on_signal(struct ev_loop *, struct ev_signal *, int);
static void	on_io(struct ev_loop *, struct ev_io *, int);
static void	on_timer(struct ev_loop *, struct ev_timer *, int);

struct loop *
loop_new(void)
{
	struct loop *loop = mem_calloc(1, sizeof(*loop));

	loop->ev = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	if (loop->ev == NULL)
		log_fatal("the event loop cannot be made");
	ev_prepare_init(&loop->turn, on_turn);
	loop->turn.data = loop;
	ev_check_init(&loop->wake, on_wake);
	ev_set_priority(&loop->wake, EV_MAXPRI);
	loop->wake.data = loop;
	return loop;
}

void
loop_free(struct loop **loopp)
{
	struct loop		*loop = *loopp;
	struct loop_signal	*sig;

	*loopp = NULL;
	if (loop == NULL)
		return;
	ev_prepare_stop(loop->ev, &loop->turn);
	ev_check_stop(loop->ev, &loop->wake);
	while ((sig = loop->signals) != NULL) {
		loop->signals = sig->next;
		ev_signal_stop(loop->ev, &sig->watcher);
		free(sig);
	}
	ev_loop_destroy(loop->ev);
	free(loop);
}

void *
loop_native(struct loop *loop)
{
	return loop->ev;
}

void
loop_run(struct loop *loop)
{
	ev_run(loop->ev, 0);
}

void
loop_stop(struct loop *loop)
{
	ev_break(loop->ev, EVBREAK_ALL);
}

void
loop_run_once(struct loop *loop)
{
	ev_run(loop->ev, EVRUN_NOWAIT);
}

void
loop_on_turn(struct loop *loop, loop_call *call, void *arg)
{
	ev_prepare_stop(loop->ev, &loop->turn);
	loop->turn_call = call;
	loop->turn_arg = arg;
	if (call != NULL)
		ev_prepare_start(loop->ev, &loop->turn);
}

void
loop_on_wake(struct loop *loop, loop_call *call, void *arg)
{
	ev_check_stop(loop->ev, &loop->wake);
	loop->wake_call = call;
	loop->wake_arg = arg;
	if (call != NULL)
		ev_check_start(loop->ev, &loop->wake);
}

void
loop_on_signal(struct loop *loop, int signum, loop_call *call, void *arg)
{
	struct loop_signal *sig = mem_calloc(1, sizeof(*sig));

	sig->call = call;
	sig->arg = arg;
	sig->next = loop->signals;
	loop->signals = sig;
	ev_signal_init(&sig->watcher, on_signal, signum);
	sig->watcher.data = sig;
	ev_signal_start(loop->ev, &sig->watcher);
}

struct loop_io *
loop_io_new(struct loop *loop, int fd, int events, loop_io_call *call, void *arg)
{
	struct loop_io *io = mem_calloc(1, sizeof(*io));

	io->loop = loop;
	io->call = call;
	io->arg = arg;
	ev_io_init(&io->watcher, on_io, fd, 0);
	io->watcher.data = io;
	loop_io_want(io, events);
	return io;
}

void
loop_io_want(struct loop_io *io, int events)
{
	int ev = ((events & LOOP_READ) != 0 ? EV_READ : 0) | ((events & LOOP_WRITE) != 0 ? EV_WRITE : 0);

	ev_io_stop(io->loop->ev, &io->watcher);
	ev_io_set(&io->watcher, io->watcher.fd, ev);
	if (ev != 0)
		ev_io_start(io->loop->ev, &io->watcher);
}

void
loop_io_free(struct loop_io **iop)
{
	struct loop_io *io = *iop;

	*iop = NULL;
	if (io == NULL)
		return;
	ev_io_stop(io->loop->ev, &io->watcher);
	free(io);
}

struct loop_timer *
loop_timer_new(struct loop *loop, loop_call *call, void *arg)
{
	struct loop_timer *timer = mem_calloc(1, sizeof(*timer));

	timer->loop = loop;
	timer->call = call;
	timer->arg = arg;
	ev_timer_init(&timer->watcher, on_timer, 0., 0.);
	timer->watcher.data = timer;
	return timer;
}

void
loop_timer_set(struct loop_timer *timer, int64_t after_us, int64_t repeat_us)
{
	ev_timer_stop(timer->loop->ev, &timer->watcher);
	ev_timer_set(&timer->watcher, (double)after_us / US_PER_S, (double)repeat_us / US_PER_S);
	ev_timer_start(timer->loop->ev, &timer->watcher);
}

void
loop_timer_free(struct loop_timer **timerp)
{
	struct loop_timer *timer = *timerp;

	*timerp = NULL;
	if (timer == NULL)
		return;
	ev_timer_stop(timer->loop->ev, &timer->watcher);
	free(timer);
}

static void
on_turn(struct ev_loop *ev, struct ev_prepare *watcher, int revents)
{
	const struct loop *loop = watcher->data;

	(void)ev;
	(void)revents;
	loop->turn_call(loop->turn_arg);
}

static void
on_wake(struct ev_loop *ev, struct ev_check *watcher, int revents)
{
	const struct loop *loop = watcher->data;

	(void)ev;
	(void)revents;
	loop->wake_call(loop->wake_arg);
}

static void
on_signal(struct ev_loop *ev, struct ev_signal *watcher, int revents)
{
	const struct loop_signal *sig = watcher->data;

	(void)ev;
	(void)revents;
	sig->call(sig->arg);
}

static void
on_io(struct ev_loop *ev, struct ev_io *watcher, int revents)
{
	const struct loop_io *io = watcher->data;

	(void)ev;
	io->call(io->arg, ((revents & EV_READ) != 0 ? LOOP_READ : 0) | ((revents & EV_WRITE) != 0 ? LOOP_WRITE : 0));
}

static void
on_timer(struct ev_loop *ev, struct ev_timer *watcher, int revents)
{
	const struct loop_timer *timer = watcher->data;

	(void)ev;
	(void)revents;
	timer->call(timer->arg);
}
