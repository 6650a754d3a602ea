/*
 * log.h: one line per thing that happened, as key=value or JSON.
 *
 *	log_info("join", LOG_TEXT("session", s->id), LOG_INT("user", s->user_id));
 *
 * gives  ts=… level=info prog=unio-signald pid=71 event=join session=… user=1
 *
 * The process' one mutable global lives in log.c: target, format, level, addresses, pid.  errno is
 * preserved.  Values are escaped, so that no input can forge a line or a field, and
 * cut at 512 bytes.  Nothing secret is ever passed here: no token, password,
 * ticket, SDP or candidate.
 */
#ifndef UNIO_LOG_H
#define UNIO_LOG_H

#include "base.h"
#include "conf.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_KV, LOG_FORMAT_JSON };
enum log_target { LOG_TARGET_STDERR, LOG_TARGET_SYSLOG };

struct log_field {
	const char	*key;
	const char	*text;		/* NULL: the number counts */
	int64_t		 number;
	bool		 address;	/* the text is a client's: log_addresses says how much of it is said */
};

#define LOG_TEXT(k, v)	((struct log_field){ .key = (k), .text = (v) != NULL ? (v) : "-" })
#define LOG_ADDRESS(v)	((struct log_field){ .key = "address", .text = (v), .address = true })
#define LOG_INT(k, v)	((struct log_field){ .key = (k), .number = (v) })
/* strerror(errno) as error=… */
#define LOG_ERRNO()	LOG_TEXT("error", log_errno())

#define LOG_AT(level, event, ...) \
	log_write((level), (event), \
	    (const struct log_field[]){ __VA_ARGS__ }, \
	    sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))
#define log_error(...)	LOG_AT(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)	LOG_AT(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)	LOG_AT(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)	LOG_AT(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* program is kept by reference. */
void		 log_open(const char *program, enum log_target target, enum log_format format, enum log_level level);
void		 log_set_level(enum log_level level);
/* What is said of client addresses (peer_shown()); all of them, unless this is called. */
void		 log_set_addresses(enum conf_addresses mode);
/* SIGUSR1's job: one level more, from debug back to error.  Safe in a signal handler. */
void		 log_cycle_level(void);
enum log_level	 log_level(void);
bool		 log_would(enum log_level level);
void		 log_write(enum log_level level, const char *event, const struct log_field *fields, size_t n);
const char	*log_errno(void);
/* For start-up alone: says it on the log at level error and exits with 1. */
void		 log_fatal(const char *fmt, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));

#endif
