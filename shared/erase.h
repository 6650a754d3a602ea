/*
 * erase.h: making an account anonymous.
 *
 * The row stays, so that calls, attendance and the audit trail keep their shape: it is
 * called "Deleted user", has an address that no mail reaches, and nobody can sign in.
 * Login sessions, tickets, links to identity providers, kept replies, bans and places in
 * meetings are deleted, open connections are closed, and addresses vanish from the audit
 * trail.  Meetings that the user hosts are deleted with their calls, unless others take
 * part: then they stay, and administrators may change them.
 *
 * Events and webhook deliveries that name the user stay until they are too old (event_keep, webhook_keep), replies kept
 * for other users for 24 h; docs/PRIVACY.md says so.
 */
#ifndef UNIO_ERASE_H
#define UNIO_ERASE_H

#include "audit.h"
#include "base.h"
#include "event.h"
#include "store_user.h"

enum erase_result {
	ERASE_DONE,
	ERASE_BEFORE,		/* it was erased before */
	ERASE_LAST_ADMIN,	/* nobody would be left to administer */
	ERASE_FAILED		/* db_error() tells */
};

/* Within a transaction that writes; by_oneself: or else by the operator, from whose place it may be told. */
NODISCARD enum erase_result	erase_user(struct db *db, struct event_list *events, struct audit_list *audit,
    const struct user *user, bool by_oneself, int64_t now_us);

#endif
