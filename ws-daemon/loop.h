/*
 * loop.h: the event loop (the only file that knows libev).
 *
 * Everything in the daemon but the two database threads runs here: descriptors,
 * timers and signals call their function; when the loop has slept the wake function
 * runs first, and before it sleeps the turn function, so that a turn looks at the clock
 * once, and its output is gathered.
 * What *_new() returns is freed by its *_free(); none may outlive the loop.
 */
#ifndef UNIO_LOOP_H
#define UNIO_LOOP_H

#include "base.h"

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop;
struct loop_io;
struct loop_timer;

typedef void loop_call(void *arg);
typedef void loop_io_call(void *arg, int events);

struct loop		*loop_new(void);
void			 loop_free(struct loop **loop);
/* What a library that brings its own watchers needs: the struct ev_loop. */
void			*loop_native(struct loop *loop);
/* Runs until loop_stop(). */
void			 loop_run(struct loop *loop);
void			 loop_stop(struct loop *loop);
/* One turn without sleeping: for what is left after the end. */
void			 loop_run_once(struct loop *loop);

/* The one function that runs before the loop sleeps, and the one that runs when it wakes, before all others. */
void			 loop_on_turn(struct loop *loop, loop_call *call, void *arg);
void			 loop_on_wake(struct loop *loop, loop_call *call, void *arg);
void			 loop_on_signal(struct loop *loop, int signum, loop_call *call, void *arg);

struct loop_io		*loop_io_new(struct loop *loop, int fd, int events, loop_io_call *call, void *arg);
/* Which events are wanted; 0: none for now. */
void			 loop_io_want(struct loop_io *io, int events);
void			 loop_io_free(struct loop_io **io);

/* Not running yet. */
struct loop_timer	*loop_timer_new(struct loop *loop, loop_call *call, void *arg);
/* Fires after that time, and then at every repeat_us, or only once if that is 0. */
void			 loop_timer_set(struct loop_timer *timer, int64_t after_us, int64_t repeat_us);
void			 loop_timer_free(struct loop_timer **timer);

#endif
