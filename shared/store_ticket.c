#include "store_ticket.h"

enum { ADD, BURN, PURGE };

static const char *const sql[] = {
	[ADD]	= "INSERT INTO ticket (hash, user_id, login_id, meeting_id, expires_at) VALUES ($1, $2, $3, $4, $5)",
	[BURN]	= "DELETE FROM ticket WHERE hash = $1 RETURNING user_id, login_id, meeting_id, expires_at",
	[PURGE]	= ("DELETE FROM ticket WHERE hash IN"
		  " (SELECT hash FROM ticket WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)"),
};

int
store_ticket_issue(struct db *db, const struct ticket *ticket, char text_r[TICKET_SIZE])
{
	char	text[TICKET_SIZE], hash[DIGEST_SHA256_SIZE];

	ticket_make(text);
	if (!ticket_hash(text, TICKET_CHARS, hash) ||
	    db_exec(db, sql[ADD], DB_TEXT(hash), DB_INT(ticket->user_id), DB_INT(ticket->login_id),
	    DB_INT(ticket->meeting_id), DB_INT(ticket->expires_at)) == -1)
		return (-1);
	for (size_t i = 0; i < sizeof(text); i++)
		text_r[i] = text[i];
	return (0);
}

int
store_ticket_burn(struct db *db, const char *text, size_t n, int64_t meeting_id, int64_t now_us,
    struct ticket *ticket_r)
{
	struct ticket	 ticket = { 0 };
	struct db_stmt	*st;
	char		 hash[DIGEST_SHA256_SIZE];
	int		 rc;

	if (!ticket_hash(text, n, hash))
		return (0);
	st = db_query(db, sql[BURN], DB_TEXT(hash));
	if ((rc = db_step(st)) == 1) {
		ticket.user_id = db_int(st, 0);
		ticket.login_id = db_int(st, 1);
		ticket.meeting_id = db_int(st, 2);
		ticket.expires_at = db_int(st, 3);
	}
	db_done(st);
	if (rc != 1)
		return (rc);
	if (ticket.meeting_id != meeting_id || ticket.expires_at <= now_us)
		return (0);
	*ticket_r = ticket;
	return (1);
}

int64_t
store_ticket_purge(struct db *db, int64_t now_us, size_t limit)
{
	return (db_exec(db, sql[PURGE], DB_INT(now_us), DB_INT((int64_t)limit)));
}
