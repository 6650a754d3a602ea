#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "digest.h"
#include "sizes.h"
#include "store_guess.h"

#define NAME_MAX	(LIMIT_EMAIL + 2)

enum { GET, PUT, IS_KNOWN, KNOW, FORGET, PURGE };

static const char *const sql[] = {
	[GET]		= "SELECT failures, failed_at FROM login_limit WHERE slot = $1",
	[PUT]		= "INSERT INTO login_limit (slot, failures, failed_at) VALUES ($1, $2, $3)"
			  " ON CONFLICT (slot) DO UPDATE SET failures = $2, failed_at = $3",
	[IS_KNOWN]	= "SELECT 1 FROM login_known WHERE user_id = $1 AND place = $2 AND used_at > $3",
	[KNOW]		= "INSERT INTO login_known (user_id, place, used_at) VALUES ($1, $2, $3)"
			  " ON CONFLICT (user_id, place) DO UPDATE SET used_at = $3",
	[FORGET]	= "DELETE FROM login_known WHERE user_id = $1 AND place NOT IN"
			  " (SELECT place FROM login_known WHERE user_id = $1 ORDER BY used_at DESC LIMIT $2)",
	[PURGE]		= "DELETE FROM login_limit WHERE slot IN"
			  " (SELECT slot FROM login_limit WHERE failed_at <= $1 ORDER BY failed_at LIMIT $2)",
};

static int64_t	slot_of(enum store_guess_kind kind, const char *name);
static void	place_of(char place_r[DIGEST_SHA256_SIZE], int64_t user_id, const char *address);

int
store_guess_count(struct db *db, enum store_guess_kind kind, const char *name, int64_t forget_us, int64_t now_us,
    int64_t *failures_r, int64_t *failed_us_r)
{
	struct db_stmt	*st = db_query(db, sql[GET], DB_INT(slot_of(kind, name)));
	int64_t		 failures = 0, failed_us = 0;
	int		 rc = db_step(st);

	if (rc == 1) {
		failed_us = db_int(st, 1);
		failures = MAX(db_int(st, 0) - MAX(now_us - failed_us, 0) / MAX(forget_us, 1), 0);
	}
	db_done(st);
	if (rc == -1)
		return (-1);
	*failures_r = failures;
	*failed_us_r = failures > 0 ? failed_us : 0;
	return (0);
}

int
store_guess_add(struct db *db, enum store_guess_kind kind, const char *name, int64_t forget_us, int64_t now_us)
{
	int64_t	failures, failed_us;

	if (store_guess_count(db, kind, name, forget_us, now_us, &failures, &failed_us) == -1)
		return (-1);
	return (db_exec(db, sql[PUT], DB_INT(slot_of(kind, name)), DB_INT(failures + 1), DB_INT(now_us)) == -1 ?
	    -1 : 0);
}

int
store_guess_is_known(struct db *db, int64_t user_id, const char *address, int64_t since_us)
{
	char	place[DIGEST_SHA256_SIZE];
	int64_t	one;

	place_of(place, user_id, address);
	return (db_one_int(db_query(db, sql[IS_KNOWN], DB_INT(user_id), DB_TEXT(place), DB_INT(since_us)), &one));
}

int
store_guess_know(struct db *db, int64_t user_id, const char *address, int64_t now_us)
{
	char	place[DIGEST_SHA256_SIZE];

	place_of(place, user_id, address);
	if (db_exec(db, sql[KNOW], DB_INT(user_id), DB_TEXT(place), DB_INT(now_us)) == -1 ||
	    db_exec(db, sql[FORGET], DB_INT(user_id), DB_INT(STORE_GUESS_PLACES)) == -1)
		return (-1);
	return (0);
}

int64_t
store_guess_purge(struct db *db, int64_t before_us, size_t limit)
{
	return (db_exec(db, sql[PURGE], DB_INT(before_us), DB_INT((int64_t)limit)));
}

/* By the name in lower case, as the database compares e-mail addresses. */
static int64_t
slot_of(enum store_guess_kind kind, const char *name)
{
	char	folded[NAME_MAX], digest[DIGEST_SHA256_SIZE];
	size_t	n = 0;

	for (; n < sizeof(folded) && name[n] != '\0'; n++)
		folded[n] = (char)tolower((unsigned char)name[n]);
	digest_sha256(digest, folded, n);
	digest[8] = '\0';
	return ((int64_t)(strtoul(digest, NULL, 16) % STORE_GUESS_SLOTS) + (int64_t)kind * STORE_GUESS_SLOTS);
}

/* Not the address itself: whoever reads the database need not learn where somebody lives. */
static void
place_of(char place_r[DIGEST_SHA256_SIZE], int64_t user_id, const char *address)
{
	char	text[LIMIT_ADDRESS + 24];
	int	n = snprintf(text, sizeof(text), "%lld %s", (long long)user_id, address);

	digest_sha256(place_r, text, (size_t)n);
}
