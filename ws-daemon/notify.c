#include <stdlib.h>

#include "bounds.h"
#include "bus.h"
#include "clock.h"
#include "inbox.h"
#include "log.h"
#include "mem.h"
#include "notify.h"
#include "store_call.h"
#include "str.h"
#include "task.h"
#include "worker.h"

struct notify {
	struct loop		*loop;
	struct hub		*hub;
	struct inbox		*inbox;
	struct worker		*reader;
	struct worker		*writer;
	struct bus		*bus;		/* NULL: the poll alone */
	struct loop_io		*inbox_io;
	struct loop_io		*bus_io;
	struct loop_timer	*poll;
	struct loop_timer	*lease;
	struct loop_timer	*tidy;
	int64_t			 started_us;	/* wall */
	int64_t			 polled_us;
	int64_t			 refused_us;	/* when it was last said that a queue is full */
	int64_t			 refused;	/* jobs since then */
	bool			 polling;	/* a reading of events is under way */
	bool			 again;		/* and another is wanted after it */
	bool			 failing;	/* the last reading failed: not so often, and not so many lines */
};

static bool	begin(struct notify *, struct task *);
static void	open_bus(struct notify *);
static void	watch_call(struct hub *, const struct call *, int64_t);
static void	start_timers(struct notify *);
static void	submit(struct notify *, struct worker *, int, struct job_queue *);
static void	say_full(struct notify *, const struct job *);
static void	on_inbox(void *, int);
static void	on_bus(void *, int);
static void	on_poll(void *);
static void	on_lease(void *);
static void	on_tidy(void *);
static void	read_events(struct notify *);
static void	take_answer(struct notify *, struct job *);
static void	set_clock(struct notify *);

struct notify *
notify_new(struct loop *loop, struct hub *hub, struct token_ring *ring, char *error_r,
    size_t error_size)
{
	struct notify	*notify = mem_calloc(1, sizeof(*notify));
	struct task	*reader, *writer = NULL;

	notify->loop = loop;
	notify->hub = hub;
	reader = task_open(hub->conf, ring, error_r, error_size);
	if (reader != NULL)
		writer = task_open(hub->conf, NULL, error_r, error_size);
	if (writer != NULL)
		writer->shard = hub->shard;
	if (writer != NULL && !begin(notify, writer)) {
		str_copy(error_r, error_size, db_error_text(writer->db));
		task_close(&writer);
	}
	if (writer == NULL) {
		task_close(&reader);
		free(notify);
		return NULL;
	}
	notify->inbox = inbox_new();
	notify->reader = worker_start(reader, notify->inbox);
	notify->writer = worker_start(writer, notify->inbox);
	notify->inbox_io = loop_io_new(loop, inbox_fd(notify->inbox), LOOP_READ, on_inbox, notify);
	open_bus(notify);
	notify->poll = loop_timer_new(loop, on_poll, notify);
	notify->lease = loop_timer_new(loop, on_lease, notify);
	notify->tidy = loop_timer_new(loop, on_tidy, notify);
	start_timers(notify);
	return notify;
}

/* The events of the past are not delivered; the calls that go on are watched. */
static bool
begin(struct notify *notify, struct task *task)
{
	struct arena		*arena = arena_new();
	struct task_start	 start;
	const struct call	*call;
	bool			 ok = false;

	notify->started_us = clock_wall_us();
	if (task_start(task, arena, notify->started_us, &start) == 0) {
		hub_start(notify->hub, start.epoch, start.event_id);
		for (call = start.calls; call < start.calls + start.call_count; call++)
			if (shard_owns(&notify->hub->shard, call->meeting_id))
				watch_call(notify->hub, call, start.alive_us);
		ok = true;
	}
	arena_free(&arena);
	return ok;
}

/* One that began later than a living daemon would have renewed its lease began while there was none. */
static void
watch_call(struct hub *hub, const struct call *call, int64_t alive_us)
{
	if (call->started_at > alive_us + hub->conf->lease_interval)
		calls_started(hub, call->meeting_id, call->id, call->started_at);
	else
		calls_survived(hub, call->meeting_id, call->id, call->started_at, alive_us);
}

static void
open_bus(struct notify *notify)
{
	char error[256];

	notify->bus = bus_receiver_open(notify->hub->conf->wake_endpoint, error, sizeof(error));
	if (notify->bus == NULL) {
		log_warn("no_wake_up", LOG_TEXT("error", error));
		return;
	}
	notify->bus_io = loop_io_new(notify->loop, bus_fd(notify->bus), LOOP_READ, on_bus, notify);
	(void)bus_drain(notify->bus);
}

void
notify_reload(struct notify *notify, struct token_ring *ring)
{
	struct job *job = job_new(JOB_KEYS);

	job->keys.ring = ring;
	job_push(&notify->hub->jobs, job);
	start_timers(notify);
}

static void
start_timers(struct notify *notify)
{
	const struct conf *conf = notify->hub->conf;

	loop_timer_set(notify->poll, conf->event_poll_interval, conf->event_poll_interval);
	loop_timer_set(notify->lease, conf->lease_interval, conf->lease_interval);
	loop_timer_set(notify->tidy, BOUND_TIDY_FIRST_US, BOUND_TIDY_US);
}

void
notify_carry(struct notify *notify)
{
	struct job_queue	 reads, writes;
	struct job		*job;
	int64_t			 now_us;

	/* who is refused may leave something to be written */
	while (notify->hub->jobs.count > 0) {
		now_us = clock_mono_us();
		reads = writes = (struct job_queue){ .count = 0 };
		while ((job = hub_next_job(notify->hub)) != NULL) {
			job->asked_us = now_us;
			job_push(job_writes(job) ? &writes : &reads, job);
		}
		submit(notify, notify->reader, TALLY_READER, &reads);
		submit(notify, notify->writer, TALLY_WRITER, &writes);
	}
}

static void
submit(struct notify *notify, struct worker *worker, int thread, struct job_queue *jobs)
{
	struct tally	*tally = &notify->hub->tally;
	size_t		 n = jobs->count;
	struct job	*job;

	worker_submit(worker, jobs);
	metric_add(&tally->waiting[thread], (int64_t)(n - jobs->count));
	while ((job = job_pop(jobs)) != NULL) {
		tally_answered(tally, job, job->asked_us, true);
		say_full(notify, job);
		job->result = JOB_BUSY;
		job_refuse(job);
		take_answer(notify, job);
	}
}

/* Once a second: what fills the queue would otherwise fill the log as well. */
static void
say_full(struct notify *notify, const struct job *job)
{
	int64_t now_us = clock_mono_us();

	notify->refused++;
	if (now_us - notify->refused_us < US_PER_S)
		return;
	log_error("database_queue_full", LOG_TEXT("job", job_name(job)), LOG_INT("jobs", notify->refused));
	notify->refused_us = now_us;
	notify->refused = 0;
}

void
notify_free(struct notify **notifyp)
{
	struct notify *notify = *notifyp;

	*notifyp = NULL;
	if (notify == NULL)
		return;
	on_lease(notify);	/* alive until now */
	notify_carry(notify);
	loop_timer_free(&notify->poll);
	loop_timer_free(&notify->lease);
	loop_timer_free(&notify->tidy);
	loop_io_free(&notify->bus_io);
	loop_io_free(&notify->inbox_io);
	worker_stop(&notify->reader);
	worker_stop(&notify->writer);
	inbox_free(&notify->inbox);
	bus_close(&notify->bus);
	free(notify);
}

static void
on_inbox(void *arg, int events)
{
	struct notify		*notify = arg;
	struct job_queue	 queue = inbox_take(notify->inbox);
	struct job		*job;

	(void)events;
	set_clock(notify);
	while ((job = job_pop(&queue)) != NULL) {
		tally_answered(&notify->hub->tally, job, notify->hub->now_us, false);
		take_answer(notify, job);
	}
}

static void
take_answer(struct notify *notify, struct job *job)
{
	bool more = false, ended = job->type == JOB_CALL_END;

	if (job->type == JOB_TIDY && job->result == JOB_DONE && job->tidy.more)
		loop_timer_set(notify->tidy, PURGE_PAUSE_US, BOUND_TIDY_US);
	if (job->type == JOB_EVENTS) {
		notify->polling = false;
		notify->failing = job->result != JOB_DONE;
		/* a page that was cut for its bytes goes on with the next poll: its readers need time to read */
		more = !notify->failing && (notify->again || job->events.page.count == BOUND_EVENTS);
	}
	hub_answer(notify->hub, job);
	if (more || ended)
		read_events(notify);
}

static void
on_bus(void *arg, int events)
{
	struct notify *notify = arg;

	(void)events;
	if (!bus_drain(notify->bus))
		return;
	notify->hub->wakes++;
	read_events(notify);
}

/* With nobody there, events only move the timers of calls: a slow look is enough.  So it is while nothing works. */
static void
on_poll(void *arg)
{
	struct notify	*notify = arg;
	int64_t		 now_us = clock_mono_us();

	if ((notify->hub->sessions > 0 && !notify->failing) || now_us - notify->polled_us >= BOUND_IDLE_POLL_US)
		read_events(notify);
}

static void
read_events(struct notify *notify)
{
	struct job *job;

	notify->again = notify->polling;
	if (notify->polling)
		return;
	notify->polling = true;
	notify->polled_us = clock_mono_us();
	job = job_new(JOB_EVENTS);
	job->events.after_id = notify->hub->event_id;
	job_push(&notify->hub->jobs, job);
}

static void
on_lease(void *arg)
{
	struct notify	*notify = arg;
	struct job	*job = job_new(JOB_LEASE);

	job->lease.started_us = notify->started_us;
	job->lease.now_us = clock_wall_us();
	job_push(&notify->hub->jobs, job);
}

static void
on_tidy(void *arg)
{
	struct notify	*notify = arg;
	struct job	*job = job_new(JOB_TIDY);

	purge_plan(&job->tidy, notify->hub->conf, clock_wall_us());
	job_push(&notify->hub->jobs, job);
}

static void
set_clock(struct notify *notify)
{
	hub_clock(notify->hub, clock_mono_us(), clock_wall_us());
}
