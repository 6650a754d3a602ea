#include "clock.h"
#include "event.h"
#include "purge.h"
#include "store_audit.h"
#include "store_call.h"
#include "store_delivery.h"
#include "store_idem.h"
#include "store_login.h"
#include "store_ticket.h"
#include "store_webhook.h"

#define ROWS		50	/* deleted between two looks at the clock: a millisecond's worth */
#define REPLY_KEEP	(24 * 60 * 60 * US_PER_S)	/* docs/PROTOCOL.md: Idempotency-Key */

static int64_t	delete_deliveries(struct db *db, int64_t before_us, size_t rows);
static int64_t	before(int64_t now_us, int64_t keep_us);

/* About so many of those that are older; how many there were, or -1. */
static const struct {
	const char	*name;
	int64_t		(*delete)(struct db *db, int64_t before_us, size_t rows);
	int		weight;	/* of a row: one with a body is pages to write */
} tables[PURGE_TABLES] = {
	[PURGE_TICKETS]		= { "tickets", store_ticket_purge, 1 },
	[PURGE_LOGINS]		= { "logins", store_login_purge_expired, 1 },
	[PURGE_SESSIONS]	= { "sessions", store_login_purge_ended, 1 },
	[PURGE_REPLIES]		= { "replies", store_idem_purge, 10 },
	[PURGE_EVENTS]		= { "events", event_purge, 10 },
	[PURGE_CALLS]		= { "calls", store_call_purge, 1 },
	[PURGE_AUDIT]		= { "audit", store_audit_purge, 1 },
	[PURGE_DELIVERIES]	= { "deliveries", delete_deliveries, 10 },
};

void
purge_plan(struct purge *purge, const struct conf *conf, int64_t now_us)
{
	*purge = (struct purge){ .more = false };
	purge->before_us[PURGE_TICKETS] = now_us;
	purge->before_us[PURGE_LOGINS] = now_us;
	purge->before_us[PURGE_SESSIONS] = before(now_us, conf->session_keep);
	purge->before_us[PURGE_REPLIES] = now_us - REPLY_KEEP;
	purge->before_us[PURGE_EVENTS] = now_us - conf->event_keep;
	purge->before_us[PURGE_CALLS] = before(now_us, conf->call_keep);
	purge->before_us[PURGE_AUDIT] = before(now_us, conf->audit_keep);
	purge->before_us[PURGE_DELIVERIES] = now_us - conf->webhook_keep;
}

/* unio-hookd does so as well, where it runs: whoever has the lock first. */
static int64_t
delete_deliveries(struct db *db, int64_t before_us, size_t rows)
{
	int64_t	deleted = store_webhook_purge(db, rows);

	return (deleted != 0 ? deleted : store_delivery_purge(db, before_us, rows));
}

static int64_t
before(int64_t now_us, int64_t keep_us)
{
	return (keep_us != 0 ? MAX(now_us - keep_us, 0) : 0);
}

int
purge_step(struct db *db, struct purge *purge, int64_t budget_us)
{
	int64_t	until_us = clock_mono_us() + budget_us;
	int64_t	deleted, weight = 0;

	purge->more = false;
	for (size_t i = 0; i < PURGE_TABLES && !purge->more; i++) {
		if (purge->before_us[i] == 0)
			continue;
		do {
			if ((deleted = tables[i].delete(db, purge->before_us[i], ROWS)) == -1)
				return (-1);
			purge->deleted[i] += deleted;
			weight += deleted * tables[i].weight;
			/* where nothing is left the next one is looked at in any case: each step gets further */
			purge->more = deleted > 0 && (weight >= PURGE_STEP_ROWS || clock_mono_us() >= until_us);
		} while (deleted > 0 && !purge->more);
	}
	return (0);
}

const char *
purge_table_name(enum purge_table table)
{
	return (tables[table].name);
}
