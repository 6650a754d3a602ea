/*
 * sizes.h: every size that is fixed at compile time, with its reason.
 * What an administrator may want to change is a configuration key instead (conf.h);
 * then only its bounds stand here or in the key table.
 */
#ifndef UNIO_SIZES_H
#define UNIO_SIZES_H

/* Lengths of texts, in characters (UTF-8 code points) unless said; docs/PROTOCOL.md names them. */
#define LIMIT_TITLE		200
#define LIMIT_DESCRIPTION	4000
#define LIMIT_FULL_NAME		150
#define LIMIT_EMAIL		254	/* bytes; RFC 5321 4.5.3.1.3 less the angle brackets */
#define LIMIT_PASSWORD_MIN	8	/* bytes */
#define LIMIT_PASSWORD_MAX	1024	/* bytes; bounds the time of one hash */
#define LIMIT_PARTICIPANTS	1000	/* of one meeting */
#define LIMIT_BANS		1000	/* from one meeting */

#define LIMIT_BODY		65536	/* a request body; anything larger is an attack or a mistake */
#define LIMIT_JSON_DEPTH	32	/* of nesting, everywhere; bounds recursion and stack */
#define LIMIT_JSON_WRAP		4	/* levels that our own programs may put around such a text; presence has 3 */
#define LIMIT_JSON_MEMBERS	64	/* at the top level of a frame; the widest has 8 */
#define LIMIT_JSON_ESCAPED	256	/* bytes of top-level keys with escapes, together: comparing those is slow */
#define LIMIT_TOKEN		4096	/* bytes; checked before libjwt sees the token */
#define LIMIT_SECRET_MIN	32	/* bytes; RFC 7518 3.2: a key at least as long as the hash */
#define LIMIT_PAGE		20	/* rows of a list by default */
#define LIMIT_PAGE_MAX		100
#define LIMIT_IDEMPOTENCY_KEY	255	/* bytes */
#define LIMIT_LOGINS		100	/* live login sessions of one user; one more ends the oldest */
#define LIMIT_IDEMPOTENCY_ROWS	1000	/* replies kept for one user */
#define LIMIT_IDEMPOTENCY_BODY	65536	/* bytes of a reply that is kept; only a crowd's meeting is larger */
#define LIMIT_USER_AGENT	256	/* bytes kept of the header; the rest is cut */
#define LIMIT_ADDRESS		46	/* INET6_ADDRSTRLEN */

#define LIMIT_FRAME_ID		64	/* bytes of a request's id, as sent, quotes included */
#define LIMIT_FRAME_DATA	16384	/* bytes of message.data, as sent */
#define LIMIT_FRAME_STATE	2048	/* bytes of state.state, as sent */
#define LIMIT_CLIENT_ID		64	/* characters of A-Za-z0-9_- */

#define LIMIT_WORKERS		1024	/* processes of the API: each takes one request at a time */
#define LIMIT_EVENT_REPLAY	500	/* events replayed to a client that returns */
#define LIMIT_WEBHOOKS		100	/* each is asked for its due deliveries ten times a second */
#define LIMIT_CTL_LINE		(1024 * 1024)	/* a control reply; 100 sessions with a 2 KiB state each, twice over */
#define LIMIT_SUN_PATH		107	/* sizeof(sun_path) less the NUL */

#endif
