#include "call.h"
#include "erase.h"
#include "identity.h"
#include "rows.h"
#include "store_audit.h"
#include "str.h"
#include "tell.h"

#define NAME	"Deleted user"
#define DOMAIN	"deleted.invalid"	/* where no mail is ever delivered (RFC 2606 2) */
#define RANDOM	12			/* characters, so that nobody can have taken the address before */

#define OTHERS	"SELECT 1 FROM member WHERE member.meeting_id = meeting.id AND member.user_id <> $1"

enum { LONELY, PLACES, LOGINS, REPLIES, FAILURES, KNOWN, BANS };

static const char *const sql[] = {
	/* one text: NOLINTNEXTLINE(bugprone-suspicious-missing-comma) */
	[LONELY]	= "SELECT id FROM meeting WHERE host_id = $1 AND NOT EXISTS (" OTHERS ")",
	[PLACES]	= "SELECT meeting_id FROM member WHERE user_id = $1 AND role = 'participant'",
	[LOGINS]	= "DELETE FROM login WHERE user_id = $1",
	[REPLIES]	= "DELETE FROM idempotency WHERE user_id = $1",
	[FAILURES]	= "DELETE FROM login_failure WHERE account = (SELECT email FROM account WHERE id = $1)",
	[KNOWN]		= "DELETE FROM login_known WHERE user_id = $1",
	[BANS]		= "DELETE FROM ban WHERE user_id = $1",
};

static int	erase_meetings(struct db *db, struct event_list *events, struct audit_list *audit, int64_t user_id,
		    int64_t now_us);
static int	erase_places(struct db *db, struct event_list *events, const struct person *nobody);
static int	erase_traces(struct db *db, int64_t user_id);
static void	erase_hide_origins(struct audit_list *audit);

enum erase_result
erase_user(struct db *db, struct event_list *events, struct audit_list *audit, const struct user *user, bool by_oneself,
    int64_t now_us)
{
	struct person	nobody = { .id = user->person.id, .full_name = NAME };
	char		token[RANDOM + 1];
	int		last;

	if (user->erased_at != 0)
		return (ERASE_BEFORE);
	if ((last = store_user_is_last_admin(db, user)) != 0)
		return (last == 1 ? ERASE_LAST_ADMIN : ERASE_FAILED);
	str_random(token, RANDOM);
	nobody.email = arena_printf(events->arena, "deleted-%lld-%s@" DOMAIN, (long long)nobody.id, token);
	audit_add(audit, AUDIT_USER_ERASE)->user_id = nobody.id;
	tell_user_disabled(events, nobody.id);	/* first: it says why the connections are closed */
	if (erase_meetings(db, events, audit, nobody.id, now_us) == -1 ||
	    erase_places(db, events, &nobody) == -1 || erase_traces(db, nobody.id) == -1 ||
	    store_user_erase(db, nobody.id, nobody.email, nobody.full_name, now_us) != 1)
		return (ERASE_FAILED);
	if (by_oneself)
		erase_hide_origins(audit);
	return (ERASE_DONE);
}

/* Those that nobody else takes part in. */
static int
erase_meetings(struct db *db, struct event_list *events, struct audit_list *audit, int64_t user_id, int64_t now_us)
{
	int64_t	*ids;
	size_t	 n;

	if (rows_ids(events->arena, db_query(db, sql[LONELY], DB_INT(user_id)), &ids, &n) == -1)
		return (-1);
	for (size_t i = 0; i < n; i++) {
		if (call_delete_meeting(db, events, ids[i], now_us) != CALL_DONE)
			return (-1);
		audit_add(audit, AUDIT_MEETING_DELETE)->meeting_id = ids[i];
	}
	return (0);
}

/* The rooms hear it of the person that there is from now on. */
static int
erase_places(struct db *db, struct event_list *events, const struct person *nobody)
{
	int64_t	*ids;
	size_t	 n;

	if (rows_ids(events->arena, db_query(db, sql[PLACES], DB_INT(nobody->id)), &ids, &n) == -1)
		return (-1);
	for (size_t i = 0; i < n; i++) {
		if (store_meeting_remove_participant(db, ids[i], nobody->id) != 1)
			return (-1);
		tell_participant_removed(events, ids[i], nobody);
	}
	return (0);
}

/* By the e-mail address as it still is. */
static int
erase_traces(struct db *db, int64_t user_id)
{
	static const int	queries[] = { LOGINS, REPLIES, FAILURES, KNOWN, BANS };

	for (size_t i = 0; i < COUNTOF(queries); i++)
		if (db_exec(db, sql[queries[i]], DB_INT(user_id)) == -1)
			return (-1);
	if (identity_erase(db, user_id) == -1)
		return (-1);
	return (store_audit_forget(db, user_id));
}

static void
erase_hide_origins(struct audit_list *audit)
{
	for (struct audit *row = audit->first; row != NULL; row = row->next)
		row->origin = "erased";
}
