/*
 * job.h: a question for a database thread, and its answer.
 *
 * The core makes a job and puts it into the hub's queue; the edge carries it to its
 * thread (worker.h), where task.c answers it, and brings it back to the core
 * (notify.h).  A job belongs to whoever holds it at the moment: core, thread, core.
 * What an answer points to lives in the job's arena.
 */
#ifndef UNIO_JOB_H
#define UNIO_JOB_H

#include "access.h"
#include "digest.h"
#include "event.h"
#include "identity.h"
#include "mem.h"
#include "purge.h"
#include "token.h"

enum job_type {
	/* for the reader */
	JOB_ACCESS,		/* may this user enter, and what is the picture? */
	JOB_RESUME,		/* may this session still be there? */
	JOB_EVENTS,		/* what happened after event N? */
	JOB_KEYS,		/* no question: tokens are signed with these from now on */
	/* for the writer */
	JOB_ADMIT,		/* whose is this token of an identity provider's?  Perhaps an account is made. */
	JOB_TICKET,		/* whose ticket is this?  It is used up. */
	JOB_ATTEND,
	JOB_UNATTEND,
	JOB_CALL_END,
	JOB_LEASE,
	JOB_TIDY,
	JOB_TYPES
};

enum job_result { JOB_DONE, JOB_BUSY, JOB_FAILED };

struct job_access {
	uint64_t	 conn_id;
	int64_t		 meeting_id;
	char		*token;			/* mem; wiped with the job.  NULL: user and login are known */
	int64_t		 user_id;
	int64_t		 login_id;
	int64_t		 last_event_id;		/* -1: not named */
	const char	*epoch;			/* arena; "": not named */
	/* the answer */
	int		 refusal;		/* a close code; 0: granted, and the rest is one snapshot */
	struct access	 access;
	int64_t		 call_id;		/* 0: no call is active */
	int64_t		 call_started_us;
	const struct provider_claims *stranger;	/* good, but without a login session so far; the rest is empty then */
	int64_t		 event_id;		/* newest of the meeting */
	int64_t		 highest_id;		/* newest of all */
	struct event	*missed;		/* after last_event_id, in order */
	bool		 truncated;
};

struct job_admit {
	uint64_t		 conn_id;
	struct provider_claims	 claims;	/* arena */
	struct identity_rules	 rules;
	const char		*address;	/* arena; as log_addresses shows it */
	/* the answer */
	int			 refusal;	/* a close code; 0: it is somebody */
	struct identity		 identity;
};

struct job_ticket {
	uint64_t	 conn_id;
	int64_t		 meeting_id;
	char		*text;			/* mem; wiped with the job */
	/* the answer */
	int		 refusal;		/* a close code; 0: it was good */
	int64_t		 user_id;
	int64_t		 login_id;
};

struct job_resume {
	uint64_t	 conn_id;
	unsigned char	 digest[DIGEST_SHA256_BYTES];	/* of the resume token */
	int64_t		 meeting_id;
	int64_t		 user_id;
	int64_t		 login_id;
	/* the answer */
	int		 refusal;		/* a close code; 0: granted */
};

struct job_events {
	int64_t			after_id;
	/* the answer */
	struct event_page	page;
};

struct job_keys {
	struct token_ring	*ring;		/* freed with the job; afterwards the former one */
};

struct job_attend {
	int64_t	call_id;
	int64_t	user_id;
	char	session_id[32];
	int64_t	at_us;
};

struct job_call_end {
	int64_t		 meeting_id;
	int64_t		 call_id;
	const char	*reason;	/* static */
	int64_t		 at_us;
};

struct job_lease {
	int64_t	started_us;
	int64_t	now_us;
};

struct job {
	enum job_type	 type;
	enum job_result	 result;
	int64_t		 asked_us;	/* when it was handed to its thread */
	struct job	*next;
	struct arena	*arena;
	union {
		struct job_access	access;
		struct job_admit	admit;
		struct job_ticket	ticket;
		struct job_resume	resume;
		struct job_events	events;
		struct job_keys		keys;
		struct job_attend	attend;
		struct job_call_end	call_end;
		struct job_lease	lease;
		struct purge		tidy;
	};
};

/* First in, first out.  A zeroed struct is empty. */
struct job_queue {
	struct job	*first;
	struct job	*last;
	size_t		 count;
};

struct job	*job_new(enum job_type type);
void		 job_free(struct job **job);
/* Goes to the writer; else to the reader. */
bool		 job_writes(const struct job *job);
/* A change that nobody would ask for again: while the database is busy it is tried again. */
bool		 job_persists(const struct job *job);
/* The second may share the first one's transaction. */
bool		 job_batches(const struct job *first, const struct job *second);
/* It could not be asked: the client that waits for it is refused. */
void		 job_refuse(struct job *job);
const char	*job_name(const struct job *job);
const char	*job_type_name(enum job_type type);

void		 job_push(struct job_queue *queue, struct job *job);
/* NULL if empty. */
struct job	*job_pop(struct job_queue *queue);
/* The first n, or all that there are, from one queue to the end of the other. */
void		 job_move(struct job_queue *to, struct job_queue *from, size_t n);

#endif
