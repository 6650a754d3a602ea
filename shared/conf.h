/*
 * conf.h: the configuration: one table of keys drives parsing, checking, printing,
 * the environment and the tests of the documentation.
 *
 * A file holds "key = value" lines (libinih's syntax, no sections; conf.c is its
 * only includer); # and ; begin comments.  Unknown keys, keys given twice and bad
 * values are errors, each said with file and line.  UNIO_<KEY> in the environment
 * (upper case) overrides the file.  Durations are seconds unless they end in ms, s,
 * m, h or d, and are kept in microseconds; sizes are bytes unless they end in k or m.
 * Secrets are never values: a key names the file.
 *
 * The struct owns its strings; it does not change after loading (a reload makes a
 * new one).
 */
#ifndef UNIO_CONF_H
#define UNIO_CONF_H

#include <stdio.h>

#include "base.h"

struct conf {
	/* where things are */
	char	*database;
	char	*secret_file;
	char	*api_socket;
	char	*ws_socket;
	char	*control_socket;
	char	*wake_endpoint;		/* ZeroMQ: ipc://… or tcp://… */
	int64_t	 daemons;		/* how many share the meetings (shard.h) */
	char	*base_path;		/* "" or "/unio" */
	char	*public_url;		/* "" or scheme://host[:port], without base_path */
	char	*trusted_proxies;	/* addresses and CIDR blocks, separated by commas */
	char	*allowed_origins;	/* of pages elsewhere; "*": any */
	bool	 confine;		/* after the start (confine.h) */

	/* logs */
	int64_t	 log_level;		/* enum log_level */
	int64_t	 log_format;		/* enum log_format */
	int64_t	 log_target;		/* enum log_target */
	int64_t	 log_addresses;		/* enum conf_addresses */

	/* metrics: where they are told (local.h); "": nowhere */
	char	*api_metrics;
	char	*signald_metrics;
	char	*hookd_metrics;

	/* database */
	int64_t	 database_busy_timeout;
	int64_t	 synchronous;		/* enum conf_synchronous */

	/* accounts */
	int64_t	 registration;		/* enum conf_registration */
	int64_t	 token_ttl;
	int64_t	 refresh_ttl;
	int64_t	 refresh_grace;		/* a used refresh token still works for this long */
	char	*issuer;
	int64_t	 login_failures;
	int64_t	 login_window;
	int64_t	 login_account_failures;	/* from everywhere, before it slows down; 0 = never */
	int64_t	 login_address_failures;	/* of all accounts */
	int64_t	 login_wait_max;
	int64_t	 password_passes;
	int64_t	 password_memory;

	/* an external identity provider (provider.h) */
	char	*jwks_file;		/* "": there is none */
	char	*jwks_issuer;
	char	*jwks_audience;
	bool	 jwks_provision;
	bool	 jwks_link_email;

	/* the API */
	int64_t	 workers;
	int64_t	 api_rate;		/* requests a second and user; 0 = no limit */
	int64_t	 login_rate;		/* attempts at a password a second and address; 0 = no limit */
	int64_t	 request_timeout;	/* to receive one request whole */

	/* signaling */
	bool	 allow_query_token;
	int64_t	 ticket_ttl;
	int64_t	 handshake_timeout;
	int64_t	 ping_interval;
	int64_t	 idle_timeout;
	int64_t	 resume_ttl;
	int64_t	 resume_memory;
	int64_t	 drain_timeout;
	int64_t	 max_connections;
	int64_t	 max_connections_per_address;
	int64_t	 connection_rate;	/* new ones a second and address */
	int64_t	 max_sessions_per_room;
	int64_t	 max_sessions_per_user;
	int64_t	 message_rate;
	int64_t	 message_burst;
	int64_t	 byte_rate;
	int64_t	 byte_burst;
	int64_t	 max_frame_bytes;
	int64_t	 outbound_queue_bytes;
	int64_t	 outbound_queue_frames;

	/* calls and events */
	int64_t	 call_empty_timeout;
	int64_t	 call_max_duration;
	int64_t	 call_grace;
	int64_t	 lease_interval;
	int64_t	 event_poll_interval;
	int64_t	 event_keep;

	/* how long what is over is kept; 0 = for ever */
	int64_t	 call_keep;
	int64_t	 session_keep;
	int64_t	 audit_keep;

	/* TURN (RFC 8656) and STUN servers for the browsers */
	char	*ice_urls;
	char	*turn_secret_file;
	int64_t	 turn_ttl;

	/* webhooks */
	int64_t	 webhook_timeout;	/* of one attempt, whole */
	int64_t	 webhook_retry_delay;	/* after the first failure */
	int64_t	 webhook_retry_for;
	int64_t	 webhook_keep;		/* what has been delivered or given up */
	bool	 webhook_http;
};

enum conf_synchronous { CONF_SYNCHRONOUS_FULL, CONF_SYNCHRONOUS_NORMAL };
enum conf_addresses { CONF_ADDRESSES_FULL, CONF_ADDRESSES_TRUNCATED, CONF_ADDRESSES_NONE };
enum conf_registration { CONF_REGISTRATION_CLOSED, CONF_REGISTRATION_OPEN };

/* Told of each mistake, as "FILE:LINE: what is wrong". */
typedef void conf_report(void *arg, const char *mistake);

/* path NULL: $UNIO_CONF, else the compiled default.  NULL after at least one report. */
struct conf	*conf_load(const char *path, conf_report *report, void *arg);
void		 conf_free(struct conf **conf);
/* A report that prints to the FILE * in arg. */
void		 conf_report_to(void *arg, const char *mistake);
/* Every key with its effective value, in the file's syntax. */
void		 conf_dump(const struct conf *conf, FILE *out);
/* The i-th key of the table: its name, default as text and one line of help; false past the end. */
bool		 conf_key(size_t i, const char **name_r, const char **default_r, const char **help_r);

/* Says on out what is wrong elsewhere, which keeps no program from starting. */
typedef void conf_warn(const struct conf *conf, FILE *out);

/*
 * -n and -nn of every program: checks (and prints, with n >= 2), says what is wrong
 * on stderr, and returns the exit code: 0, or 1.  warn NULL: nothing else to look at.
 */
int		 conf_check(const char *path, int n, conf_warn *warn);

#endif
