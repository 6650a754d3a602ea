/*
 * context.h: what one run of unioctl works with, and the frame around a command:
 * configuration, database, transaction, events, answer.
 *
 * A command writes its answer twice, as text and as JSON; the options pick which is
 * printed.  One context per process, owned by main.  Memory of the arena lives until
 * context_close().
 */
#ifndef UNIO_CONTEXT_H
#define UNIO_CONTEXT_H

#include "audit.h"
#include "base.h"
#include "buf.h"
#include "command.h"
#include "conf.h"
#include "db.h"
#include "emit.h"
#include "event.h"
#include "mem.h"
#include "password.h"
#include "store_meeting.h"
#include "store_user.h"

#define CONTEXT_HASHES	3	/* the demo has three accounts */

struct context {
	const struct args	*args;
	const struct command	*command;
	struct conf		*conf;
	struct db		*db;		/* NULL unless the command needs it */
	struct arena		*arena;
	struct event_list	 events;	/* stored in the command's transaction ... */
	struct audit_list	 audit;		/* ... and who did what */
	struct buf		 text;		/* the answer for people ... */
	struct buf		 json_text;	/* ... and for programs: one is printed, after the commit */
	struct emit		 json;		/* writes into json_text */
	int64_t			 now_us;
	bool			 colour;	/* standard output is a terminal that wants it */
	bool			 answered;	/* the answer is printed even if the command fails */
	char			 hash[CONTEXT_HASHES][PASSWORD_HASH_SIZE];	/* made by prepare */
};

/* OUTCOME_DONE, or another one after a message. */
NODISCARD enum outcome	context_open(struct context *ctx, const struct args *args, const struct command *command);
NODISCARD enum outcome	context_run(struct context *ctx);
void			context_close(struct context *ctx);

/* For a command that needs less: runs something in a transaction that writes, with its events and audit trail. */
NODISCARD enum outcome	context_transact(struct context *ctx, enum outcome (*run)(struct context *));
/* Writes into the audit trail what was done elsewhere than in the database; key NULL: nothing to add. */
void			context_audit(struct context *ctx, enum audit_action action, const char *key,
    const char *value);

/* Prints what there is of the answer, for a command that goes on and on. */
NODISCARD enum outcome	context_print(struct context *ctx);

/* Says on stderr what is wrong and returns outcome, so that a command can return it. */
enum outcome	context_fail(const struct context *ctx, enum outcome outcome, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same about the last database error. */
enum outcome	context_fail_db(const struct context *ctx);
/* A line for a person in the answer, that says what was done; nothing with -q. */
void		context_say(struct context *ctx, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* An operand that must be an id; OUTCOME_USAGE after a message that calls it what. */
NODISCARD enum outcome	context_id(const struct context *ctx, const char *what, const char *text, int64_t *id_r);
/* An option's number from min up, or its default; OUTCOME_USAGE after a message. */
NODISCARD enum outcome	context_number(const struct context *ctx, unsigned option, int64_t min, int64_t preset,
    int64_t *number_r);
/* The time that lies as long back as --older-than says; no option: INT64_MAX.  OUTCOME_USAGE after a message. */
NODISCARD enum outcome	context_before(const struct context *ctx, int64_t *time_us_r);

/* Opens the database (for migrate: create); OUTCOME_DONE, or another one after a message. */
NODISCARD enum outcome	context_open_db(struct context *ctx, bool create);
/* What a look-up by id came to (1/0/-1); OUTCOME_NOT_FOUND after a message that calls it what. */
NODISCARD enum outcome	context_found(const struct context *ctx, int found, const char *what, int64_t id);
/* The account with that e-mail address; OUTCOME_NOT_FOUND after a message. */
NODISCARD enum outcome	context_find_user(struct context *ctx, const char *email, struct user *user_r);
/* The meeting that the first operand names, with its participants or without; OUTCOME_NOT_FOUND after a message. */
NODISCARD enum outcome	context_find_meeting(struct context *ctx, bool participants, struct meeting *meeting_r);
/* The text is UTF-8 of 1 to max characters without controls; OUTCOME_USAGE after a message that calls it what. */
NODISCARD enum outcome	context_check_text(const struct context *ctx, const char *what, const char *text, size_t max);

#endif
