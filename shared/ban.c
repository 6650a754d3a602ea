#include "ban.h"
#include "sizes.h"
#include "store_ban.h"
#include "tell.h"

static void	ban_audit(struct audit_list *audit, enum audit_action action, int64_t meeting_id, int64_t user_id);

enum ban_result
ban_user(struct db *db, struct event_list *events, struct audit_list *audit, const struct meeting *meeting,
    const struct person *user, int64_t by_user_id, int64_t now_us)
{
	int64_t	count;
	int	added, removed;

	if (user->id == meeting->host.id)
		return (BAN_HOST);
	added = store_ban_add(db, meeting->id, user->id, by_user_id, now_us);
	if (added == 0)
		return (BAN_UNCHANGED);
	if (added == -1 || store_ban_count(db, meeting->id, &count) == -1)
		return (BAN_FAILED);
	if (count > LIMIT_BANS)
		return (BAN_FULL);
	removed = store_meeting_remove_participant(db, meeting->id, user->id);
	if (removed == -1)
		return (BAN_FAILED);
	if (removed == 1)
		tell_participant_banned(events, meeting->id, user);
	ban_audit(audit, AUDIT_MEETING_BAN, meeting->id, user->id);
	return (BAN_DONE);
}

enum ban_result
ban_lift(struct db *db, struct audit_list *audit, int64_t meeting_id, int64_t user_id)
{
	int	removed = store_ban_remove(db, meeting_id, user_id);

	if (removed != 1)
		return (removed == 0 ? BAN_UNCHANGED : BAN_FAILED);
	ban_audit(audit, AUDIT_MEETING_UNBAN, meeting_id, user_id);
	return (BAN_DONE);
}

void
ban_kick(struct event_list *events, struct audit_list *audit, int64_t meeting_id, int64_t user_id)
{
	tell_user_kicked(events, meeting_id, user_id);
	ban_audit(audit, AUDIT_MEETING_KICK, meeting_id, user_id);
}

static void
ban_audit(struct audit_list *audit, enum audit_action action, int64_t meeting_id, int64_t user_id)
{
	struct audit	*row = audit_add(audit, action);

	row->meeting_id = meeting_id;
	row->user_id = user_id;
}
