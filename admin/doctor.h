/*
 * doctor.h: the examination that `unioctl doctor` makes, finding by finding.
 *
 * Each part asks one side: the web server by its public address (doctor_web.c), the
 * WebSocket through it (doctor_socket.c), the programs behind it (doctor_local.c), the
 * TURN servers (doctor_turn.c).  What one learns the next ones may use.
 */
#ifndef UNIO_DOCTOR_H
#define UNIO_DOCTOR_H

#include "context.h"

enum doctor_state { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL, DOCTOR_SKIP };

struct doctor_finding {
	const char		*check;		/* "api", "websocket": what docs/HOSTING.md goes by */
	enum doctor_state	 state;
	const char		*sentence;
	const char		*remedy;	/* NULL: none needed */
	struct doctor_finding	*next;
};

struct doctor {
	struct context		*ctx;
	const char		*origin;	/* scheme://host[:port] */
	const char		*page;		/* the same as a browser would write it: the header Origin */
	const char		*base;		/* origin and base_path: what /api and /ws follow */
	bool			 verify;	/* the certificate is checked */
	bool			 reachable;	/* the web server answers at all */
	bool			 daemon;	/* every signaling daemon answers on its control socket */
	struct doctor_finding	*first, **last;
};

/* Adds a finding; the sentence is printed, the remedy copied (NULL: none).  Arena memory. */
void	doctor_say(struct doctor *d, enum doctor_state state, const char *check, const char *remedy, const char *fmt,
    ...) PRINTF_LIKE(5, 6);
/* The server has refused a page of its own. */
void	doctor_say_refused(struct doctor *d, const char *what);
/* A remedy, printed into the arena. */
const char *doctor_remedy(struct doctor *d, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* API, prefix, Authorization, readiness, page, origins, clock, certificate. */
void	doctor_web_examine(struct doctor *d);
/* The upgrade, and whose address is seen behind it. */
void	doctor_socket_examine(struct doctor *d);
/* Daemon, version, descriptors, wake-up. */
void	doctor_local_examine(struct doctor *d);
/* The keys of jwks_file, if there is one. */
void	doctor_provider_examine(struct doctor *d);
/* unio-hookd and its receivers, if there are webhooks. */
void	doctor_hook_examine(struct doctor *d);
/* Every URL of ice_urls. */
void	doctor_turn_examine(struct doctor *d);

#endif
