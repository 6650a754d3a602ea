/*
 * task.h: what the database threads do for each kind of job, and what is done once
 * at the daemon's start.
 *
 * One struct task is one database connection with what goes with it; one thread
 * uses it.
 */
#ifndef UNIO_TASK_H
#define UNIO_TASK_H

#include "conf.h"
#include "db.h"
#include "job.h"
#include "shard.h"
#include "token.h"

struct task {
	struct db			*db;
	struct token_ring		*ring;		/* NULL: it is asked about no token */
	struct event_bound		 out_bound;	/* of a connection's output queue */
	struct shard			 shard;
};

/* NULL with a sentence in error_r.  Migrates the database if it is new or old.  The ring is the task's in any case. */
struct task	*task_open(const struct conf *conf, struct token_ring *ring, char *error_r, size_t error_size);
void		 task_close(struct task **task);
/*
 * Answers the jobs, in order and in one transaction: all of them have the same
 * result, which is also returned.  Two and more must be of a kind that batches.
 */
enum job_result	 task_run(struct task *task, const struct job_queue *batch);

/* What the daemon must know before its first event: one snapshot. */
struct task_start {
	const char	*epoch;
	int64_t		 event_id;	/* the highest */
	int64_t		 alive_us;	/* when a former daemon was last known to be alive; 0: there was none */
	struct call	*calls;		/* active, those of other daemons' meetings among them */
	size_t		 call_count;
};

/*
 * Takes the lease, closes the attendance in its meetings that a former process left open (at the time
 * it was last known to be alive), and takes the snapshot; 0/-1.
 */
NODISCARD int	 task_start(struct task *task, struct arena *arena, int64_t now_us, struct task_start *start_r);

#endif
