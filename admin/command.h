/*
 * command.h: the subcommands, as one table: how each is called, what it needs, and
 * the function that does it.
 *
 * A command runs like a request of the API: `prepare` (reads the password, hashes:
 * slow or waiting work, outside the lock), then, if the table says so, a
 * transaction, and `run` in it.  A run that does not end in OUTCOME_DONE is rolled
 * back.  What it says is printed after the commit, never before.
 */
#ifndef UNIO_COMMAND_H
#define UNIO_COMMAND_H

#include <stdint.h>
#include <stdio.h>

#include "args.h"
#include "base.h"
#include "outcome.h"

struct context;

/* Each needs what the one above it needs as well. */
enum command_needs {
	COMMAND_NEEDS_NOTHING,
	COMMAND_NEEDS_CONF,
	COMMAND_NEEDS_DB,	/* opened, without a transaction */
	COMMAND_NEEDS_READ,	/* a transaction that reads one snapshot */
	COMMAND_NEEDS_WRITE	/* a transaction that holds the write lock */
};

#define COMMAND_ANY	SIZE_MAX	/* more: as many as there are */

struct command {
	const char		*name;		/* one word or two */
	const char		*arguments;	/* for the usage line, with a space before */
	const char		*help;		/* one line */
	size_t			 operands;	/* so many after the name ... */
	size_t			 more;		/* ... and at most so many more */
	unsigned		 required;	/* ARGS_* that must be given ... */
	unsigned		 optional;	/* ... and that may be */
	enum command_needs	 needs;
	enum outcome		(*prepare)(struct context *);
	enum outcome		(*run)(struct context *);
};

/*
 * The command that the first operands name (which it takes away), its other
 * operands and options checked; NULL after a message on stderr.
 */
const struct command	*command_find(struct args *args);
/* The usage: of one command, or of all with command NULL. */
void			 command_usage(const struct command *command, FILE *out);

/* The handlers, in command_<topic>.c. */
enum outcome	command_user_password(struct context *ctx);	/* prepare: reads and hashes it */
enum outcome	command_user_add(struct context *ctx);
enum outcome	command_user_list(struct context *ctx);
enum outcome	command_user_passwd(struct context *ctx);
enum outcome	command_user_disable(struct context *ctx);
enum outcome	command_user_enable(struct context *ctx);
enum outcome	command_user_readmit(struct context *ctx);
enum outcome	command_privacy_export(struct context *ctx);
enum outcome	command_privacy_erase(struct context *ctx);
enum outcome	command_ban_add(struct context *ctx);
enum outcome	command_ban_remove(struct context *ctx);
enum outcome	command_ban_list(struct context *ctx);
enum outcome	command_audit(struct context *ctx);
enum outcome	command_privacy_purge(struct context *ctx);
enum outcome	command_session_list(struct context *ctx);
enum outcome	command_session_revoke(struct context *ctx);
enum outcome	command_token_issue(struct context *ctx);
enum outcome	command_meeting_add(struct context *ctx);
enum outcome	command_meeting_list(struct context *ctx);
enum outcome	command_meeting_delete(struct context *ctx);
enum outcome	command_participant_list(struct context *ctx);
enum outcome	command_participant_add(struct context *ctx);
enum outcome	command_participant_remove(struct context *ctx);
enum outcome	command_call_list(struct context *ctx);
enum outcome	command_call_show(struct context *ctx);
enum outcome	command_call_end(struct context *ctx);
enum outcome	command_call_delete(struct context *ctx);
enum outcome	command_room_list(struct context *ctx);
enum outcome	command_room_show(struct context *ctx);
enum outcome	command_room_kick(struct context *ctx);
enum outcome	command_room_message(struct context *ctx);
enum outcome	command_event(struct context *ctx);
enum outcome	command_stats(struct context *ctx);
enum outcome	command_top(struct context *ctx);
enum outcome	command_doctor(struct context *ctx);
enum outcome	command_key_list(struct context *ctx);
enum outcome	command_key_rotate(struct context *ctx);
enum outcome	command_key_retire(struct context *ctx);
enum outcome	command_front(struct context *ctx);
enum outcome	command_daemon_list(struct context *ctx);
enum outcome	command_webhook_add(struct context *ctx);
enum outcome	command_webhook_list(struct context *ctx);
enum outcome	command_webhook_show(struct context *ctx);
enum outcome	command_webhook_disable(struct context *ctx);
enum outcome	command_webhook_enable(struct context *ctx);
enum outcome	command_webhook_delete(struct context *ctx);
enum outcome	command_webhook_rotate(struct context *ctx);
enum outcome	command_delivery_test(struct context *ctx);
enum outcome	command_delivery_list(struct context *ctx);
enum outcome	command_delivery_show(struct context *ctx);
enum outcome	command_delivery_repeat(struct context *ctx);
enum outcome	command_daemon_drain(struct context *ctx);
enum outcome	command_daemon_reload(struct context *ctx);
enum outcome	command_database_migrate(struct context *ctx);
enum outcome	command_database_backup(struct context *ctx);
enum outcome	command_database_restore(struct context *ctx);
enum outcome	command_database_check(struct context *ctx);
enum outcome	command_demo_prepare(struct context *ctx);
enum outcome	command_demo_make(struct context *ctx);
enum outcome	command_help(struct context *ctx);

#endif
