#include <string.h>

#include "audit.h"
#include "buf.h"
#include "emit.h"
#include "store_audit.h"

static const struct {
	const char	*name;
	bool		 counted;
} actions[AUDIT_ACTIONS] = {
	[AUDIT_SESSION_BEGIN]		= { "session.begin", false },
	[AUDIT_SESSION_REFUSED]		= { "session.refused", true },
	[AUDIT_SESSION_LOCKED]		= { "session.locked", true },
	[AUDIT_SESSION_END]		= { "session.end", false },
	[AUDIT_SESSION_REVOKE]		= { "session.revoke", false },
	[AUDIT_SESSION_STOLEN]		= { "session.stolen", false },
	[AUDIT_USER_REGISTER]		= { "user.register", false },
	[AUDIT_USER_ADD]		= { "user.add", false },
	[AUDIT_USER_CHANGE]		= { "user.change", false },
	[AUDIT_USER_PASSWORD]		= { "user.password", false },
	[AUDIT_USER_DISABLE]		= { "user.disable", false },
	[AUDIT_USER_ENABLE]		= { "user.enable", false },
	[AUDIT_USER_EXPORT]		= { "user.export", false },
	[AUDIT_USER_ERASE]		= { "user.erase", false },
	[AUDIT_USER_READMIT]		= { "user.readmit", false },
	[AUDIT_MEETING_ADD]		= { "meeting.add", false },
	[AUDIT_MEETING_CHANGE]		= { "meeting.change", false },
	[AUDIT_MEETING_DELETE]		= { "meeting.delete", false },
	[AUDIT_MEETING_KICK]		= { "meeting.kick", false },
	[AUDIT_MEETING_BAN]		= { "meeting.ban", false },
	[AUDIT_MEETING_UNBAN]		= { "meeting.unban", false },
	[AUDIT_PARTICIPANT_ADD]		= { "participant.add", false },
	[AUDIT_PARTICIPANT_REMOVE]	= { "participant.remove", false },
	[AUDIT_CALL_START]		= { "call.start", false },
	[AUDIT_CALL_END]		= { "call.end", false },
	[AUDIT_CALL_DELETE]		= { "call.delete", false },
	[AUDIT_KEY_ROTATE]		= { "key.rotate", false },
	[AUDIT_KEY_RETIRE]		= { "key.retire", false },
	[AUDIT_TOKEN_ISSUE]		= { "token.issue", false },
	[AUDIT_DATABASE_BACKUP]		= { "database.backup", false },
	[AUDIT_DATABASE_RESTORE]	= { "database.restore", false },
	[AUDIT_DATABASE_PURGE]		= { "database.purge", false },
	[AUDIT_WEBHOOK_ADD]		= { "webhook.add", false },
	[AUDIT_WEBHOOK_DISABLE]		= { "webhook.disable", false },
	[AUDIT_WEBHOOK_ENABLE]		= { "webhook.enable", false },
	[AUDIT_WEBHOOK_DELETE]		= { "webhook.delete", false },
	[AUDIT_WEBHOOK_ROTATE]		= { "webhook.rotate", false },
	[AUDIT_WEBHOOK_REPEAT]		= { "webhook.repeat", false },
};

const char *
audit_action_name(enum audit_action action)
{
	return (actions[action].name);
}

bool
audit_is_counted(enum audit_action action)
{
	return (actions[action].counted);
}

bool
audit_action_known(const char *name)
{
	size_t	n = strlen(name);

	for (size_t i = 0; i < COUNTOF(actions); i++)
		if (strncmp(actions[i].name, name, n) == 0 && (actions[i].name[n] == '\0' || actions[i].name[n] == '.'))
			return (n > 0);
	return (false);
}

void
audit_list_init(struct audit_list *list, struct arena *arena)
{
	list->arena = arena;
	list->first = NULL;
	list->last = &list->first;
}

struct audit *
audit_add(struct audit_list *list, enum audit_action action)
{
	struct audit	*audit = arena_alloc(list->arena, sizeof(*audit));

	audit->action = action;
	*list->last = audit;
	list->last = &audit->next;
	return (audit);
}

void
audit_note(struct audit_list *list, struct audit *audit, const char *key, const char *value)
{
	struct buf	detail = { 0 };
	struct emit	e = emit_into(&detail);

	emit_object(&e, NULL);
	emit_text(&e, key, value);
	emit_end(&e);
	audit->detail = arena_strndup(list->arena, detail.data, detail.len);
	buf_free(&detail);
}

int
audit_store(struct db *db, const struct audit_list *list, const struct audit_from *from, int64_t now_us)
{
	for (const struct audit *audit = list->first; audit != NULL; audit = audit->next)
		if ((actions[audit->action].counted ? store_audit_count : store_audit_add)(db, audit, from,
		    now_us) != 0)
			return (-1);
	return (0);
}
