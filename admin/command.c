#include <string.h>

#include "command.h"
#include "context.h"

/* clang-format off */
static const struct command table[] = {
	{ .name = "user add", .arguments = " EMAIL --name NAME [--admin]", .operands = 1,
	  .help = "make an account; its password is one line of standard input",
	  .required = ARGS_NAME, .optional = ARGS_ADMIN,
	  .needs = COMMAND_NEEDS_WRITE, .prepare = command_user_password, .run = command_user_add },
	{ .name = "user list", .arguments = " [LIST]",
	  .help = "list the accounts",
	  .optional = ARGS_LIST,
	  .needs = COMMAND_NEEDS_READ, .run = command_user_list },
	{ .name = "user passwd", .arguments = " EMAIL", .operands = 1,
	  .help = "set a password from standard input; signs the user out everywhere",
	  .needs = COMMAND_NEEDS_WRITE, .prepare = command_user_password, .run = command_user_passwd },
	{ .name = "user disable", .arguments = " EMAIL", .operands = 1,
	  .help = "forbid signing in and end all that is under way",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_user_disable },
	{ .name = "user enable", .arguments = " EMAIL", .operands = 1,
	  .help = "allow signing in again",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_user_enable },
	{ .name = "user export", .arguments = " EMAIL|ID", .operands = 1,
	  .help = "print everything that is kept about an account, as one JSON object",
	  .needs = COMMAND_NEEDS_DB, .run = command_privacy_export },
	{ .name = "user erase", .arguments = " EMAIL", .operands = 1,
	  .help = "make an account anonymous for good; see docs/PRIVACY.md",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_privacy_erase },
	{ .name = "user readmit", .arguments = " SUBJECT", .operands = 1,
	  .help = "let somebody of the identity provider come back whose account was erased",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_user_readmit },
	{ .name = "session list", .arguments = " EMAIL [LIST]", .operands = 1,
	  .help = "list where an account is signed in",
	  .optional = ARGS_LIST,
	  .needs = COMMAND_NEEDS_READ, .run = command_session_list },
	{ .name = "session revoke", .arguments = " EMAIL ID... | --all", .operands = 1, .more = COMMAND_ANY,
	  .help = "sign an account out; the connections are closed",
	  .optional = ARGS_ALL,
	  .needs = COMMAND_NEEDS_WRITE, .run = command_session_revoke },
	{ .name = "meeting add", .arguments = " --host EMAIL --title TITLE [--participant EMAIL]...",
	  .help = "make a meeting",
	  .required = ARGS_HOST | ARGS_TITLE, .optional = ARGS_PARTICIPANT,
	  .needs = COMMAND_NEEDS_WRITE, .run = command_meeting_add },
	{ .name = "meeting list", .arguments = " [--status STATUS] [LIST]",
	  .help = "list the meetings, newest first",
	  .optional = ARGS_STATUS | ARGS_LIST,
	  .needs = COMMAND_NEEDS_READ, .run = command_meeting_list },
	{ .name = "meeting delete", .arguments = " MEETING", .operands = 1,
	  .help = "delete a meeting with its calls; an active one is ended, the room is told and closed",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_meeting_delete },
	{ .name = "meeting ban", .arguments = " MEETING EMAIL", .operands = 2,
	  .help = "keep an account out of a meeting; its connections there are closed",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_ban_add },
	{ .name = "meeting unban", .arguments = " MEETING EMAIL", .operands = 2,
	  .help = "let the host add an account again",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_ban_remove },
	{ .name = "meeting bans", .arguments = " MEETING [LIST]", .operands = 1,
	  .help = "list who is banned from a meeting",
	  .optional = ARGS_LIST,
	  .needs = COMMAND_NEEDS_READ, .run = command_ban_list },
	{ .name = "participant list", .arguments = " MEETING [LIST]", .operands = 1,
	  .help = "list the host and the participants of a meeting",
	  .optional = ARGS_LIST,
	  .needs = COMMAND_NEEDS_READ, .run = command_participant_list },
	{ .name = "participant add", .arguments = " MEETING EMAIL", .operands = 2,
	  .help = "let an account into a meeting",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_participant_add },
	{ .name = "participant remove", .arguments = " MEETING EMAIL", .operands = 2,
	  .help = "take an account out of a meeting; its connections there are closed",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_participant_remove },
	{ .name = "call list", .arguments = " [--status STATUS] [--meeting MEETING] [--older-than TIME] [LIST]",
	  .help = "list the calls, newest first; TIME is since their start",
	  .optional = ARGS_STATUS | ARGS_MEETING | ARGS_OLDER_THAN | ARGS_LIST,
	  .needs = COMMAND_NEEDS_READ, .run = command_call_list },
	{ .name = "call show", .arguments = " CALL [--tsv]", .operands = 1,
	  .help = "show a call and who was in it from when to when",
	  .optional = ARGS_TSV,
	  .needs = COMMAND_NEEDS_READ, .run = command_call_show },
	{ .name = "call end", .arguments = " CALL", .operands = 1,
	  .help = "end a call",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_call_end },
	{ .name = "call delete", .arguments = " CALL", .operands = 1,
	  .help = "delete a call that has ended, and its attendance",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_call_delete },
	{ .name = "room list", .arguments = " [LIST]",
	  .help = "list the rooms that somebody is in, as the signaling daemon knows them",
	  .optional = ARGS_LIST,
	  .needs = COMMAND_NEEDS_CONF, .run = command_room_list },
	{ .name = "room show", .arguments = " MEETING [LIST]", .operands = 1,
	  .help = "list the sessions in a meeting's room",
	  .optional = ARGS_LIST,
	  .needs = COMMAND_NEEDS_CONF, .run = command_room_show },
	{ .name = "room kick", .arguments = " MEETING EMAIL | SESSION [--ban]", .operands = 2,
	  .help = "end the sessions of a user in a room, or one session; --ban: of a user, who may not come back",
	  .optional = ARGS_BAN,
	  .needs = COMMAND_NEEDS_CONF, .run = command_room_kick },
	{ .name = "room message", .arguments = " MEETING TEXT", .operands = 2,
	  .help = "tell everybody in a room something",
	  .needs = COMMAND_NEEDS_CONF, .run = command_room_message },
	{ .name = "event", .arguments = " [--follow] [--after ID] [--meeting MEETING] [--limit N] [--tsv]",
	  .help = "show the newest events of the outbox, or those after one; --follow: and all that come",
	  .optional = ARGS_FOLLOW | ARGS_AFTER | ARGS_MEETING | ARGS_LIMIT | ARGS_TSV,
	  .needs = COMMAND_NEEDS_DB, .run = command_event },
	{ .name = "audit",
	  .arguments = " [--user EMAIL] [--action ACTION] [--meeting MEETING] [--since TIME] [--until TIME]"
	      " [--limit N] [--follow] [--tsv]",
	  .help = "show who did what, the newest last; --follow: and all that comes",
	  .optional = ARGS_USER | ARGS_ACTION | ARGS_MEETING | ARGS_SINCE | ARGS_UNTIL | ARGS_LIMIT | ARGS_FOLLOW |
	      ARGS_TSV,
	  .needs = COMMAND_NEEDS_DB, .run = command_audit },
	{ .name = "purge", .arguments = "",
	  .help = "forget what is older than the configuration keeps, as the signaling daemon does by itself",
	  .needs = COMMAND_NEEDS_DB, .run = command_privacy_purge },
	{ .name = "stats", .arguments = " [--tsv]",
	  .help = "show how the programs and the database are doing",
	  .optional = ARGS_TSV,
	  .needs = COMMAND_NEEDS_READ, .run = command_stats },
	{ .name = "top", .arguments = " [--once]",
	  .help = "show what the programs do now, anew every second; q ends it; --once, -1: one picture",
	  .optional = ARGS_ONCE,
	  .needs = COMMAND_NEEDS_CONF, .run = command_top },
	{ .name = "daemon list", .arguments = " [LIST]",
	  .help = "list the signaling daemons that share the meetings, whether they run, and their sockets",
	  .optional = ARGS_LIST,
	  .needs = COMMAND_NEEDS_CONF, .run = command_daemon_list },
	{ .name = "front", .arguments = " SERVER", .operands = 1,
	  .help = "print what lighttpd, nginx, apache or caddy must know of several signaling daemons",
	  .needs = COMMAND_NEEDS_CONF, .run = command_front },
	{ .name = "drain", .arguments = " [DAEMON] [--wait]", .more = 1,
	  .help = "have the signaling daemons replaced at leisure, or one; --wait: until its successor is ready",
	  .optional = ARGS_WAIT,
	  .needs = COMMAND_NEEDS_CONF, .run = command_daemon_drain },
	{ .name = "reload", .arguments = "",
	  .help = "have the running programs read the configuration and the secrets again",
	  .needs = COMMAND_NEEDS_CONF, .run = command_daemon_reload },
	{ .name = "token", .arguments = " EMAIL", .operands = 1,
	  .help = "print an access token, of a login session named unioctl",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_token_issue },
	{ .name = "doctor", .arguments = " [--url URL] [--tsv]",
	  .help = "examine the server from where the clients are, and say what helps",
	  .optional = ARGS_URL | ARGS_TSV,
	  .needs = COMMAND_NEEDS_CONF, .run = command_doctor },
	{ .name = "key list", .arguments = " [LIST]",
	  .help = "list the keys of access tokens, newest first",
	  .optional = ARGS_LIST,
	  .needs = COMMAND_NEEDS_CONF, .run = command_key_list },
	{ .name = "key rotate", .arguments = "",
	  .help = "have a new key sign; the former one is still believed",
	  .needs = COMMAND_NEEDS_CONF, .run = command_key_rotate },
	{ .name = "key retire", .arguments = " KID", .operands = 1,
	  .help = "believe a former key no more: its tokens end",
	  .needs = COMMAND_NEEDS_CONF, .run = command_key_retire },
	{ .name = "webhook add", .arguments = " URL [--events TYPES] [--secret-file FILE]", .operands = 1,
	  .help = "send events there from now on; TYPES with commas; prints the secret that signs",
	  .optional = ARGS_EVENTS | ARGS_SECRET_FILE,
	  .needs = COMMAND_NEEDS_WRITE, .run = command_webhook_add },
	{ .name = "webhook list", .arguments = " [LIST]",
	  .help = "list the webhooks and how they are doing",
	  .optional = ARGS_LIST,
	  .needs = COMMAND_NEEDS_READ, .run = command_webhook_list },
	{ .name = "webhook show", .arguments = " WEBHOOK", .operands = 1,
	  .help = "show one of them",
	  .needs = COMMAND_NEEDS_READ, .run = command_webhook_show },
	{ .name = "webhook test", .arguments = " WEBHOOK [--wait]", .operands = 1,
	  .help = "send it a message; --wait: until the receiver has answered",
	  .optional = ARGS_WAIT,
	  .needs = COMMAND_NEEDS_DB, .run = command_delivery_test },
	{ .name = "webhook disable", .arguments = " WEBHOOK", .operands = 1,
	  .help = "send it nothing any more",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_webhook_disable },
	{ .name = "webhook enable", .arguments = " WEBHOOK", .operands = 1,
	  .help = "send it what waits, and the events from now on",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_webhook_enable },
	{ .name = "webhook delete", .arguments = " WEBHOOK", .operands = 1,
	  .help = "forget it, and what has been and has to be sent to it",
	  .needs = COMMAND_NEEDS_DB, .run = command_webhook_delete },
	{ .name = "webhook rotate-secret", .arguments = " WEBHOOK [--secret-file FILE]", .operands = 1,
	  .help = "sign by a new secret, and for 24 hours by the former one as well",
	  .optional = ARGS_SECRET_FILE,
	  .needs = COMMAND_NEEDS_WRITE, .run = command_webhook_rotate },
	{ .name = "webhook deliveries", .arguments = " [--webhook WEBHOOK] [--status STATUS] [LIST]",
	  .help = "list what has been and has to be sent, newest first",
	  .optional = ARGS_WEBHOOK | ARGS_STATUS | ARGS_LIST,
	  .needs = COMMAND_NEEDS_READ, .run = command_delivery_list },
	{ .name = "webhook delivery", .arguments = " DELIVERY", .operands = 1,
	  .help = "show one delivery with what is in it",
	  .needs = COMMAND_NEEDS_READ, .run = command_delivery_show },
	{ .name = "webhook repeat", .arguments = " DELIVERY", .operands = 1,
	  .help = "send again what was delivered or given up",
	  .needs = COMMAND_NEEDS_WRITE, .run = command_delivery_repeat },
	{ .name = "migrate", .arguments = "",
	  .help = "create the database or bring its schema up to date",
	  .needs = COMMAND_NEEDS_CONF, .run = command_database_migrate },
	{ .name = "demo", .arguments = "",
	  .help = "add the demo accounts and meeting (for development only)",
	  .needs = COMMAND_NEEDS_WRITE, .prepare = command_demo_prepare, .run = command_demo_make },
	{ .name = "backup", .arguments = " FILE", .operands = 1,
	  .help = "copy the running database to a new file and verify it",
	  .needs = COMMAND_NEEDS_DB, .run = command_database_backup },
	{ .name = "restore", .arguments = " FILE", .operands = 1,
	  .help = "put a backup in the database's place; the server must be stopped",
	  .needs = COMMAND_NEEDS_CONF, .run = command_database_restore },
	{ .name = "check", .arguments = "",
	  .help = "check configuration, token secret and database",
	  .needs = COMMAND_NEEDS_CONF, .run = command_database_check },
	{ .name = "help", .arguments = " [COMMAND] [--commands]", .more = COMMAND_ANY,
	  .help = "explain a command, or list them; --commands: for a program to read",
	  .optional = ARGS_COMMANDS,
	  .needs = COMMAND_NEEDS_NOTHING, .run = command_help },
};
/* clang-format on */

static const char	options_help[] =
    "  -c, --config FILE  the configuration (default: $UNIO_CONF, else " UNIO_CONF_DEFAULT ")\n"
    "      --json         answer with one JSON value on standard output\n"
    "  -q, --quiet        do not say what was done\n"
    "  -n, --check        check the configuration and exit; -nn prints it as well\n"
    "  -V, --version      print the version and exit\n"
    "  -h, --help         print this and exit\n"
    "LIST, with every list:\n"
    "      --limit N      no more than so many\n"
    "      --offset N     without the first so many\n"
    "      --tsv          tab-separated values without a heading, in place of a table\n"
    "exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 conflict, 5 busy or unavailable\n";

static const char	usage[] = "usage: unioctl [-c FILE] [--json] [-q] COMMAND ...\n";

static const struct command	*look_up(struct args *);
static bool			 begins(const struct command *, const char *);
static bool			 topic_usage(const char *, FILE *);
static void			 short_usage(void);
static bool			 check(const struct command *, const struct args *);
static void			 list_commands(FILE *);
static void			 list_operands(const char *, FILE *);

const struct command *
command_find(struct args *args)
{
	const struct command *command;

	if (args->operand_count == 0) {
		short_usage();
		return NULL;
	}
	if ((command = look_up(args)) == NULL) {
		if (!topic_usage(args->operands[0], stderr))
			fprintf(stderr, "unioctl: no command %s; \"unioctl help\" lists them\n", args->operands[0]);
		return NULL;
	}
	return args->help || check(command, args) ? command : NULL;
}

/* Takes the words that name the command off the operands. */
static const struct command *
look_up(struct args *args)
{
	const char *second, *space;
	size_t i, n;

	for (i = 0; i < COUNTOF(table); i++) {
		space = strchrnul(table[i].name, ' ');
		if (!begins(&table[i], args->operands[0]))
			continue;
		second = args->operand_count > 1 ? args->operands[1] : "";
		if (*space != '\0' && strcmp(second, space + 1) != 0)
			continue;
		n = *space != '\0' ? 2 : 1;
		args->operands += n;
		args->operand_count -= n;
		return &table[i];
	}
	return NULL;
}

/* Is this the first word of the command's name? */
static bool
begins(const struct command *command, const char *word)
{
	size_t n = strcspn(command->name, " ");

	return strlen(word) == n && strncmp(command->name, word, n) == 0;
}

/* The usage of all commands that begin with the word; false if there are none. */
static bool
topic_usage(const char *word, FILE *out)
{
	bool found = false;
	size_t i;

	for (i = 0; i < COUNTOF(table); i++) {
		if (!begins(&table[i], word))
			continue;
		fprintf(out, "%s unioctl %s%s\n       %s\n", found ? "      " : "usage:", table[i].name,
		    table[i].arguments, table[i].help);
		found = true;
	}
	return found;
}

/* Three lines: somebody has forgotten something, and knows the rest. */
static void
short_usage(void)
{
	size_t i, n;

	fprintf(stderr, "%scommands:", usage);
	for (i = 0; i < COUNTOF(table); i++) {
		n = strcspn(table[i].name, " ");
		if (i == 0 || strncmp(table[i - 1].name, table[i].name, n + 1) != 0)
			fprintf(stderr, " %.*s", (int)n, table[i].name);
	}
	fputs("\n\"unioctl help\" explains them, \"unioctl help COMMAND\" explains one\n", stderr);
}

static bool
check(const struct command *command, const struct args *args)
{
	unsigned missing = command->required & ~args->given;
	unsigned strange = args->given & ~(command->required | command->optional);

	if (strange != 0)
		fprintf(stderr, "unioctl: %s takes no --%s\n", command->name, args_option_name(strange & -strange));
	else if (missing != 0)
		fprintf(stderr, "unioctl: %s needs --%s\n", command->name, args_option_name(missing & -missing));
	else if (args->operand_count < command->operands || args->operand_count - command->operands > command->more)
		fprintf(stderr, "unioctl: %s takes%s\n", command->name,
		    *command->arguments != '\0' ? command->arguments : " no arguments");
	else
		return true;
	command_usage(command, stderr);
	return false;
}

void
command_usage(const struct command *command, FILE *out)
{
	size_t i;

	if (command != NULL) {
		fprintf(out, "usage: unioctl [-c FILE] [--json] [-q] %s%s\n       %s\n",
		    command->name, command->arguments, command->help);
		return;
	}
	fputs(usage, out);
	for (i = 0; i < COUNTOF(table); i++)
		fprintf(out, "  %s%s\n      %s\n", table[i].name, table[i].arguments, table[i].help);
	fputs(options_help, out);
}

enum outcome
command_help(struct context *ctx)
{
	struct args words = *ctx->args;
	const struct command *command = NULL;

	if (args_given(ctx->args, ARGS_COMMANDS))
		list_commands(stdout);
	else if (words.operand_count == 0 || (command = look_up(&words)) != NULL)
		command_usage(command, stdout);
	else if (!topic_usage(words.operands[0], stdout))
		return context_fail(ctx, OUTCOME_NOT_FOUND, "no command %s", words.operands[0]);
	return OUTCOME_DONE;
}

/* The name, the options, the operands, with tabs between them: what admin/completion/ goes by. */
static void
list_commands(FILE *out)
{
	for (size_t i = 0; i < COUNTOF(table); i++) {
		unsigned options = table[i].required | table[i].optional;
		const char *gap = "";

		fprintf(out, "%s\t", table[i].name);
		for (; options != 0; options &= options - 1, gap = " ")
			fprintf(out, "%s--%s%s", gap, args_option_name(options & -options),
			    args_option_takes_value(options & -options) ? "=" : "");
		fputc('\t', out);
		list_operands(table[i].arguments, out);
		fputc('\n', out);
	}
}

/* The words of a usage line that stand neither in brackets nor behind an option, the first of alternatives. */
static void
list_operands(const char *arguments, FILE *out)
{
	const char *word = arguments + strspn(arguments, " "), *gap = "";
	bool brackets = false, value = false;
	size_t n;

	for (; (n = strcspn(word, " ")) > 0; word += n + strspn(word + n, " ")) {
		bool option = strncmp(word, "--", 2) == 0 || *word == '|';

		brackets = brackets || *word == '[';
		if (!brackets && !option && !value) {
			fprintf(out, "%s%.*s", gap, (int)n, word);
			gap = " ";
		}
		value = option;
		brackets = brackets && memchr(word, ']', n) == NULL;
	}
}
