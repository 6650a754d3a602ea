/*
 * audit.h: the trail of who did what.
 *
 * Whoever changes something says so in an audit_list (arena memory) beside the events
 * of the same change, and the list is stored in the same transaction: what was rolled
 * back was not done.  Who did it, and from where, is the same for all of a list.
 *
 *	audit_add(&r->audit, AUDIT_MEETING_DELETE)->meeting_id = id;
 *
 * No name, e-mail address or secret goes into a row: ids do.  The table is append-only
 * (schema/0005-privacy.sql); store_audit.h reads it.
 */
#ifndef UNIO_AUDIT_H
#define UNIO_AUDIT_H

#include "base.h"
#include "db.h"
#include "mem.h"

/* What stands before the point is the kind of thing that it was done to. */
enum audit_action {
	AUDIT_SESSION_BEGIN,		/* somebody signed in; object_id: the login session */
	AUDIT_SESSION_REFUSED,		/* a wrong password; user_id: whose, if there is such an account */
	AUDIT_SESSION_LOCKED,		/* one more, after which further ones are not looked at */
	AUDIT_SESSION_END,		/* signed out */
	AUDIT_SESSION_REVOKE,		/* ended from elsewhere */
	AUDIT_SESSION_STOLEN,		/* ended because its refresh token is in two hands */
	AUDIT_USER_REGISTER,
	AUDIT_USER_ADD,
	AUDIT_USER_CHANGE,
	AUDIT_USER_PASSWORD,
	AUDIT_USER_DISABLE,
	AUDIT_USER_ENABLE,
	AUDIT_USER_EXPORT,
	AUDIT_USER_ERASE,
	AUDIT_USER_READMIT,		/* who was erased: which of them stands nowhere */
	AUDIT_MEETING_ADD,
	AUDIT_MEETING_CHANGE,
	AUDIT_MEETING_DELETE,
	AUDIT_MEETING_KICK,
	AUDIT_MEETING_BAN,
	AUDIT_MEETING_UNBAN,
	AUDIT_PARTICIPANT_ADD,
	AUDIT_PARTICIPANT_REMOVE,
	AUDIT_CALL_START,		/* object_id: the call, so below */
	AUDIT_CALL_END,
	AUDIT_CALL_DELETE,
	AUDIT_KEY_ROTATE,
	AUDIT_KEY_RETIRE,
	AUDIT_TOKEN_ISSUE,		/* by unioctl; object_id: the login session */
	AUDIT_DATABASE_BACKUP,
	AUDIT_DATABASE_RESTORE,
	AUDIT_DATABASE_PURGE,
	AUDIT_WEBHOOK_ADD,		/* object_id: the webhook, so below */
	AUDIT_WEBHOOK_DISABLE,
	AUDIT_WEBHOOK_ENABLE,
	AUDIT_WEBHOOK_DELETE,
	AUDIT_WEBHOOK_ROTATE,
	AUDIT_WEBHOOK_REPEAT,		/* object_id: the delivery */
	AUDIT_ACTIONS
};

struct audit {
	enum audit_action	 action;
	int64_t			 actor_id;	/* 0: who the list is stored for */
	const char		*origin;	/* NULL: from where the list is stored */
	int64_t			 meeting_id;	/* 0: none; so below */
	int64_t			 user_id;
	int64_t			 object_id;
	const char		*detail;	/* a JSON object's text; NULL: nothing to add */
	struct audit		*next;
};

struct audit_list {
	struct arena	*arena;
	struct audit	*first, **last;
};

/* Who, and from where: an address, "unioctl:NAME(UID)" or "daemon". */
struct audit_from {
	int64_t		 actor_id;	/* 0: origin says it */
	const char	*origin;
	const char	*request_id;	/* NULL: none */
};

const char	*audit_action_name(enum audit_action action);
/* Strangers can do it as often as they like: a minute's are one row, which counts them (store_audit.h). */
bool		 audit_is_counted(enum audit_action action);
/* The name of an action, or what stands before the point in some; bool. */
NODISCARD bool	 audit_action_known(const char *name);

void		 audit_list_init(struct audit_list *list, struct arena *arena);
/* One more row, to be filled in. */
struct audit	*audit_add(struct audit_list *list, enum audit_action action);
/* Gives a row the detail {key: value}. */
void		 audit_note(struct audit_list *list, struct audit *audit, const char *key, const char *value);
/* Inserts them in order within the open transaction; 0/-1. */
NODISCARD int	 audit_store(struct db *db, const struct audit_list *list, const struct audit_from *from,
    int64_t now_us);

#endif
