#include "log.h"
#include "upgrade.h"
#include "wire.h"

static const char	*refusal(struct hub *, const struct upgrade *);

const char *
upgrade_refusal(struct hub *hub, const struct upgrade *upgrade)
{
	const char *reply = refusal(hub, upgrade);

	if (reply != NULL)
		metric_add(&hub->tally.upgrades_refused[reply == wire_busy() ? TALLY_UPGRADE_LIMITED :
		    TALLY_UPGRADE_BAD], 1);
	return reply;
}

/* Pages from elsewhere count as attempts: they come from their visitors' addresses. */
static const char *
refusal(struct hub *hub, const struct upgrade *upgrade)
{
	const char *reply = wire_upgrade(upgrade->get, upgrade->version, upgrade->key);

	if (reply != NULL)
		return reply;
	if (limit_attempt(&hub->addresses, upgrade->address, hub->now_us) != LIMIT_ALLOWED) {
		log_info("refuse", LOG_ADDRESS(upgrade->address), LOG_INT("code", 429),
		    LOG_TEXT("reason", "rate_limited"));
		return wire_busy();
	}
	if (cors_judge(hub->conf, upgrade->named ? upgrade->origin : NULL, upgrade->host) == CORS_REFUSED) {
		log_info("refuse", LOG_ADDRESS(upgrade->address), LOG_INT("code", 403),
		    LOG_TEXT("reason", "origin_refused"), LOG_TEXT("origin", upgrade->origin));
		return wire_stranger();
	}
	return NULL;
}
