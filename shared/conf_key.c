#include <string.h>

#include "conf_key.h"
#include "conf_rule.h"
#include "shard.h"
#include "sizes.h"

#define MILLISECONDS	US_PER_MS
#define SECONDS		US_PER_S
#define HOURS		(3600 * US_PER_S)
#define DAYS		(24 * HOURS)
#define MEGA		(1024 * 1024)

#define KEY(field, kind_, fallback_, help_) \
	.name = #field, .offset = offsetof(struct conf, field), .kind = (kind_), .fallback = (fallback_), \
	.help = (help_)
#define RANGE(min_, max_)	.min = (min_), .max = (max_)

#define TEXT(field, fallback, rule_, help)		KEY(field, CONF_TEXT, fallback, help), .rule = (rule_)
#define WORD(field, fallback, words_, help)		KEY(field, CONF_WORD, fallback, help), .words = (words_)
#define SWITCH(field, fallback, help)			KEY(field, CONF_SWITCH, fallback, help)
#define NUMBER(field, fallback, min, max, help)		KEY(field, CONF_NUMBER, fallback, help), RANGE(min, max)
#define DURATION(field, fallback, min, max, help)	KEY(field, CONF_DURATION, fallback, help), RANGE(min, max)
#define SIZE(field, fallback, min, max, help)		KEY(field, CONF_SIZE, fallback, help), RANGE(min, max)

/* In the order of the enums of log.h and conf.h. */
static const char *const levels[] = { "error", "warn", "info", "debug", NULL };
static const char *const formats[] = { "kv", "json", NULL };
static const char *const targets[] = { "stderr", "syslog", NULL };
static const char *const addresses[] = { "full", "truncated", "none", NULL };
static const char *const synchronous[] = { "full", "normal", NULL };
static const char *const registration[] = { "closed", "open", NULL };

static const struct conf_key keys[] = {
	{ TEXT(database, "/var/lib/unio/unio.db", conf_rule_path,
	    "The SQLite database; its directory must be writable, for the files beside it.") },
	{ TEXT(secret_file, "/var/lib/unio/secret.key", conf_rule_path,
	    "The secret that signs tokens: 32 bytes or more, mode 0600 or 0640. `unioctl key rotate` replaces it.") },
	{ TEXT(api_socket, "/run/unio/api.sock", conf_rule_socket,
	    "Where unio-api listens for FastCGI.") },
	{ TEXT(ws_socket, "/run/unio/ws.sock", conf_rule_socket,
	    "Where unio-signald listens for WebSockets.") },
	{ TEXT(control_socket, "/run/unio/ctl.sock", conf_rule_socket,
	    "Where unio-signald answers unioctl and unio-api.") },
	{ TEXT(wake_endpoint, "ipc:///run/unio/wake.sock", conf_rule_endpoint,
	    "ZeroMQ: where unio-signald is told of new events (ipc://PATH or tcp://ADDRESS:PORT).") },
	{ NUMBER(daemons, "1", 1, SHARD_MAX,
	    "How many signaling daemons share the meetings; see unio-signald(8) before it is changed.") },
	{ TEXT(base_path, "", conf_rule_base_path,
	    "What comes before /api and /ws in addresses, for example /unio.") },
	{ TEXT(public_url, "", conf_rule_url,
	    "How browsers reach the server, for example https://meet.example.org; empty: as the request says.") },
	{ TEXT(trusted_proxies, "", conf_rule_networks,
	    "Proxies whose X-Forwarded-For entries are believed: addresses and CIDR blocks, with commas.") },
	{ TEXT(allowed_origins, "", conf_rule_origins,
	    "Origins whose pages may use the server (https://app.example.org), commas; *: any; empty: not asked.") },
	{ SWITCH(confine, "yes",
	    "Give up, once started, what a broken program could use: other programs, core dumps; no: to debug.") },

	{ WORD(log_level, "info", levels,
	    "error, warn, info or debug; signal USR1 steps through them.") },
	{ WORD(log_format, "kv", formats,
	    "kv (key=value) or json.") },
	{ WORD(log_target, "stderr", targets,
	    "stderr or syslog.") },
	{ WORD(log_addresses, "full", addresses,
	    "What is kept of client addresses, in the log and the database: full, truncated (/24, /48) or none.") },

	{ TEXT(api_metrics, "", conf_rule_local,
	    "Where unio-api tells its metrics: 127.0.0.1:PORT, [::1]:PORT or a socket's path; empty: nowhere.") },
	{ TEXT(signald_metrics, "", conf_rule_local,
	    "Where unio-signald tells its metrics: 127.0.0.1:PORT, [::1]:PORT or a socket's path; empty: nowhere.") },
	{ TEXT(hookd_metrics, "", conf_rule_local,
	    "Where unio-hookd tells its metrics: 127.0.0.1:PORT, [::1]:PORT or a socket's path; empty: nowhere.") },

	{ DURATION(database_busy_timeout, "5s", 0, 60 * SECONDS,
	    "How long a request waits for another one's write before it gets 503.") },
	{ WORD(synchronous, "full", synchronous,
	    "full: a commit survives a power failure; normal: a crash of a program only, and is faster.") },

	{ WORD(registration, "closed", registration,
	    "open: anybody may make an account.") },
	{ DURATION(token_ttl, "1h", 1 * SECONDS, 30 * DAYS,
	    "How long an access token is valid.") },
	{ DURATION(refresh_ttl, "30d", 1 * SECONDS, 3650 * DAYS,
	    "How long a refresh token is valid.") },
	{ DURATION(refresh_grace, "10s", 0, 300 * SECONDS,
	    "How long a used refresh token still works, for two tabs at once.") },
	{ TEXT(issuer, "unio", conf_rule_filled,
	    "The iss claim of tokens; only tokens with this one are accepted.") },
	{ NUMBER(login_failures, "5", 1, 1000000,
	    "Failed logins of one account from one address before further ones get 429.") },
	{ DURATION(login_window, "15m", 100 * MILLISECONDS, 1 * DAYS,
	    "How long a failed login counts.") },
	{ NUMBER(login_account_failures, "10", 0, 1000000,
	    "Failed logins of one account from anywhere before it must wait, longer each time; 0: never.") },
	{ NUMBER(login_address_failures, "30", 0, 1000000,
	    "Failed logins from one address to any account before it must wait, longer each time; 0: never.") },
	{ DURATION(login_wait_max, "15m", 1 * SECONDS, 1 * DAYS,
	    "The longest of these waits.") },
	{ NUMBER(password_passes, "2", 1, 100,
	    "argon2id's passes for new passwords.") },
	{ SIZE(password_memory, "19m", 8192, 1024 * MEGA,
	    "argon2id's memory for new passwords.") },

	{ TEXT(jwks_file, "", NULL,
	    "The public keys of an identity provider, whose tokens are then accepted too; empty: none.") },
	{ TEXT(jwks_issuer, "", NULL,
	    "The iss claim that its tokens must have.") },
	{ TEXT(jwks_audience, "", NULL,
	    "The aud claim that its tokens must have, which no other service's tokens have.") },
	{ SWITCH(jwks_provision, "no",
	    "Make an account for whoever comes with a token of the provider for the first time.") },
	{ SWITCH(jwks_link_email, "no",
	    "Give who comes for the first time the account of the e-mail address, unless an administrator's.") },

	{ NUMBER(workers, "4", 0, LIMIT_WORKERS,
	    "Processes of unio-api; 0: one, that the web server or another manager multiplies.") },
	{ NUMBER(api_rate, "100", 0, 1000000,
	    "Requests a second and user; 0: no limit.") },
	{ NUMBER(login_rate, "10", 0, 1000000,
	    "Attempts a second at a password (login, registration, change) from one client address; 0: no limit.") },
	{ DURATION(request_timeout, "30s", 1 * SECONDS, 1 * HOURS,
	    "How long a request may take to arrive; of one over 32 KiB the rest has 5 s.") },

	{ SWITCH(allow_query_token, "yes",
	    "Accept access tokens in the WebSocket's address (?token=).") },
	{ DURATION(ticket_ttl, "30s", 100 * MILLISECONDS, 300 * SECONDS,
	    "How long a ticket for one WebSocket waits to be used.") },
	{ DURATION(handshake_timeout, "10s", 100 * MILLISECONDS, 300 * SECONDS,
	    "How long a new connection has for its handshake and its first frame.") },
	{ DURATION(ping_interval, "25s", 100 * MILLISECONDS, 1 * HOURS,
	    "How often a connection is pinged.") },
	{ DURATION(idle_timeout, "60s", 100 * MILLISECONDS, 1 * DAYS,
	    "A connection that has been silent for this long is dropped.") },
	{ DURATION(resume_ttl, "30s", 0, 1 * HOURS,
	    "How long a lost session waits for its client.") },
	{ SIZE(resume_memory, "256m", 64 * 1024, INT64_C(1024) * 1024 * MEGA,
	    "What may be kept of sent messages for all sessions together.") },
	{ DURATION(drain_timeout, "10s", 0, 1 * HOURS,
	    "How long clients have to go when the daemon stops.") },
	{ NUMBER(max_connections, "10000", 1, 10000000,
	    "Open WebSockets.") },
	{ NUMBER(max_connections_per_address, "200", 1, 10000000,
	    "Open WebSockets of one client address.") },
	{ NUMBER(connection_rate, "20", 1, 1000000,
	    "New WebSockets a second and client address.") },
	{ NUMBER(max_sessions_per_room, "100", 1, 100000,
	    "Sessions in one meeting.") },
	{ NUMBER(max_sessions_per_user, "5", 1, 1000,
	    "Sessions of one user in one meeting.") },
	{ NUMBER(message_rate, "50", 1, 1000000,
	    "Frames a second that a session may send in the long run.") },
	{ NUMBER(message_burst, "200", 1, 1000000,
	    "Frames that a session may send at once.") },
	{ SIZE(byte_rate, "1m", 1024, 1024 * MEGA,
	    "Bytes a second that a session may send in the long run.") },
	{ SIZE(byte_burst, "4m", 64 * 1024, 1024 * MEGA,
	    "Bytes that a session may send at once.") },
	{ SIZE(max_frame_bytes, "64k", 1024, 16 * MEGA,
	    "The largest frame that a client may send.") },
	{ SIZE(outbound_queue_bytes, "1m", 64 * 1024, 1024 * MEGA,
	    "What may wait for a slow client before it is dropped.") },
	{ NUMBER(outbound_queue_frames, "1024", 16, 1000000,
	    "The same, in frames.") },

	{ DURATION(call_empty_timeout, "300s", 100 * MILLISECONDS, 30 * DAYS,
	    "A call that nobody has been in for this long is ended.") },
	{ DURATION(call_max_duration, "12h", 100 * MILLISECONDS, 365 * DAYS,
	    "A call that has lasted this long is ended.") },
	{ DURATION(call_grace, "30s", 0, 1 * HOURS,
	    "How long somebody has to come back to a call that went on when the daemon stopped.") },
	{ DURATION(lease_interval, "5s", 100 * MILLISECONDS, 300 * SECONDS,
	    "How often the daemon writes that it is alive.") },
	{ DURATION(event_poll_interval, "50ms", 1 * MILLISECONDS, 60 * SECONDS,
	    "How often the daemon looks for events that no wake-up announced.") },
	{ DURATION(event_keep, "24h", 60 * SECONDS, 365 * DAYS,
	    "How long events are kept for clients that come back.") },
	{ DURATION(call_keep, "0", 0, 36500 * DAYS,
	    "How long calls that have ended are kept, with their attendance; 0: for ever.") },
	{ DURATION(session_keep, "30d", 0, 36500 * DAYS,
	    "How long login sessions that were ended are kept (expired ones go at once); 0: until they expire.") },
	{ DURATION(audit_keep, "365d", 0, 36500 * DAYS,
	    "How long the audit trail is kept; 0: for ever.") },

	{ TEXT(ice_urls, "", conf_rule_ice_urls,
	    "STUN and TURN servers for the browsers: stun:, stuns:, turn: and turns: URLs, with commas.") },
	{ TEXT(turn_secret_file, "", NULL,
	    "The secret shared with the TURN servers, 16 bytes or more; a second line is the one that it replaced.") },
	{ DURATION(turn_ttl, "12h", 1 * SECONDS, 30 * DAYS,
	    "How long TURN credentials are good; the longest call should not outlive them.") },

	{ DURATION(webhook_timeout, "15s", 100 * MILLISECONDS, 60 * SECONDS,
	    "How long a webhook's receiver has to take a message.") },
	{ DURATION(webhook_retry_delay, "5s", 10 * MILLISECONDS, 1 * HOURS,
	    "The pause after a failed delivery; three times as long after each further one, 720 times at most.") },
	{ DURATION(webhook_retry_for, "24h", 1 * SECONDS, 30 * DAYS,
	    "How long a delivery is tried before it is given up.") },
	{ DURATION(webhook_keep, "7d", 1 * SECONDS, 365 * DAYS,
	    "How long deliveries are kept that have been made or given up, for `unioctl webhook`.") },
	{ SWITCH(webhook_http, "no",
	    "yes: webhooks may lead to other machines without encryption.") },
};

const struct conf_key *
conf_key_at(size_t i)
{
	return i < COUNTOF(keys) ? &keys[i] : NULL;
}

const struct conf_key *
conf_key_find(const char *name)
{
	for (size_t i = 0; i < COUNTOF(keys); i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}
