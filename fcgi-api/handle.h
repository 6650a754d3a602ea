/*
 * handle.h: what a handler gets, and all handlers.
 *
 * A handler reads the context and fills the reply.  It prints nothing, frees nothing
 * and knows no socket; whatever it allocates comes from the arena.  It runs inside the
 * transaction that its route asks for, and neither begins nor ends one.  A prepare
 * step runs before that, outside any transaction (password hashing takes tens of
 * milliseconds and must not hold the write lock); it leaves what it found in
 * `prepared` and returns false if it has filled the reply and that is all.
 */
#ifndef UNIO_HANDLE_H
#define UNIO_HANDLE_H

#include "auth.h"
#include "base.h"
#include "conf.h"
#include "db.h"
#include "json.h"
#include "mem.h"
#include "reply.h"
#include "request.h"
#include "signaling.h"
#include "token.h"
#include "turn.h"

#define HANDLE_IDS	2	/* numbers in a path; the longest route has 2 */

struct context {
	const struct conf	*conf;
	struct db		*db;		/* NULL only on routes that need none */
	struct arena		*arena;
	struct token_ring	*ring;
	const struct turn	*turn;
	struct signaling	*signaling;
	const struct request	*request;
	const struct json	*body;		/* NULL on routes without one */
	struct caller		 caller;	/* zero on public routes */
	int64_t			 id[HANDLE_IDS];	/* from the path */
	int64_t			 now_us;
	void			*prepared;
};

typedef void handle_function(struct context *c, struct reply *r);
typedef bool handle_preparer(struct context *c, struct reply *r);

handle_function	handle_health, handle_health_ready;

handle_preparer	handle_auth_login_prepare, handle_auth_register_prepare;
handle_function	handle_auth_login, handle_auth_refresh, handle_auth_logout, handle_auth_register;

handle_preparer	handle_user_password_prepare, handle_user_erase_prepare;
handle_function	handle_user_get, handle_user_patch, handle_user_password, handle_user_erase;
handle_function	handle_session_list, handle_session_delete;

handle_function	handle_meeting_list, handle_meeting_create, handle_meeting_get, handle_meeting_patch;
handle_function	handle_meeting_delete;
handle_function	handle_participant_add, handle_participant_remove;
handle_preparer	handle_ban_kick_prepare;
handle_function	handle_ban_list, handle_ban_add, handle_ban_remove, handle_ban_kick;

handle_function	handle_ticket_create, handle_access_get, handle_presence_get, handle_ice_list;

handle_function	handle_call_start, handle_call_end_by_body, handle_call_end, handle_call_list, handle_call_get;
handle_function	handle_attendance_csv;

handle_function	handle_openapi_get;

#endif
